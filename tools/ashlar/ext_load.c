// SPDX-License-Identifier: GPL-2.0-only
/*
 * "ext load", "ext unload" and "ext upgrade". A module is loaded as every module
 * is; a copy of its file is left in EXT_DIR, because what lies under its path
 * may be another build by the time its debugging information is asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ext.h"
#include "words.h"

#define A(set, name) ASHLAR_EXT_A_##set##_##name
#define CMD(name) ASHLAR_EXT_CMD_##name

static void copy_path(char *path, size_t size, const char *module)
{
	snprintf(path, size, EXT_DIR "/%s.ko", module);
}

/* That the copy fails is no reason not to load: reports then ask for the file. */
static void copy_leave(const struct ext_file *file)
{
	char path[128], temp[136];
	bool whole;
	int fd;

	mkdir("/run/ashlar", 0755);
	mkdir(EXT_DIR, 0755);
	copy_path(path, sizeof(path), file->name);
	snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	whole = write(fd, file->data, file->size) == (ssize_t)file->size;
	close(fd);
	if (!whole || rename(temp, path))
		unlink(temp);
}

/* What the load gate says about a module that it has refused just now, or NULL. */
static json_t *veto_of(const char *module)
{
	json_t *vetoes = NULL, *veto, *found = NULL;
	size_t i;

	if (!sock_loaded(&ext_veto_object) ||
	    ext_dump(&ext_veto_object, CMD(VETO_GET), 0, NULL, 0, &vetoes))
		return NULL;
	json_array_foreach(vetoes, i, veto)
		if (cell_is(veto, "module", module) &&
		    cell_number(veto, "age-ms") < 10000) {
			found = json_incref(veto);
			break;
		}
	json_decref(vetoes);
	return found;
}

static int explain_load(const struct ext_file *file, const char *path, int err)
{
	json_t *veto;
	int status;

	if (err == EEXIST)
		return refused("\"%s\": %s is loaded already", path, file->name);
	if (err == EPERM && geteuid())
		return refused("\"%s\": loading takes root", path);
	veto = veto_of(file->name);
	if (veto)
		status = refused("\"%s\": the load gate refuses it: %s", path,
				 cell_word(veto, "reason"));
	else if (err == ENOENT)
		status = refused("\"%s\": it asks for what is no part of ext.h, or the module is not loaded: modprobe ashlar_ext; see dmesg",
				 path);
	else
		status = refused("\"%s\": %s; see dmesg", path, strerror(err));
	json_decref(veto);
	return status;
}

/* @again: it does not matter if it is there already */
static int load(const struct ext_file *file, const char *path, bool again)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return misuse("\"%s\": %s", path, strerror(errno));
	if (syscall(SYS_finit_module, fd, "", 0))
		err = errno;
	close(fd);
	if (err && !(again && err == EEXIST))
		return explain_load(file, path, err);
	copy_leave(file);
	return STATUS_OK;
}

int ext_load_run(int argc, char **argv)
{
	struct ext_file file;
	int status;

	if (argc < 1)
		return misuse("\"FILE\" is missing: see \"ashlar help ext load\"");
	if (argc > 1)
		return misuse("\"%s\": ext load knows no such key", argv[1]);
	status = ext_file_read(&file, argv[0]);
	if (status)
		return status;
	/* Without the shim the module's imports cannot be resolved. */
	status = sock_open(&ext_object);
	if (!status)
		status = load(&file, argv[0], false);
	ext_file_free(&file);
	return status;
}

static int unload(const char *module)
{
	char path[128];

	if (syscall(SYS_delete_module, module, O_NONBLOCK)) {
		if (errno == EWOULDBLOCK || errno == EBUSY)
			return refused("%s: an instance uses it: \"ashlar ext show all\" tells where; detach or revoke it",
				       module);
		return refused("%s: %s", module, strerror(errno));
	}
	copy_path(path, sizeof(path), module);
	unlink(path);
	return STATUS_OK;
}

int ext_unload_run(int argc, char **argv)
{
	struct words words = { argc, argv };
	const char *name, *build = NULL;
	json_t *exts = NULL, *ext;
	int status, n = 0;
	size_t i;

	if (!argc)
		return misuse("\"NAME\" is missing: see \"ashlar help ext unload\"");
	name = argv[0];
	words.argc--;
	words.argv++;
	while (words.argc) {
		if (!words_key_is(&words, "build"))
			return misuse("\"%s\": ext unload knows no such key",
				      words.argv[0]);
		status = words_value(&words, &build);
		if (status)
			return status;
	}
	status = ext_dump(&ext_object, CMD(EXT_GET), 0, NULL, 0, &exts);
	json_array_foreach(exts, i, ext) {
		if (status || strcmp(cell_word(ext, "name"), name) ||
		    (build && strcmp(cell_word(ext, "build"), build)))
			continue;
		n++;
		status = unload(cell_word(ext, "module"));
	}
	json_decref(exts);
	if (!status && !n)
		return refused("\"%s\": no such extension is loaded", build ? build : name);
	return status;
}

/* The build of a module that is loaded. */
static int build_of(const char *module, char *build, size_t size)
{
	json_t *exts = NULL, *ext;
	int status;
	size_t i;

	status = ext_dump(&ext_object, CMD(EXT_GET), 0, NULL, 0, &exts);
	*build = 0;
	json_array_foreach(exts, i, ext)
		if (cell_is(ext, "module", module))
			snprintf(build, size, "%s", cell_word(ext, "build"));
	json_decref(exts);
	if (!status && !*build)
		return refused("\"%s\": loaded, and no extension", module);
	return status;
}

static int load_for_upgrade(const char *path, char *build, size_t size)
{
	struct ext_file file;
	int status = ext_file_read(&file, path);

	if (status)
		return status;
	status = sock_open(&ext_object);
	if (!status)
		status = load(&file, path, true);
	if (!status)
		status = build_of(file.name, build, size);
	ext_file_free(&file);
	return status;
}

int ext_upgrade_run(int argc, char **argv)
{
	static const struct arg args[] = {
		{ .value = "NAME", .put = put_string, .attr = A(INSTANCE, NAME),
		  .need = true },
		{ .value = "FILE|BUILD", .put = put_local, .need = true },
		{ .key = "trial", .value = "TIME", .put = put_msecs,
		  .attr = A(INSTANCE, TRIAL_MS) },
		{},
	};
	static const struct verb verb = { .name = "upgrade", .args = args };
	struct request req;
	char build[64];
	int status;

	sock_request(&req, &ext_instance_object, CMD(INSTANCE_UPGRADE),
		     NLM_F_ACK);
	status = parse_args(&req, &verb, argc, argv);
	if (status)
		return status;
	snprintf(build, sizeof(build), "%.63s", argv[1]);
	if (strchr(argv[1], '/') || strstr(argv[1], ".ko"))
		status = load_for_upgrade(argv[1], build, sizeof(build));
	if (!status)
		status = sock_open(&ext_object);
	if (status)
		return status;
	mnl_attr_put_strz(req.nlh, A(INSTANCE, BUILD), build);
	sock_address(&req);
	return sock_change(&req);
}

// SPDX-License-Identifier: GPL-2.0-only
/* What is read from a module's file: its name, and where a symbol is. */
#include <linux/elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ext.h"

#define FILE_MAX	(64 << 20)

/* Every access to the file's content: NULL if it is not all there. */
static const void *at(const struct ext_file *file, uint64_t offset, uint64_t size)
{
	if (offset > file->size || size > file->size - offset)
		return NULL;
	return file->data + offset;
}

static const struct elf64_shdr *section(const struct ext_file *file, unsigned int index)
{
	const struct elf64_hdr *head = at(file, 0, sizeof(*head));

	if (!head || index >= head->e_shnum ||
	    head->e_shentsize != sizeof(struct elf64_shdr))
		return NULL;
	return at(file, head->e_shoff + (uint64_t)index * sizeof(struct elf64_shdr),
		  sizeof(struct elf64_shdr));
}

/* A string of a section of strings, or NULL. */
static const char *string(const struct ext_file *file, const struct elf64_shdr *strings,
			  uint64_t offset)
{
	const char *text;

	if (!strings || offset >= strings->sh_size)
		return NULL;
	text = at(file, strings->sh_offset, strings->sh_size);
	if (!text || !memchr(text + offset, 0, strings->sh_size - offset))
		return NULL;
	return text + offset;
}

static const char *section_name(const struct ext_file *file,
				const struct elf64_shdr *which)
{
	const struct elf64_hdr *head = at(file, 0, sizeof(*head));

	return string(file, section(file, head->e_shstrndx), which->sh_name);
}

static void read_name(struct ext_file *file)
{
	const struct elf64_shdr *which;
	const char *name, *text;
	unsigned int i;
	uint64_t k;

	for (i = 0; (which = section(file, i)); i++) {
		name = section_name(file, which);
		if (name && !strcmp(name, ".modinfo"))
			break;
	}
	for (k = 0; which && (text = string(file, which, k));
	     k += strlen(text) + 1)
		if (!strncmp(text, "name=", 5))
			snprintf(file->name, sizeof(file->name), "%.63s",
				 text + 5);
}

bool ext_file_symbol(const struct ext_file *file, const char *symbol,
		     char *name, size_t size, uint64_t *value)
{
	const struct elf64_shdr *table, *home;
	const struct elf64_sym *sym;
	const char *text;
	unsigned int i;
	uint64_t k;

	for (i = 0; (table = section(file, i)); i++)
		if (table->sh_type == SHT_SYMTAB)
			break;
	if (!table || table->sh_entsize != sizeof(*sym))
		return false;
	for (k = 0; k < table->sh_size / sizeof(*sym); k++) {
		sym = at(file, table->sh_offset + k * sizeof(*sym), sizeof(*sym));
		text = sym ? string(file, section(file, table->sh_link),
				    sym->st_name) : NULL;
		if (!text || strcmp(text, symbol))
			continue;
		home = section(file, sym->st_shndx);
		text = home ? section_name(file, home) : NULL;
		if (!text)
			return false;
		snprintf(name, size, "%s", text);
		*value = sym->st_value;
		return true;
	}
	return false;
}

static bool read_bytes(struct ext_file *file, int fd)
{
	ssize_t n = 1;
	size_t have = 0;

	while (have < file->size && n > 0) {
		n = read(fd, file->data + have, file->size - have);
		if (n > 0)
			have += n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	return have == file->size;
}

int ext_file_read(struct ext_file *file, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const struct elf64_hdr *head;
	struct stat st;

	memset(file, 0, sizeof(*file));
	if (fd < 0 || fstat(fd, &st)) {
		if (fd >= 0)
			close(fd);
		return misuse("\"%s\": %s", path, strerror(errno));
	}
	if (S_ISREG(st.st_mode) && st.st_size <= FILE_MAX) {
		file->size = st.st_size;
		file->data = malloc(file->size + 1);
		if (!file->data || !read_bytes(file, fd))
			file->size = 0;
	}
	close(fd);
	head = at(file, 0, sizeof(*head));
	if (head && !memcmp(head->e_ident, ELFMAG, SELFMAG) &&
	    head->e_ident[EI_CLASS] == ELFCLASS64)
		read_name(file);
	if (*file->name)
		return STATUS_OK;
	ext_file_free(file);
	return misuse("\"%s\": not a kernel module", path);
}

void ext_file_free(struct ext_file *file)
{
	free(file->data);
	memset(file, 0, sizeof(*file));
}

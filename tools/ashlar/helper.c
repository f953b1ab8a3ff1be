// SPDX-License-Identifier: GPL-2.0-only
/*
 * "link helper": does for ashlar_link what a module cannot do. It tells the
 * kernel every 10 seconds that it is there, listens for jobs, does them and
 * says what came of them. One line a job. It may be stopped and started at any
 * time: jobs that were asked for meanwhile are found when it starts, and what
 * it did is on file.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/ashlar_link.h>
#include <linux/genetlink.h>

#include "ashlar.h"
#include "helper.h"

#define A(name) ASHLAR_LINK_A_LINK_##name
#define CMD(name) ASHLAR_LINK_CMD_##name

#define REGISTER_MS	10000
#define STATE_DIR	"/run/ashlar"

static volatile sig_atomic_t stopped;

/**
 * struct helper - the service
 * @events: a socket for the kernel's notifications
 * @buf: what was received
 * @registered: when it told the kernel last, milliseconds
 * @watchdog: milliseconds between signs of life for the supervisor; 0 for none
 * @woken: the last of them
 * @last_job: number of the last job that was done
 */
static struct {
	struct mnl_socket *events;
	char buf[65536] attribute((__aligned__(8)));
	long long registered;
	long long watchdog;
	long long woken;
	uint32_t last_job;
} helper;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* What systemd understands; nothing without a supervisor. */
static void tell_supervisor(const char *text)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len;
	int fd;

	if (!path || !*path || strlen(path) >= sizeof(addr.sun_path))
		return;
	len = strlen(path);
	memcpy(addr.sun_path, path, len);
	/* "@" stands for the abstract namespace. */
	if (*path == '@')
		addr.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		   (struct sockaddr *)&addr,
		   offsetof(struct sockaddr_un, sun_path) + len) < 0)
		fprintf(stderr, "ashlar: the supervisor does not listen: %s\n",
			strerror(errno));
	close(fd);
}

static int tell_kernel(void)
{
	struct request req;

	sock_request(&req, &link_object, CMD(HELPER_SET), NLM_F_ACK);
	helper.registered = now_ms();
	return sock_change(&req);
}

/* False: the kernel waits for the job no more. */
static bool answer(int ifindex, uint32_t job, int err)
{
	struct request req;

	sock_request(&req, &link_object, CMD(JOB_DONE), NLM_F_ACK);
	mnl_attr_put_u32(req.nlh, A(IFINDEX), ifindex);
	mnl_attr_put_u32(req.nlh, A(JOB), job);
	mnl_attr_put_u32(req.nlh, A(JOB_ERROR), -err);
	return sock_change(&req) == STATUS_OK;
}

static void say(const char *device, const char *what, int err)
{
	printf("%s: %s: %s\n", device, what, err ? strerror(-err) : "done");
	fflush(stdout);
}

static uint32_t group_of(json_t *link)
{
	if (strcmp(cell_word(link, "group-kind"), "nexthop"))
		return 0;
	return cell_number(link, "group-id");
}

static void do_job(json_t *link)
{
	bool stay = cell_is(link, "on-leave", "stay");
	const char *device = cell_word(link, "device");
	const char *what = cell_word(link, "job-do");
	int ifindex = cell_number(link, "ifindex");
	uint32_t number = cell_number(link, "job");
	uint32_t group = group_of(link);
	int err;

	if (!number || number == helper.last_job)
		return;
	if (!strcmp(what, "drain"))
		err = deed_do(ifindex, device, DEED_DRAIN, group, stay);
	else if (!strcmp(what, "reweight"))
		err = deed_do(ifindex, device, DEED_REWEIGHT, group, stay);
	else if (!strcmp(what, "down"))
		err = deed_do(ifindex, device, DEED_DOWN, group, stay);
	else if (!strcmp(what, "return"))
		err = deed_undo(ifindex, group);
	else
		err = -EOPNOTSUPP;
	helper.last_job = number;
	say(device, what, err);
	/* Too late: the ladder counts the link as in service. */
	if (!answer(ifindex, number, err) && !err && strcmp(what, "return"))
		say(device, "too late: return", deed_undo(ifindex, group));
}

/* The link is not monitored any more: it comes back, unless it is to stay. */
static void link_gone(int ifindex)
{
	const struct deed *deed = deed_of(ifindex);
	char device[IF_NAMESIZE];

	if (!deed || deed->stay)
		return;
	memcpy(device, deed->device, sizeof(device));
	say(device, "not monitored any more: return",
	    deed_undo(ifindex, deed->group));
}

/* The module is gone, and its links: what is not to stay comes back. */
static int undo_all(void)
{
	const struct deed *deed;
	char device[IF_NAMESIZE];
	unsigned int n;
	int err;

	for (n = 0; (deed = deed_at(n));) {
		if (deed->stay) {
			n++;
			continue;
		}
		memcpy(device, deed->device, sizeof(device));
		err = deed_undo(deed->ifindex, deed->group);
		say(device, "the module is gone: return", err);
		if (err)
			break;
	}
	return refused("the module is gone");
}

/* The controller tells of families that come and go. */
static bool module_goes(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if (nlh->nlmsg_type != GENL_ID_CTRL || genl->cmd != CTRL_CMD_DELFAMILY)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(*genl))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_NAME &&
		    !strcmp(mnl_attr_get_str(attr), link_object.family->name))
			return true;
	return false;
}

static int event(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const char *what;
	json_t *link;

	if (module_goes(nlh))
		return undo_all();
	if (!sock_family(nlh->nlmsg_type) || genl->cmd != CMD(LINK_NTF))
		return STATUS_OK;
	link = decode(link_object.set, nlh);
	what = cell_word(link, "event");
	if (!strcmp(what, "job"))
		do_job(link);
	else if (!strcmp(what, "del"))
		link_gone(cell_number(link, "ifindex"));
	json_decref(link);
	return STATUS_OK;
}

/* All links, by JSON; NULL if the kernel does not answer. */
static json_t *links_get(void)
{
	struct answer got = {};
	const struct nlmsghdr *nlh;
	json_t *links = NULL;
	struct request req;
	size_t at;

	sock_request(&req, &link_object, CMD(LINK_GET), NLM_F_DUMP);
	if (!sock_show(&req, &got))
		links = json_array();
	for (at = 0; links && at < got.len; at += MNL_ALIGN(nlh->nlmsg_len)) {
		nlh = (const struct nlmsghdr *)(got.data + at);
		json_array_append_new(links, decode(link_object.set, nlh));
	}
	free(got.data);
	return links;
}

static json_t *link_of(json_t *links, int ifindex)
{
	json_t *link;
	size_t i;

	json_array_foreach(links, i, link)
		if (cell_number(link, "ifindex") == ifindex)
			return link;
	return NULL;
}

/* Is a deed still what the kernel wants? */
static bool is_wanted(json_t *links, const struct deed *deed)
{
	json_t *link = link_of(links, deed->ifindex);

	if (!link)
		return deed->stay;
	return strcmp(cell_word(link, "state"), "watch");
}

/* What happened while nobody listened. */
static int catch_up(void)
{
	json_t *links = links_get(), *link;
	const struct deed *deed;
	char device[IF_NAMESIZE];
	unsigned int n;
	size_t i;
	int err;

	if (!links)
		return STATUS_REFUSED;
	json_array_foreach(links, i, link)
		do_job(link);
	for (n = 0; (deed = deed_at(n));) {
		if (is_wanted(links, deed)) {
			n++;
			continue;
		}
		memcpy(device, deed->device, sizeof(device));
		err = deed_undo(deed->ifindex, deed->group);
		say(device, "not wanted any more: return", err);
		/* One that failed is the last in the list now. */
		if (err)
			break;
	}
	json_decref(links);
	return STATUS_OK;
}

static int take_events(void)
{
	const struct nlmsghdr *nlh;
	int status = STATUS_OK, len;
	ssize_t n;

	n = mnl_socket_recvfrom(helper.events, helper.buf, sizeof(helper.buf));
	if (n < 0 && errno == ENOBUFS) {
		puts("events were lost");
		return catch_up();
	}
	if (n < 0)
		return errno == EINTR ? STATUS_OK :
		       refused("netlink: receive: %s", strerror(errno));
	nlh = (const struct nlmsghdr *)helper.buf;
	for (len = n; !status && mnl_nlmsg_ok(nlh, len);
	     nlh = mnl_nlmsg_next(nlh, &len))
		status = event(nlh);
	return status;
}

static int work(void)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(helper.events), .events = POLLIN };
	long long due = helper.registered + REGISTER_MS, left;
	struct timespec timeout;
	sigset_t none;
	int n;

	if (helper.watchdog && helper.woken + helper.watchdog < due)
		due = helper.woken + helper.watchdog;
	left = due - now_ms();
	left = left > 0 ? left : 0;
	timeout.tv_sec = left / 1000;
	timeout.tv_nsec = left % 1000 * 1000000;
	sigemptyset(&none);
	/* Signals come in here alone, and never into a job. */
	n = ppoll(&fd, 1, &timeout, &none);
	if (n < 0 && errno != EINTR)
		return refused("poll: %s", strerror(errno));
	if (helper.watchdog && now_ms() >= helper.woken + helper.watchdog) {
		helper.woken = now_ms();
		tell_supervisor("WATCHDOG=1");
	}
	if (now_ms() >= helper.registered + REGISTER_MS && tell_kernel())
		return STATUS_REFUSED;
	return n > 0 ? take_events() : STATUS_OK;
}

static void signals_hold(void)
{
	struct sigaction action = { .sa_handler = stop };
	sigset_t held;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, NULL);
}

static int serve(const char *path)
{
	const char *watchdog = getenv("WATCHDOG_USEC");
	int group = GENL_ID_CTRL;
	int err, status;

	err = nexthop_open();
	if (!err)
		err = deeds_load(path);
	if (err)
		return refused("\"%s\": %s", path, strerror(-err));
	helper.watchdog = watchdog ? atoll(watchdog) / 2000 : 0;
	helper.events = sock_listen();
	if (!helper.events)
		return STATUS_REFUSED;
	mnl_socket_setsockopt(helper.events, NETLINK_ADD_MEMBERSHIP, &group,
			      sizeof(group));
	signals_hold();
	status = tell_kernel();
	if (!status)
		status = catch_up();
	if (!status)
		tell_supervisor("READY=1");
	while (!status && !stopped)
		status = work();
	tell_supervisor("STOPPING=1");
	mnl_socket_close(helper.events);
	nexthop_close();
	return status;
}

/* Of this network namespace: there may be a helper in each. */
static int state_default(char *path, size_t size)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st))
		return refused("/proc/self/ns/net: %s", strerror(errno));
	if (mkdir(STATE_DIR, 0755) && errno != EEXIST)
		return refused("%s: %s", STATE_DIR, strerror(errno));
	snprintf(path, size, STATE_DIR "/helper-%llu",
		 (unsigned long long)st.st_ino);
	return STATUS_OK;
}

int helper_run(int argc, char **argv)
{
	char path[4000];
	int status;

	if (argc && strcmp(argv[0], "state"))
		return misuse("\"%s\": link helper knows no such key", argv[0]);
	if (argc == 1)
		return misuse("\"state\": FILE is missing");
	if (argc > 2)
		return misuse("\"%s\": link helper takes no more words", argv[2]);
	status = sock_open(&link_object);
	if (status)
		return status;
	if (argc) {
		if (strlen(argv[1]) >= sizeof(path))
			return misuse("\"%.20s...\": too long", argv[1]);
		strcpy(path, argv[1]);
	} else {
		status = state_default(path, sizeof(path));
	}
	return status ? status : serve(path);
}

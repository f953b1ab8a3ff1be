/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The objects of ashlar_link, who owns them, and which lock covers what.
 *
 *   rtnl           a device's slow readings, bonds; links come and go under it
 *     ln_mutex     configuration, lists, groups, topology, tickets, and every
 *                  decision of the ladder, so that a guard that was checked
 *                  stays true until what it allowed is announced. Process
 *                  context. Never take rtnl under it, nor touch a bond: that
 *                  calls the netdevice notifier, which takes it.
 *       link->lock evidence, peer, ladder and history of one link, as others
 *                  read them; BH, a leaf
 *
 * A link is on host->links (RCU), has a reference of that list, and holds its
 * device. ln_link_remove() takes it off and stops its work; the device goes
 * then, the memory after a grace period with the last reference. Heartbeats
 * arrive in softirq under RCU. The tick goes through the links under RCU; the
 * slow work holds a reference on the one it is at, and rtnl.
 *
 * The netdevice notifier holds rtnl and takes ln_mutex: whoever holds ln_mutex
 * must not wait for rtnl, a device or a module's memory.
 */
#ifndef ASHLAR_LINK_LINK_H
#define ASHLAR_LINK_LINK_H

#include <linux/etherdevice.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "beat.h"
#include "counter.h"
#include "detect.h"
#include "ladder.h"
#include "optics.h"
#include "repair.h"
#include "source.h"
#include "stats.h"

struct ln_topo;

#define LN_KEY_LEN		16
#define LN_COMPONENT_LEN	32
#define LN_HISTORY		64	/* entries of the ring */
#define LN_WINDOW		1024U	/* numbers of heartbeats that are remembered */
/* What comes no later than this after a younger number was not lost. */
#define LN_LATE			HZ

extern struct mutex ln_mutex;
extern struct workqueue_struct *ln_wq;

/* Which direction of a link: as seen from here. */
enum ln_dir {
	LN_RX,	/* what this end receives */
	LN_TX,	/* what the other end receives, as it tells */
	LN_DIRS,
};

/* A kind of evidence; each has trials of its own unit and a test of its own. */
enum ln_stream {
	LN_FCS,		/* frames, and frame check sequence errors */
	LN_FEC,		/* codewords, and uncorrectable ones */
	LN_PROBE,	/* heartbeats and probes expected, and missing ones */
	LN_STREAMS,
};

/**
 * struct ln_link_cfg - what the operator says of a link
 * @ifindex: its device
 * @action: the highest rung that is allowed
 * @detect: error bounds of the tests, made by ln_link_cfg_detect()
 * @bound: the operator's: false isolations per 10^6 link-years; each test of the link has its part
 * @ladder: patience
 * @keep: so many members of the group must be left in service
 * @nh_group: nexthop group that the device carries; 0 for none. A bond is found by itself
 * @sample_ms: between looks at the netdev counters
 * @slow_ms: between readings of MAC, PHY and FEC statistics
 * @optics_ms: between readings of the module
 * @beat_ms: between heartbeats
 * @probe_pps: probes per second while drained
 * @probe_len: length of a probe, as Ethernet payload; 0 for the device's MTU
 * @history_s: seconds in an entry of the history
 * @alone: there is no module at the other end
 * @keep_drained: what was drained stays out when the module or the link goes
 * @keyed: @key is set
 * @key: authenticates heartbeats, the same at both ends
 * @component: links with the same word share a card, breakout or switch; may be empty
 * @topo_link: the link's name in the topology; may be empty
 */
struct ln_link_cfg {
	int ifindex;
	enum ln_action action;
	struct ln_detect_cfg detect;
	u32 bound;
	struct ln_ladder_cfg ladder;
	u32 keep;
	u32 nh_group;
	u32 sample_ms;
	u32 slow_ms;
	u32 optics_ms;
	u32 beat_ms;
	u32 probe_pps;
	u32 probe_len;
	u32 history_s;
	bool alone;
	bool keep_drained;
	bool keyed;
	siphash_key_t key;
	char component[LN_COMPONENT_LEN];
	char topo_link[LN_COMPONENT_LEN];
};

/* Places in the sets of counters below. */
enum {
	LN_NETDEV_FRAMES,	/* those with errors left out */
	LN_NETDEV_CRC,
	LN_NETDEV_DROPS,
	LN_NETDEV_N
};

enum {
	LN_MAC_FRAMES,		/* the same */
	LN_MAC_FCS,
	LN_MAC_N
};

enum {
	LN_FEC_CORRECTED,
	LN_FEC_UNCORRECTABLE,
	LN_FEC_N
};

/**
 * struct ln_readings - what was read of a device last
 * @netdev: LN_NETDEV_*, by the tick
 * @mac: LN_MAC_*, by the slow work
 * @fec: LN_FEC_*, by the slow work
 * @clock: codewords
 * @fec_mode: enum ln_fec
 * @speed: Mb/s; 0 if not known
 * @tx_drops: on the way out, as last read
 * @crc_seen: rx_crc_errors was ever seen to be other than 0
 * @carriers: how often the carrier had changed
 * @slow_carriers: the same, when the slow work was here last
 * @unsettled: readings to come whose errors are no evidence, since the carrier changed
 * @congested: frames were dropped since the last heartbeat
 * @slow_ns: when the slow work was here last
 * @gaps_ns: when gaps were handed to the test last
 */
struct ln_readings {
	struct ln_counters netdev;
	struct ln_counters mac;
	struct ln_counters fec;
	struct ln_fec_clock clock;
	enum ln_fec fec_mode;
	u32 speed;
	u64 tx_drops;
	bool crc_seen;
	unsigned int carriers;
	unsigned int slow_carriers;
	u8 unsettled;
	bool congested;
	u64 slow_ns;
	u64 gaps_ns;
};

/**
 * struct ln_history - an entry of a link's ring
 * @ended: boot time, seconds; 0 for an unused entry
 * @frames: received, errors included
 * @fcs: frame check sequence errors
 * @codewords: received, as far as FEC tells
 * @fec: uncorrectable ones
 * @corrected: corrected ones
 * @beats: heartbeats and probes expected
 * @missing: those that did not arrive
 * @drops: congestion: dropped here for want of room
 * @verdict: of the rx direction at the end
 * @tx_verdict: of the tx direction
 */
struct ln_history {
	u64 ended;
	u64 frames;
	u64 fcs;
	u64 codewords;
	u64 fec;
	u64 corrected;
	u64 beats;
	u64 missing;
	u64 drops;
	u8 verdict;
	u8 tx_verdict;
};

/**
 * struct ln_peer - the other end, as its heartbeats tell; under link->lock
 * @heard: jiffies of the last believed frame; meaningless while !@seen
 * @seen: there was one
 * @trusted: it was authenticated with the link's key
 * @left: it said bye
 * @nonce: its incarnation, once it has shown that it is fresh; 0 for none
 * @seq: highest number seen under @nonce
 * @window: number n has arrived: its bit n % LN_WINDOW, of the last LN_WINDOW up to @seq
 * @challenge: our incarnation towards @nonce: what its heartbeats echo
 * @tx_seq: our last number under @challenge
 * @pending: our incarnation towards whoever echoes it first
 * @pending_seq: our last number under @pending
 * @answered: [@trusted] jiffies from which one more answer may be sent
 * @beats: frames received under @nonce
 * @first: numbers from here on are trials that are not decided yet
 * @resync: no number before the next frame's is one
 * @mark: number of a heartbeat at @marked; what is older may be decided
 * @marked: jiffies, at least LN_LATE ago when it is
 * @carriers: how often the carrier had changed at the last frame
 * @held_expected: trials since its last heartbeat, whose next may tell that it
 *	dropped frames for want of room
 * @held_missing: errors among them
 * @expected: trials of LN_PROBE not yet handed to the test
 * @missing: errors among them
 * @told: its last word
 * @said_drops: what our last heartbeat said of drops
 * @tx_beat: jiffies when our next heartbeat is due
 * @probed: ns up to which probes were sent
 * @refilled: jiffies of the last filling of @bucket
 * @bucket: how many frames of strangers may still be looked at this second
 */
struct ln_peer {
	unsigned long heard;
	bool seen;
	bool trusted;
	bool left;
	u64 nonce;
	u64 seq;
	u64 window[LN_WINDOW / 64];
	u64 challenge;
	u64 tx_seq;
	u64 pending;
	u64 pending_seq;
	unsigned long answered[2];
	u64 beats;
	u64 first;
	bool resync;
	u64 mark;
	unsigned long marked;
	unsigned int carriers;
	u64 held_expected;
	u64 held_missing;
	u64 expected;
	u64 missing;
	struct ln_beat told;
	u64 said_drops;
	unsigned long tx_beat;
	u64 probed;
	unsigned long refilled;
	u32 bucket;
};

/**
 * struct ln_todo - a link's open ticket, for who cannot take ln_mutex
 * @done: a repair was done, and it is not known yet whether it worked
 * @ticket: its number, 0 for none. Of two, that of the rx direction
 * @dir: enum ln_dir
 * @repair: enum ln_repair
 * @unsure: see struct ln_ticket
 */
struct ln_todo {
	bool done;
	u32 ticket;
	u8 dir;
	u8 repair;
	bool unsure;
};

/**
 * struct ln_link - a monitored link
 * @list: in @host->links (RCU, changed under ln_mutex)
 * @host: the namespace's
 * @ref: the list's, and whoever works on it without RCU
 * @rcu: freed after a grace period
 * @dev: held from add to remove; NULL'd never, but unregistered after remove
 * @tracker: of that reference
 * @gone: on its way out; no new work, no frames but goodbye. Written under ln_mutex and @lock
 * @cfg: under @lock; written under ln_mutex as well
 * @lock: see the head of the file
 * @tx_lock: held from taking a heartbeat's number until the frame is queued, so
 *	that numbers leave in order; BH; @lock is taken under it
 * @read: the last readings; under @lock
 * @support: enum ln_support of each stream, rx
 * @test: the test of each stream, rx
 * @blind: the streams that are no witnesses, until the link is in service again
 * @peer: the other end
 * @said: enum ln_verdict of both directions, as last notified
 * @was_fresh: as last notified: heartbeats arrive
 * @ladder: where the link is; written under ln_mutex and @lock
 * @group: enum ln_group_kind; under ln_mutex, and @lock to write
 * @group_id: ifindex of the bond, or number of the nexthop group. Kept while drained
 * @job: number of the request to the helper, 0 for none; as @ladder
 * @job_do: enum ln_do of it
 * @down: taken out by closing its device, which is the helper's to undo; rtnl
 * @job_error: what the helper, the device or the bond answered last, negative errno or 0
 * @job_done: the last one was carried out; the next step of the ladder takes note
 * @job_failed: it failed; the same
 * @want_out: the operator's wish; as @ladder
 * @want_in: the operator's wish
 * @force: the operator's wish is to be done without guard and agreement
 * @left: members of the group besides it, as the ladder's last step found them; as @ladder
 * @todo: its open ticket; written under ln_mutex and @lock
 * @violated: topology: name of the ToR that would fall under its share; or empty
 * @due: LN_DUE_*: what the slow work has to do; under @host->slow_lock
 * @slow: in @host->slow_queue
 * @next_sample: jiffies; tick only
 * @next_slow: jiffies; tick only
 * @next_optics: jiffies; tick only
 * @probe: sends probes while drained
 * @optics: the module's light; under @lock
 * @history: the ring; under @lock
 * @history_at: the entry that is being filled
 * @packet: receives heartbeats
 */
struct ln_link {
	struct list_head list;
	struct ln_host *host;
	refcount_t ref;
	struct rcu_head rcu;
	struct net_device *dev;
	netdevice_tracker tracker;
	bool gone;
	struct ln_link_cfg cfg;
	spinlock_t lock;
	spinlock_t tx_lock;

	struct ln_readings read;
	u8 support[LN_STREAMS];
	struct ln_detect test[LN_STREAMS];
	struct ln_detect_blind blind;
	struct ln_peer peer;
	u8 said[LN_DIRS];
	bool was_fresh;
	struct ln_ladder ladder;

	u8 group;
	int group_id;
	u32 job;
	u8 job_do;
	bool down;
	int job_error;
	bool job_done;
	bool job_failed;
	bool want_out;
	bool want_in;
	bool force;
	unsigned int left;
	struct ln_todo todo;
	char violated[LN_COMPONENT_LEN];

	unsigned long due;
	struct list_head slow;
	unsigned long next_sample;
	unsigned long next_slow;
	unsigned long next_optics;
	struct delayed_work probe;

	struct ln_optics optics;
	struct ln_history history[LN_HISTORY];
	unsigned int history_at;
	struct packet_type packet;
};

#define LN_DUE_SLOW	BIT(0)	/* read MAC, PHY and FEC statistics */
#define LN_DUE_OPTICS	BIT(1)	/* read the module */
#define LN_DUE_ACT	BIT(2)	/* take a step of the ladder */

/**
 * struct ln_host - what a network namespace has
 * @net: it
 * @id: tells hosts apart; random unless set
 * @links: the links (RCU, changed under ln_mutex)
 * @n_links: how many
 * @topo: the topology, or NULL; under ln_mutex
 * @tickets: repairs, newest first; under ln_mutex
 * @n_tickets: how many
 * @last_ticket: number of the newest
 * @last_job: number of the last request to a helper; under ln_mutex
 * @helper_portid: netlink port of the helper, 0 for none; under ln_mutex
 * @helper_heard: jiffies
 * @stats: counters
 * @generation: moved by every change of what dumps show
 * @stopping: no new work
 * @tick: samples, heartbeats, judges
 * @tick_due: jiffies when it is to run next, if @ticking; tick only
 * @ticking: it is to run again; tick only
 * @slow_work: readings under rtnl, steps of the ladder
 * @slow_lock: covers @slow_queue and the links' due; a leaf, BH
 * @slow_queue: links with something due
 * @backoff: how often in a row rtnl was busy; slow work only
 * @rtnl_max_ns: the longest hold of rtnl by this module
 * @accuracy: [enum ln_repair]: how many repairs were done, worked
 */
struct ln_host {
	struct net *net;
	u64 id;
	struct list_head links;
	unsigned int n_links;
	struct ln_topo *topo;
	struct list_head tickets;
	unsigned int n_tickets;
	u32 last_ticket;
	u32 last_job;
	u32 helper_portid;
	unsigned long helper_heard;
	struct ln_stats __percpu *stats;
	atomic_t generation;
	bool stopping;
	struct delayed_work tick;
	unsigned long tick_due;
	bool ticking;
	struct delayed_work slow_work;
	spinlock_t slow_lock;
	struct list_head slow_queue;
	unsigned int backoff;
	u64 rtnl_max_ns;
	struct {
		u32 done;
		u32 worked;
	} accuracy[LN_REPAIR_MAX];
};

/* Per namespace; the host is made when the first link is added. */
struct ln_net {
	struct net *net;
	struct ln_host __rcu *host;
};

/* The same values as in the netlink spec. */
enum ln_event {
	LN_EVENT_NEW,
	LN_EVENT_SET,
	LN_EVENT_DEL,
	LN_EVENT_VERDICT,	/* a direction's verdict changed */
	LN_EVENT_STATE,		/* the ladder's state, or why, changed */
	LN_EVENT_PEER,		/* the other end came, went or lost its trust */
	LN_EVENT_JOB,		/* the helper is asked to do something */
	LN_EVENT_PLANNED,	/* the optimizer has run, or chose a link of the topology */
};

/* main.c */
struct ln_net *ln_net(const struct net *net);
/* RCU or ln_mutex. */
struct ln_host *ln_host_get(const struct net *net);
/* ln_mutex; NULL without memory. */
struct ln_host *ln_host_make(struct net *net);

/* link.c; see there */
struct ln_link *ln_link_find(struct ln_host *host, int ifindex);
int ln_link_add(struct net *net, const struct ln_link_cfg *cfg,
		struct netlink_ext_ack *extack);
int ln_link_set(struct ln_link *link, const struct ln_link_cfg *cfg,
		struct netlink_ext_ack *extack);
/* rtnl; takes ln_mutex itself. */
void ln_link_remove(struct ln_link *link, bool dev_goes);
void ln_link_put(struct ln_link *link);
void ln_link_cfg_default(struct ln_link_cfg *cfg);
/* 0, or -ERANGE and @cfg is untouched; see ln_detect_cfg_init(). */
int ln_link_cfg_detect(struct ln_link_cfg *cfg, u64 p0, u64 p1, u32 bound,
		       u32 miss);
/* The operator's wishes: kept until they are fulfilled or taken back. ln_mutex. */
void ln_link_want(struct ln_link *link, bool out, bool in, bool force);
/* Proof of health since it was drained; link->lock. */
bool ln_link_proven(const struct ln_link *link);
/* Frames dropped for want of room, in both directions, so far; link->lock. */
u64 ln_link_drops(const struct ln_link *link);
/* Evidence is forgotten, after a repair for instance; link->lock. */
void ln_link_forget(struct ln_link *link);

/* What a direction is found to be, and how sure; link->lock. */
struct ln_opinion {
	enum ln_verdict verdict;
	bool supported;		/* some stream can tell */
	bool trusted;		/* LN_TX: authenticated and fresh */
	u8 stream;		/* whose word it is */
	u64 loss;		/* 1e-12 */
	u64 lower;		/* of the 95 % interval */
	u64 upper;
	u64 trials;
	u64 errors;
	u32 evidence;		/* towards the verdict "corrupting", in 1/1000 */
	u32 health;		/* towards the verdict "healthy", in 1/1000 */
};

void ln_link_opinion(const struct ln_link *link, enum ln_dir dir,
		     struct ln_opinion *op);
/* What the other end is told of the rx direction; link->lock. */
enum ln_verdict ln_link_counts(const struct ln_link *link, u64 *trials,
			       u64 *errors);
/* The opinion's verdict alone, for what is done all the time; link->lock. */
enum ln_verdict ln_link_verdict(const struct ln_link *link, enum ln_dir dir);

/* sample.c */
void ln_tick(struct work_struct *work);
void ln_slow(struct work_struct *work);
/* Any context: the slow work shall do @due (LN_DUE_*) for the link. */
void ln_kick(struct ln_link *link, unsigned long due);

/* peer.c */
void ln_peer_init(struct ln_peer *peer);
/* Is it there? link->lock. */
bool ln_peer_fresh(const struct ln_link *link);
/* What is missing so far, and in flight, is no evidence; link->lock. */
void ln_peer_resync(struct ln_link *link);
/* A frame from the link's device, after its Ethernet header; softirq, RCU. */
void ln_peer_receive(struct ln_link *link, const u8 *frame, size_t len);

/* tell.c */
/* Builds and sends a heartbeat now; any context but under link->lock. */
void ln_peer_tell(struct ln_link *link, enum ln_beat_type type);
/* The probe work of a drained link. */
void ln_peer_probe(struct work_struct *work);

/* hook.c: frames in and out */
int ln_hook_open(struct ln_link *link);		/* rtnl; 0 or -ENOMEM */
void ln_hook_close(struct ln_link *link);	/* rtnl; waits for readers */
int ln_hook_send(struct ln_link *link, const u8 *frame, size_t len,
		 size_t pad_to);

/* group.c: rtnl and ln_mutex */
void ln_group_update(struct ln_link *link);
/* Members in service besides the link, pending and drained ones at either end left out. */
unsigned int ln_group_left(const struct ln_link *link);
bool ln_group_guard(const struct ln_link *link);

/* act.c: a step of the ladder, and what it wants; rtnl, takes ln_mutex */
void ln_act(struct ln_link *link);
/* The helper's answer to a job; ln_mutex. */
int ln_act_done(struct ln_link *link, u32 job, int error);
/*
 * rtnl: the link or the module goes. What was drained comes back, unless it is
 * to stay out or the device goes too; the other end is told.
 */
void ln_act_leave(struct ln_link *link, bool dev_goes);
bool ln_helper_there(const struct ln_host *host);

/* topology.c; see there */

#endif /* ASHLAR_LINK_LINK_H */

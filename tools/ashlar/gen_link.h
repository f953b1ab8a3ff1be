/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_link.yaml. */

#ifndef ASHLAR_GEN_LINK_H
#define ASHLAR_GEN_LINK_H

#include <linux/ashlar_link.h>

#include "spec.h"

static const struct spec_value event_values[] = {
	{ "new",
	  "It was added." },
	{ "set",
	  "It was changed." },
	{ "del",
	  "It was removed." },
	{ "verdict",
	  "What is thought of one of the link's directions changed." },
	{ "state",
	  "The link's state changed, or the reason why it is not another." },
	{ "peer",
	  "The other end came, went, or lost its trust." },
	{ "job",
	  "The helper is asked to do something." },
	{ "planned",
	  "The optimizer chose the link to go out; of a topology, it has run." },
};

static const struct spec_enum enum_event = {
	"event", 8, event_values,
};

static const struct spec_value action_values[] = {
	{ "observe",
	  "Nothing is done but to look." },
	{ "reweight",
	  "The link's share of a nexthop group is made the smallest there is." },
	{ "drain",
	  "It is taken out of its bond or nexthop group; its device stays up." },
	{ "down",
	  "Its device is set down." },
};

static const struct spec_enum enum_action = {
	"action", 4, action_values,
};

static const struct spec_value peer_values[] = {
	{ "required",
	  "The other end runs this module as well, and both have to agree." },
	{ "none",
	  "Nobody is there to agree with: this end decides alone." },
};

static const struct spec_enum enum_peer = {
	"peer", 2, peer_values,
};

static const struct spec_value leave_values[] = {
	{ "return",
	  "It comes back into service." },
	{ "stay",
	  "It stays out." },
};

static const struct spec_enum enum_leave = {
	"leave", 2, leave_values,
};

static const struct spec_value state_values[] = {
	{ "watch",
	  "In service, and nothing is wanted." },
	{ "wanted",
	  "It should be acted upon, and is not; the reason says why." },
	{ "reweighted",
	  "In service with a small share of the traffic." },
	{ "pending",
	  "The other end was asked, or has asked and this end agreed." },
	{ "acting",
	  "It is agreed; the module or the helper is at it." },
	{ "drained",
	  "Out of service; proof of health is gathered." },
	{ "returning",
	  "Proven at both ends, and on its way back." },
};

static const struct spec_enum enum_state = {
	"state", 7, state_values,
};

static const struct spec_value why_values[] = {
	{ "none",
	  "Nothing holds it back." },
	{ "observe",
	  "The operator asked for no more than to look." },
	{ "no-group",
	  "It is in no bond and no nexthop group, so that there is nothing to act upon." },
	{ "guard",
	  "Too few members of its group would be left in service." },
	{ "topology",
	  "A ToR would fall under its share of paths, or the topology does not know the link." },
	{ "no-peer",
	  "No heartbeat comes from the other end." },
	{ "no-key",
	  "The other end's word is not authenticated." },
	{ "no-agreement",
	  "The other end refused, or did not answer." },
	{ "peer-decides",
	  "It is for the other end to begin." },
	{ "helper-absent",
	  "It takes a helper, and none is there." },
	{ "helper-failed",
	  "The helper could not do it." },
	{ "failed",
	  "The device or the bond refused." },
	{ "hold-down",
	  "Proven, but it came back and failed before: it has to hold longer." },
	{ "no-proof",
	  "Not yet proven healthy at both ends." },
	{ "operator",
	  "Drained by hand: it comes back by hand." },
};

static const struct spec_enum enum_why = {
	"why", 15, why_values,
};

static const struct spec_value group_kind_values[] = {
	{ "none",
	  "Nothing." },
	{ "bond",
	  "A bond; the module acts." },
	{ "nexthop",
	  "A nexthop group; the helper acts." },
};

static const struct spec_enum enum_group_kind = {
	"group-kind", 3, group_kind_values,
};

static const struct spec_value job_values[] = {
	{ "nothing",
	  "Nothing." },
	{ "tell",
	  "Nothing: the other end is told." },
	{ "drain",
	  "Replace the nexthop group by one without the device." },
	{ "reweight",
	  "Replace the nexthop group by one where the device has the smallest weight." },
	{ "down",
	  "Set the device down." },
	{ "return",
	  "Undo it." },
};

static const struct spec_enum enum_job = {
	"job", 6, job_values,
};

static const struct spec_value verdict_values[] = {
	{ "unsupported",
	  "Nothing can tell: no counter, and no word of the other end." },
	{ "inconclusive",
	  "Not enough is known to tell." },
	{ "healthy",
	  "It loses no more than a healthy link may, within the error bound." },
	{ "corrupting",
	  "It loses more, within the error bound." },
};

static const struct spec_enum enum_verdict = {
	"verdict", 4, verdict_values,
};

static const struct spec_value stream_values[] = {
	{ "fcs",
	  "Frames, and those with a wrong frame check sequence." },
	{ "fec",
	  "Codewords of forward error correction, and uncorrectable ones." },
	{ "probe",
	  "Heartbeats and probes expected, and those missing." },
};

static const struct spec_enum enum_stream = {
	"stream", 3, stream_values,
};

static const struct spec_value support_values[] = {
	{ "unknown",
	  "Not asked yet." },
	{ "no",
	  "The driver has no such counter." },
	{ "silent",
	  "The counter was never seen to move: errors count, their absence does not." },
	{ "yes",
	  "It can." },
	{ "blind",
	  "It said healthy when another stream convicted the link: its errors count, its health does not until the link is back in service." },
};

static const struct spec_enum enum_support = {
	"support", 5, support_values,
};

static const struct spec_value optics_state_values[] = {
	{ "unknown",
	  "Not read yet." },
	{ "ok",
	  "There are." },
	{ "unsupported",
	  "No memory, or no diagnostics in it." },
	{ "other",
	  "A module of another standard than SFF-8472." },
	{ "garbage",
	  "Figures or thresholds that cannot be true." },
	{ "error",
	  "Reading failed; what was read before is shown." },
};

static const struct spec_enum enum_optics_state = {
	"optics-state", 6, optics_state_values,
};

static const struct spec_value repair_values[] = {
	{ "none",
	  "Nothing." },
	{ "replace-component",
	  "Replace the card, breakout or switch that several bad links share." },
	{ "replace-far-transceiver",
	  "Replace the transceiver at the other end: its laser decays." },
	{ "replace-fibre",
	  "Replace the cable or fibre: both ends receive little light." },
	{ "clean-connector",
	  "Clean the connector: only the end that loses receives little light." },
	{ "reseat-transceiver",
	  "Take the transceiver out and put it in again." },
	{ "replace-transceiver",
	  "Replace the transceiver: reseating did not help." },
};

static const struct spec_enum enum_repair = {
	"repair", 7, repair_values,
};

static const struct spec_value ticket_state_values[] = {
	{ "open",
	  "To be done." },
	{ "done",
	  "Done, says the operator; not yet proven." },
	{ "worked",
	  "Done, and the link was healthy from then on." },
	{ "relapsed",
	  "Done, and the link corrupted again." },
	{ "withdrawn",
	  "Given up." },
};

static const struct spec_enum enum_ticket_state = {
	"ticket-state", 5, ticket_state_values,
};

static const struct spec_value direction_values[] = {
	{ "rx",
	  "What this end receives." },
	{ "tx",
	  "What the other end receives, as it tells." },
};

static const struct spec_enum enum_direction = {
	"direction", 2, direction_values,
};

static const struct spec_value service_values[] = {
	{ "in",
	  "It does." },
	{ "out",
	  "It does not." },
};

static const struct spec_enum enum_service = {
	"service", 2, service_values,
};

static const struct spec_attr link_attrs[] = {
	[ASHLAR_LINK_A_LINK_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_LINK_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_LINK_A_LINK_IFINDEX] = {
		.name = "ifindex", .type = SPEC_U32,
		.doc =
			"Index of the link's device.",
	},
	[ASHLAR_LINK_A_LINK_DEVICE] = {
		.name = "device", .type = SPEC_STRING,
		.doc =
			"Name of the link's device.",
	},
	[ASHLAR_LINK_A_LINK_ACTION] = {
		.name = "action", .type = SPEC_U32, .values = &enum_action,
		.doc =
			"The highest rung that is allowed; observe if not told.",
	},
	[ASHLAR_LINK_A_LINK_PEER] = {
		.name = "peer", .type = SPEC_U32, .values = &enum_peer,
		.doc =
			"Whether another end has to agree; required if not told.",
	},
	[ASHLAR_LINK_A_LINK_ON_LEAVE] = {
		.name = "on-leave", .type = SPEC_U32, .values = &enum_leave,
		.doc =
			"What becomes of a drained link when it or the module goes; return if not told.",
	},
	[ASHLAR_LINK_A_LINK_KEEP] = {
		.name = "keep", .type = SPEC_U32,
		.doc =
			"So many members of the group must be left in service; 1 if not told.",
	},
	[ASHLAR_LINK_A_LINK_NH_GROUP] = {
		.name = "nh-group", .type = SPEC_U32,
		.doc =
			"The nexthop group that the device carries, 0 for none. A bond is found by itself.",
	},
	[ASHLAR_LINK_A_LINK_HEALTHY_LOSS] = {
		.name = "healthy-loss", .type = SPEC_U64,
		.doc =
			"A link that loses no more is healthy, in 1e-12; 10000 (1e-8) if not told.",
	},
	[ASHLAR_LINK_A_LINK_CORRUPTING_LOSS] = {
		.name = "corrupting-loss", .type = SPEC_U64,
		.doc =
			"A link that loses this much is not to be called healthy, in 1e-12; ten times healthy-loss if not told.",
	},
	[ASHLAR_LINK_A_LINK_FALSE_PER_MILLION] = {
		.name = "false-per-million", .type = SPEC_U32,
		.doc =
			"The operator's bound on wrong verdicts corrupting, for each million years of a link; 1000 if not told. Each of a link's three tests has a third of it, so 3 is the least.",
	},
	[ASHLAR_LINK_A_LINK_MISS_PER_MILLION] = {
		.name = "miss-per-million", .type = SPEC_U32,
		.doc =
			"The chance of a wrong verdict healthy, in 1e-6; 1000 if not told.",
	},
	[ASHLAR_LINK_A_LINK_SAMPLE_MS] = {
		.name = "sample-ms", .type = SPEC_U32,
		.doc =
			"Milliseconds between looks at the netdev counters; 1000 if not told.",
	},
	[ASHLAR_LINK_A_LINK_SLOW_MS] = {
		.name = "slow-ms", .type = SPEC_U32,
		.doc =
			"Milliseconds between readings of MAC, PHY and FEC statistics; 5000 if not told.",
	},
	[ASHLAR_LINK_A_LINK_OPTICS_MS] = {
		.name = "optics-ms", .type = SPEC_U32,
		.doc =
			"Milliseconds between readings of the transceiver; 60000 if not told.",
	},
	[ASHLAR_LINK_A_LINK_BEAT_MS] = {
		.name = "beat-ms", .type = SPEC_U32,
		.doc =
			"Milliseconds between heartbeats; 1000 if not told.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_PPS] = {
		.name = "probe-pps", .type = SPEC_U32,
		.doc =
			"Probes per second while the link is drained; 1000 if not told, 0 for none.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_LEN] = {
		.name = "probe-len", .type = SPEC_U32,
		.doc =
			"Bytes of a probe's Ethernet payload; 0, if not told, for the device's MTU.",
	},
	[ASHLAR_LINK_A_LINK_HISTORY_S] = {
		.name = "history-s", .type = SPEC_U32,
		.doc =
			"Seconds in an entry of the history; 60 if not told.",
	},
	[ASHLAR_LINK_A_LINK_HOLD_S] = {
		.name = "hold-s", .type = SPEC_U32,
		.doc =
			"Seconds that proof has to hold before a drained link comes back; 60 if not told.",
	},
	[ASHLAR_LINK_A_LINK_HOLD_MAX_S] = {
		.name = "hold-max-s", .type = SPEC_U32,
		.doc =
			"It doubles with each relapse, up to this; 86400 if not told.",
	},
	[ASHLAR_LINK_A_LINK_RELAPSE_S] = {
		.name = "relapse-s", .type = SPEC_U32,
		.doc =
			"A link that is drained again within so many seconds has relapsed; 604800 if not told.",
	},
	[ASHLAR_LINK_A_LINK_COMPONENT] = {
		.name = "component", .type = SPEC_STRING,
		.doc =
			"Links with the same word share a card, breakout or switch.",
	},
	[ASHLAR_LINK_A_LINK_TOPOLOGY_LINK] = {
		.name = "topology-link", .type = SPEC_STRING,
		.doc =
			"The link's name in the topology.",
	},
	[ASHLAR_LINK_A_LINK_KEY] = {
		.name = "key", .type = SPEC_BINARY,
		.doc =
			"The secret of the link's two ends, which authenticates heartbeats. Written only.",
	},
	[ASHLAR_LINK_A_LINK_DROP_KEY] = {
		.name = "drop-key", .type = SPEC_FLAG,
		.doc =
			"From now on there is no key.",
	},
	[ASHLAR_LINK_A_LINK_FORCE] = {
		.name = "force", .type = SPEC_FLAG,
		.doc =
			"Without guard and agreement: the operator's word. Shown while the wish is not fulfilled.",
	},
	[ASHLAR_LINK_A_LINK_KEYED] = {
		.name = "keyed", .type = SPEC_FLAG,
		.doc =
			"There is a key.",
	},
	[ASHLAR_LINK_A_LINK_SPEED] = {
		.name = "speed", .type = SPEC_U32,
		.doc =
			"The device's speed in Mb/s, if it is known.",
	},
	[ASHLAR_LINK_A_LINK_STATE] = {
		.name = "state", .type = SPEC_U32, .values = &enum_state,
		.doc =
			"Where it is on the ladder.",
	},
	[ASHLAR_LINK_A_LINK_WHY] = {
		.name = "why", .type = SPEC_U32, .values = &enum_why,
		.doc =
			"Why no more is done.",
	},
	[ASHLAR_LINK_A_LINK_VIOLATED] = {
		.name = "violated", .type = SPEC_STRING,
		.doc =
			"The ToR that would fall under its share of paths.",
	},
	[ASHLAR_LINK_A_LINK_STATE_MS] = {
		.name = "state-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since the state changed.",
	},
	[ASHLAR_LINK_A_LINK_BY_HAND] = {
		.name = "by-hand", .type = SPEC_FLAG,
		.doc =
			"The operator drained it.",
	},
	[ASHLAR_LINK_A_LINK_DRAIN_ASKED] = {
		.name = "drain-asked", .type = SPEC_FLAG,
		.doc =
			"The operator wants it drained, and it is not yet.",
	},
	[ASHLAR_LINK_A_LINK_RETURN_ASKED] = {
		.name = "return-asked", .type = SPEC_FLAG,
		.doc =
			"The operator wants it back, and it is not yet.",
	},
	[ASHLAR_LINK_A_LINK_ROUND] = {
		.name = "round", .type = SPEC_U32,
		.doc =
			"Number of this end's latest proposal.",
	},
	[ASHLAR_LINK_A_LINK_AGREED] = {
		.name = "agreed", .type = SPEC_U32,
		.doc =
			"Number of the other end's proposal that this end agrees to.",
	},
	[ASHLAR_LINK_A_LINK_RELAPSES] = {
		.name = "relapses", .type = SPEC_U32,
		.doc =
			"How often it was drained soon after it had come back.",
	},
	[ASHLAR_LINK_A_LINK_HOLD_MS] = {
		.name = "hold-ms", .type = SPEC_U64,
		.doc =
			"While drained: milliseconds that proof has yet to hold.",
	},
	[ASHLAR_LINK_A_LINK_GROUP_KIND] = {
		.name = "group-kind",
		.type = SPEC_U32,
		.values = &enum_group_kind,
		.doc =
			"What it belongs to.",
	},
	[ASHLAR_LINK_A_LINK_GROUP_ID] = {
		.name = "group-id", .type = SPEC_U32,
		.doc =
			"Index of the bond, or number of the nexthop group.",
	},
	[ASHLAR_LINK_A_LINK_GROUP_DEVICE] = {
		.name = "group-device", .type = SPEC_STRING,
		.doc =
			"Name of the bond.",
	},
	[ASHLAR_LINK_A_LINK_GROUP_LEFT] = {
		.name = "group-left", .type = SPEC_U32,
		.doc =
			"Members of the group that are in service besides this one, as of the last look.",
	},
	[ASHLAR_LINK_A_LINK_JOB] = {
		.name = "job", .type = SPEC_U32,
		.doc =
			"Number of what the helper was asked last.",
	},
	[ASHLAR_LINK_A_LINK_JOB_DO] = {
		.name = "job-do", .type = SPEC_U32, .values = &enum_job,
		.doc =
			"What that is.",
	},
	[ASHLAR_LINK_A_LINK_JOB_ERROR] = {
		.name = "job-error", .type = SPEC_U32,
		.doc =
			"What came of it: 0, or an error number.",
	},
	[ASHLAR_LINK_A_LINK_RX_VERDICT] = {
		.name = "rx-verdict", .type = SPEC_U32, .values = &enum_verdict,
		.doc =
			"What is thought of what this end receives.",
	},
	[ASHLAR_LINK_A_LINK_RX_STREAM] = {
		.name = "rx-stream", .type = SPEC_U32, .values = &enum_stream,
		.doc =
			"Which stream says so.",
	},
	[ASHLAR_LINK_A_LINK_RX_LOSS] = {
		.name = "rx-loss", .type = SPEC_U64,
		.doc =
			"The loss rate, in 1e-12; absent as long as there is no error.",
	},
	[ASHLAR_LINK_A_LINK_RX_LOWER] = {
		.name = "rx-lower", .type = SPEC_U64,
		.doc =
			"Lower end of its 95 % interval.",
	},
	[ASHLAR_LINK_A_LINK_RX_UPPER] = {
		.name = "rx-upper", .type = SPEC_U64,
		.doc =
			"Upper end of its 95 % interval.",
	},
	[ASHLAR_LINK_A_LINK_RX_TRIALS] = {
		.name = "rx-trials", .type = SPEC_U64,
		.doc =
			"Frames or codewords behind it.",
	},
	[ASHLAR_LINK_A_LINK_RX_ERRORS] = {
		.name = "rx-errors", .type = SPEC_U64,
		.doc =
			"Errors among them.",
	},
	[ASHLAR_LINK_A_LINK_RX_EVIDENCE] = {
		.name = "rx-evidence", .type = SPEC_U32,
		.doc =
			"How near the verdict corrupting is, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_RX_HEALTH] = {
		.name = "rx-health", .type = SPEC_U32,
		.doc =
			"How near the verdict healthy is, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_TX_VERDICT] = {
		.name = "tx-verdict", .type = SPEC_U32, .values = &enum_verdict,
		.doc =
			"What is thought of what the other end receives.",
	},
	[ASHLAR_LINK_A_LINK_TX_STREAM] = {
		.name = "tx-stream", .type = SPEC_U32, .values = &enum_stream,
		.doc =
			"Which stream says so.",
	},
	[ASHLAR_LINK_A_LINK_TX_LOSS] = {
		.name = "tx-loss", .type = SPEC_U64,
		.doc =
			"The loss rate, in 1e-12; absent as long as there is no error.",
	},
	[ASHLAR_LINK_A_LINK_TX_LOWER] = {
		.name = "tx-lower", .type = SPEC_U64,
		.doc =
			"Lower end of its 95 % interval.",
	},
	[ASHLAR_LINK_A_LINK_TX_UPPER] = {
		.name = "tx-upper", .type = SPEC_U64,
		.doc =
			"Upper end of its 95 % interval.",
	},
	[ASHLAR_LINK_A_LINK_TX_TRIALS] = {
		.name = "tx-trials", .type = SPEC_U64,
		.doc =
			"Frames or codewords behind it.",
	},
	[ASHLAR_LINK_A_LINK_TX_ERRORS] = {
		.name = "tx-errors", .type = SPEC_U64,
		.doc =
			"Errors among them.",
	},
	[ASHLAR_LINK_A_LINK_TX_EVIDENCE] = {
		.name = "tx-evidence", .type = SPEC_U32,
		.doc =
			"How near the verdict corrupting is, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_TX_HEALTH] = {
		.name = "tx-health", .type = SPEC_U32,
		.doc =
			"How near the verdict healthy is, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_TX_TRUSTED] = {
		.name = "tx-trusted", .type = SPEC_FLAG,
		.doc =
			"The other end's word is fresh and authenticated.",
	},
	[ASHLAR_LINK_A_LINK_FCS_SUPPORT] = {
		.name = "fcs-support",
		.type = SPEC_U32,
		.values = &enum_support,
		.doc =
			"Whether this stream can tell anything.",
	},
	[ASHLAR_LINK_A_LINK_FCS_VERDICT] = {
		.name = "fcs-verdict",
		.type = SPEC_U32,
		.values = &enum_verdict,
		.doc =
			"What this stream says of what is received here.",
	},
	[ASHLAR_LINK_A_LINK_FCS_TRIALS] = {
		.name = "fcs-trials", .type = SPEC_U64,
		.doc =
			"Frames that its test has seen.",
	},
	[ASHLAR_LINK_A_LINK_FCS_ERRORS] = {
		.name = "fcs-errors", .type = SPEC_U64,
		.doc =
			"Wrong frame check sequences among them.",
	},
	[ASHLAR_LINK_A_LINK_FCS_EVIDENCE] = {
		.name = "fcs-evidence", .type = SPEC_U32,
		.doc =
			"How near this stream is to the verdict corrupting, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_FCS_HEALTH] = {
		.name = "fcs-health", .type = SPEC_U32,
		.doc =
			"How near it is to the verdict healthy, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_FCS_MISSING] = {
		.name = "fcs-missing", .type = SPEC_U64,
		.doc =
			"What it takes without errors until it says healthy.",
	},
	[ASHLAR_LINK_A_LINK_FCS_EVENTS] = {
		.name = "fcs-events", .type = SPEC_U32,
		.doc =
			"Separate samples with errors behind the evidence.",
	},
	[ASHLAR_LINK_A_LINK_FCS_LOG_ALPHA] = {
		.name = "fcs-log-alpha", .type = SPEC_U32,
		.doc =
			"-ln of the chance that so much evidence is a false alarm, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_FEC_SUPPORT] = {
		.name = "fec-support",
		.type = SPEC_U32,
		.values = &enum_support,
		.doc =
			"Whether this stream can tell anything.",
	},
	[ASHLAR_LINK_A_LINK_FEC_VERDICT] = {
		.name = "fec-verdict",
		.type = SPEC_U32,
		.values = &enum_verdict,
		.doc =
			"What this stream says of what is received here.",
	},
	[ASHLAR_LINK_A_LINK_FEC_TRIALS] = {
		.name = "fec-trials", .type = SPEC_U64,
		.doc =
			"Codewords that its test has seen.",
	},
	[ASHLAR_LINK_A_LINK_FEC_ERRORS] = {
		.name = "fec-errors", .type = SPEC_U64,
		.doc =
			"Uncorrectable ones among them.",
	},
	[ASHLAR_LINK_A_LINK_FEC_EVIDENCE] = {
		.name = "fec-evidence", .type = SPEC_U32,
		.doc =
			"How near this stream is to the verdict corrupting, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_FEC_HEALTH] = {
		.name = "fec-health", .type = SPEC_U32,
		.doc =
			"How near it is to the verdict healthy, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_FEC_MISSING] = {
		.name = "fec-missing", .type = SPEC_U64,
		.doc =
			"What it takes without errors until it says healthy.",
	},
	[ASHLAR_LINK_A_LINK_FEC_EVENTS] = {
		.name = "fec-events", .type = SPEC_U32,
		.doc =
			"Separate samples with errors behind the evidence.",
	},
	[ASHLAR_LINK_A_LINK_FEC_LOG_ALPHA] = {
		.name = "fec-log-alpha", .type = SPEC_U32,
		.doc =
			"-ln of the chance that so much evidence is a false alarm, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_SUPPORT] = {
		.name = "probe-support",
		.type = SPEC_U32,
		.values = &enum_support,
		.doc =
			"Whether this stream can tell anything.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_VERDICT] = {
		.name = "probe-verdict",
		.type = SPEC_U32,
		.values = &enum_verdict,
		.doc =
			"What this stream says of what is received here.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_TRIALS] = {
		.name = "probe-trials", .type = SPEC_U64,
		.doc =
			"Heartbeats and probes that its test has seen.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_ERRORS] = {
		.name = "probe-errors", .type = SPEC_U64,
		.doc =
			"Missing ones among them.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_EVIDENCE] = {
		.name = "probe-evidence", .type = SPEC_U32,
		.doc =
			"How near this stream is to the verdict corrupting, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_HEALTH] = {
		.name = "probe-health", .type = SPEC_U32,
		.doc =
			"How near it is to the verdict healthy, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_MISSING] = {
		.name = "probe-missing", .type = SPEC_U64,
		.doc =
			"What it takes without errors until it says healthy.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_EVENTS] = {
		.name = "probe-events", .type = SPEC_U32,
		.doc =
			"Separate samples with errors behind the evidence.",
	},
	[ASHLAR_LINK_A_LINK_PROBE_LOG_ALPHA] = {
		.name = "probe-log-alpha", .type = SPEC_U32,
		.doc =
			"-ln of the chance that so much evidence is a false alarm, in 1/1000.",
	},
	[ASHLAR_LINK_A_LINK_RX_DROPS] = {
		.name = "rx-drops", .type = SPEC_U64,
		.doc =
			"Frames dropped here for want of room: congestion, not corruption.",
	},
	[ASHLAR_LINK_A_LINK_TX_DROPS] = {
		.name = "tx-drops", .type = SPEC_U64,
		.doc =
			"The same at the other end, as it tells.",
	},
	[ASHLAR_LINK_A_LINK_PEER_FRESH] = {
		.name = "peer-fresh", .type = SPEC_FLAG,
		.doc =
			"Heartbeats arrive.",
	},
	[ASHLAR_LINK_A_LINK_PEER_TRUSTED] = {
		.name = "peer-trusted", .type = SPEC_FLAG,
		.doc =
			"They are authenticated.",
	},
	[ASHLAR_LINK_A_LINK_PEER_LEFT] = {
		.name = "peer-left", .type = SPEC_FLAG,
		.doc =
			"The other end said goodbye.",
	},
	[ASHLAR_LINK_A_LINK_PEER_DECIDES] = {
		.name = "peer-decides", .type = SPEC_FLAG,
		.doc =
			"It is for the other end to begin.",
	},
	[ASHLAR_LINK_A_LINK_PEER_HOST] = {
		.name = "peer-host", .type = SPEC_U64_HEX,
		.doc =
			"The other end's host identifier.",
	},
	[ASHLAR_LINK_A_LINK_PEER_NAME] = {
		.name = "peer-name", .type = SPEC_STRING,
		.doc =
			"The other end's device and host.",
	},
	[ASHLAR_LINK_A_LINK_PEER_IFINDEX] = {
		.name = "peer-ifindex", .type = SPEC_U32,
		.doc =
			"The other end's device.",
	},
	[ASHLAR_LINK_A_LINK_PEER_HEARD_MS] = {
		.name = "peer-heard-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since its last heartbeat.",
	},
	[ASHLAR_LINK_A_LINK_PEER_STATE] = {
		.name = "peer-state", .type = SPEC_U32, .values = &enum_state,
		.doc =
			"Where it says that the link is.",
	},
	[ASHLAR_LINK_A_LINK_PEER_WHY] = {
		.name = "peer-why", .type = SPEC_U32, .values = &enum_why,
		.doc =
			"Why it says that no more is done.",
	},
	[ASHLAR_LINK_A_LINK_PEER_ROUND] = {
		.name = "peer-round", .type = SPEC_U32,
		.doc =
			"Number of its proposal.",
	},
	[ASHLAR_LINK_A_LINK_PEER_AGREED] = {
		.name = "peer-agreed", .type = SPEC_U32,
		.doc =
			"Number of this end's proposal that it agrees to.",
	},
	[ASHLAR_LINK_A_LINK_OPTICS_STATE] = {
		.name = "optics-state",
		.type = SPEC_U32,
		.values = &enum_optics_state,
		.doc =
			"What is known of the light here.",
	},
	[ASHLAR_LINK_A_LINK_OPTICS_THRESHOLDS] = {
		.name = "optics-thresholds", .type = SPEC_FLAG,
		.doc =
			"The module's own thresholds make sense; else a generic one stands for them.",
	},
	[ASHLAR_LINK_A_LINK_TX_POWER] = {
		.name = "tx-power", .type = SPEC_U32,
		.doc =
			"Power sent, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_LINK_TX_LOW] = {
		.name = "tx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_LINK_RX_POWER] = {
		.name = "rx-power", .type = SPEC_U32,
		.doc =
			"Power received, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_LINK_RX_LOW] = {
		.name = "rx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_LINK_TX_BIAS] = {
		.name = "tx-bias", .type = SPEC_U32,
		.doc =
			"The laser's current, in 2 uA.",
	},
	[ASHLAR_LINK_A_LINK_FAR_OPTICS_STATE] = {
		.name = "far-optics-state",
		.type = SPEC_U32,
		.values = &enum_optics_state,
		.doc =
			"What is known of the light at the other end.",
	},
	[ASHLAR_LINK_A_LINK_FAR_OPTICS_THRESHOLDS] = {
		.name = "far-optics-thresholds", .type = SPEC_FLAG,
		.doc =
			"The module's own thresholds make sense; else a generic one stands for them.",
	},
	[ASHLAR_LINK_A_LINK_FAR_TX_POWER] = {
		.name = "far-tx-power", .type = SPEC_U32,
		.doc =
			"Power sent, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_LINK_FAR_TX_LOW] = {
		.name = "far-tx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_LINK_FAR_RX_POWER] = {
		.name = "far-rx-power", .type = SPEC_U32,
		.doc =
			"Power received, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_LINK_FAR_RX_LOW] = {
		.name = "far-rx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_LINK_FAR_TX_BIAS] = {
		.name = "far-tx-bias", .type = SPEC_U32,
		.doc =
			"The laser's current, in 2 uA.",
	},
	[ASHLAR_LINK_A_LINK_REPAIR] = {
		.name = "repair", .type = SPEC_U32, .values = &enum_repair,
		.doc =
			"What to do with hands: of the link's open ticket.",
	},
	[ASHLAR_LINK_A_LINK_TICKET_DIRECTION] = {
		.name = "ticket-direction",
		.type = SPEC_U32,
		.values = &enum_direction,
		.doc =
			"The direction that loses frames.",
	},
	[ASHLAR_LINK_A_LINK_TICKET] = {
		.name = "ticket", .type = SPEC_U32,
		.doc =
			"Number of that ticket.",
	},
	[ASHLAR_LINK_A_LINK_UNSURE] = {
		.name = "unsure", .type = SPEC_FLAG,
		.doc =
			"Light could not be judged at one end, so that a cause may be missed.",
	},
};

static const struct spec_attr history_attrs[] = {
	[ASHLAR_LINK_A_HISTORY_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_HISTORY_IFINDEX] = {
		.name = "ifindex", .type = SPEC_U32,
		.doc =
			"Index of the link's device.",
	},
	[ASHLAR_LINK_A_HISTORY_DEVICE] = {
		.name = "device", .type = SPEC_STRING,
		.doc =
			"Name of the link's device.",
	},
	[ASHLAR_LINK_A_HISTORY_AGE_S] = {
		.name = "age-s", .type = SPEC_U64,
		.doc =
			"Seconds since the entry ended; absent while it is being filled.",
	},
	[ASHLAR_LINK_A_HISTORY_FRAMES] = {
		.name = "frames", .type = SPEC_U64,
		.doc =
			"Frames received, errors included.",
	},
	[ASHLAR_LINK_A_HISTORY_FCS] = {
		.name = "fcs", .type = SPEC_U64,
		.doc =
			"Wrong frame check sequences among them.",
	},
	[ASHLAR_LINK_A_HISTORY_CODEWORDS] = {
		.name = "codewords", .type = SPEC_U64,
		.doc =
			"Codewords received.",
	},
	[ASHLAR_LINK_A_HISTORY_FEC] = {
		.name = "fec", .type = SPEC_U64,
		.doc =
			"Uncorrectable ones.",
	},
	[ASHLAR_LINK_A_HISTORY_CORRECTED] = {
		.name = "corrected", .type = SPEC_U64,
		.doc =
			"Corrected ones.",
	},
	[ASHLAR_LINK_A_HISTORY_BEATS] = {
		.name = "beats", .type = SPEC_U64,
		.doc =
			"Heartbeats and probes expected.",
	},
	[ASHLAR_LINK_A_HISTORY_MISSING] = {
		.name = "missing", .type = SPEC_U64,
		.doc =
			"Those that did not arrive.",
	},
	[ASHLAR_LINK_A_HISTORY_DROPS] = {
		.name = "drops", .type = SPEC_U64,
		.doc =
			"Frames dropped here for want of room.",
	},
	[ASHLAR_LINK_A_HISTORY_VERDICT] = {
		.name = "verdict", .type = SPEC_U32, .values = &enum_verdict,
		.doc =
			"What was thought at the end of what is received here.",
	},
	[ASHLAR_LINK_A_HISTORY_TX_VERDICT] = {
		.name = "tx-verdict", .type = SPEC_U32, .values = &enum_verdict,
		.doc =
			"What was thought of what the other end receives.",
	},
};

static const struct spec_attr host_attrs[] = {
	[ASHLAR_LINK_A_HOST_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_HOST_ID] = {
		.name = "id", .type = SPEC_U64_HEX,
		.doc =
			"Tells hosts apart: of two ends, the lower one decides. Random unless set, and not 0.",
	},
	[ASHLAR_LINK_A_HOST_LINKS] = {
		.name = "links", .type = SPEC_U32,
		.doc =
			"Number of its links.",
	},
	[ASHLAR_LINK_A_HOST_TICKETS] = {
		.name = "tickets", .type = SPEC_U32,
		.doc =
			"Number of its repairs.",
	},
	[ASHLAR_LINK_A_HOST_TOPOLOGY] = {
		.name = "topology", .type = SPEC_FLAG,
		.doc =
			"It has a topology.",
	},
	[ASHLAR_LINK_A_HOST_HELPER] = {
		.name = "helper", .type = SPEC_FLAG,
		.doc =
			"A helper is there.",
	},
	[ASHLAR_LINK_A_HOST_HELPER_PORTID] = {
		.name = "helper-portid", .type = SPEC_U32,
		.doc =
			"Its netlink port.",
	},
	[ASHLAR_LINK_A_HOST_HELPER_HEARD_MS] = {
		.name = "helper-heard-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since it registered last.",
	},
	[ASHLAR_LINK_A_HOST_RTNL_MAX_NS] = {
		.name = "rtnl-max-ns", .type = SPEC_U64,
		.doc =
			"The longest time that RTNL was held, in nanoseconds.",
	},
	[ASHLAR_LINK_A_HOST_RESET_RTNL_MAX] = {
		.name = "reset-rtnl-max", .type = SPEC_FLAG,
		.doc =
			"Measure that anew.",
	},
	[ASHLAR_LINK_A_HOST_GENERATION] = {
		.name = "generation", .type = SPEC_U32,
		.doc =
			"Moves with every change of the configuration.",
	},
};

static const struct spec_attr topology_attrs[] = {
	[ASHLAR_LINK_A_TOPOLOGY_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_TOPOLOGY_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_CAPACITY] = {
		.name = "capacity", .type = SPEC_U32,
		.doc =
			"The share of its paths to the spine that each ToR must keep, in 1/1000.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_NODES] = {
		.name = "nodes", .type = SPEC_U32,
		.doc =
			"Number of nodes. When it is begun: of those to come.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINKS] = {
		.name = "links", .type = SPEC_U32,
		.doc =
			"Number of links. When it is begun: of those to come.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_TORS] = {
		.name = "tors", .type = SPEC_U32,
		.doc =
			"Nodes of tier 0.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LOCAL] = {
		.name = "local", .type = SPEC_U32,
		.doc =
			"Links of this host among them.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_OUT] = {
		.name = "out", .type = SPEC_U32,
		.doc =
			"Links that are out of service.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_CORRUPTING] = {
		.name = "corrupting", .type = SPEC_U32,
		.doc =
			"Links in service that corrupt.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_PENALTY] = {
		.name = "penalty", .type = SPEC_U64,
		.doc =
			"Sum of the loss rates of links in service, in 1e-12.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_PLANNED] = {
		.name = "planned", .type = SPEC_U32,
		.doc =
			"Links that the optimizer would take out, as of its last run.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_CONTESTED] = {
		.name = "contested", .type = SPEC_U32,
		.doc =
			"Corrupting links that could not all go, then.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_PLANNED_PENALTY] = {
		.name = "planned-penalty", .type = SPEC_U64,
		.doc =
			"What would stay, then.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_PROVEN] = {
		.name = "proven", .type = SPEC_FLAG,
		.doc =
			"No other choice would leave less.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_STEPS] = {
		.name = "steps", .type = SPEC_U64,
		.doc =
			"The work that it took.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_RUNS] = {
		.name = "runs", .type = SPEC_U64,
		.doc =
			"How often the optimizer has run.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_WORST] = {
		.name = "worst", .type = SPEC_STRING,
		.doc =
			"A ToR with the smallest share of its paths.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_WORST_SHARE] = {
		.name = "worst-share", .type = SPEC_U32,
		.doc =
			"That share, in 1/1000.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_CHECK_MAX_NS] = {
		.name = "check-max-ns", .type = SPEC_U64,
		.doc =
			"The longest that a fast check took, in nanoseconds.",
	},
};

static const struct spec_attr node_attrs[] = {
	[ASHLAR_LINK_A_NODE_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_NODE_NUMBER] = {
		.name = "number", .type = SPEC_U32,
		.doc =
			"Its number, in the order in which nodes were told.",
	},
	[ASHLAR_LINK_A_NODE_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"What it is called.",
	},
	[ASHLAR_LINK_A_NODE_TIER] = {
		.name = "tier", .type = SPEC_U8,
		.doc =
			"0 for a ToR; the highest tier makes the spine.",
	},
	[ASHLAR_LINK_A_NODE_BOUND] = {
		.name = "bound", .type = SPEC_U32,
		.doc =
			"The share of its paths that a ToR must keep, in 1/1000; that of the topology if not told.",
	},
	[ASHLAR_LINK_A_NODE_PATHS] = {
		.name = "paths", .type = SPEC_U64,
		.doc =
			"Paths to the spine, now.",
	},
	[ASHLAR_LINK_A_NODE_PATHS_FULL] = {
		.name = "paths-full", .type = SPEC_U64,
		.doc =
			"Paths to the spine with every link in service.",
	},
	[ASHLAR_LINK_A_NODE_NEED] = {
		.name = "need", .type = SPEC_U64,
		.doc =
			"Paths that must be left.",
	},
};

static const struct spec_attr topology_link_attrs[] = {
	[ASHLAR_LINK_A_TOPOLOGY_LINK_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"What it is called, unique in the topology.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_A] = {
		.name = "a", .type = SPEC_U32,
		.doc =
			"Number of the node at one end.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_B] = {
		.name = "b", .type = SPEC_U32,
		.doc =
			"Number of the node at the other end, one tier above or below.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_A_NAME] = {
		.name = "a-name", .type = SPEC_STRING,
		.doc =
			"Its name.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_B_NAME] = {
		.name = "b-name", .type = SPEC_STRING,
		.doc =
			"Its name.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_SERVICE] = {
		.name = "service", .type = SPEC_U32, .values = &enum_service,
		.doc =
			"Whether it carries traffic; in if not told.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOSS] = {
		.name = "loss", .type = SPEC_U64,
		.doc =
			"Its loss rate, in 1e-12; 0 for a healthy one.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED] = {
		.name = "locked", .type = SPEC_U8,
		.doc =
			"1: it is not to be taken out by anybody's plan. 0: it may be.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_IFINDEX] = {
		.name = "ifindex", .type = SPEC_U32,
		.doc =
			"Device of the link of this host that it is.",
	},
	[ASHLAR_LINK_A_TOPOLOGY_LINK_PLANNED] = {
		.name = "planned", .type = SPEC_FLAG,
		.doc =
			"The optimizer would take it out, as of its last run.",
	},
};

static const struct spec_attr repair_attrs[] = {
	[ASHLAR_LINK_A_REPAIR_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_REPAIR_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_LINK_A_REPAIR_ID] = {
		.name = "id", .type = SPEC_U32,
		.doc =
			"Number of the ticket.",
	},
	[ASHLAR_LINK_A_REPAIR_IFINDEX] = {
		.name = "ifindex", .type = SPEC_U32,
		.doc =
			"Index of the link's device.",
	},
	[ASHLAR_LINK_A_REPAIR_DEVICE] = {
		.name = "device", .type = SPEC_STRING,
		.doc =
			"Name of the link's device.",
	},
	[ASHLAR_LINK_A_REPAIR_REPAIR] = {
		.name = "repair", .type = SPEC_U32, .values = &enum_repair,
		.doc =
			"What to do.",
	},
	[ASHLAR_LINK_A_REPAIR_STATE] = {
		.name = "state", .type = SPEC_U32, .values = &enum_ticket_state,
		.doc =
			"How far it is.",
	},
	[ASHLAR_LINK_A_REPAIR_DIRECTION] = {
		.name = "direction",
		.type = SPEC_U32,
		.values = &enum_direction,
		.doc =
			"The direction that loses frames; what is to be done is seen from the end that receives it.",
	},
	[ASHLAR_LINK_A_REPAIR_UNSURE] = {
		.name = "unsure", .type = SPEC_FLAG,
		.doc =
			"Light could not be judged at one end, so that a cause may be missed.",
	},
	[ASHLAR_LINK_A_REPAIR_SHARED] = {
		.name = "shared", .type = SPEC_U32,
		.doc =
			"Other links of the same component that corrupt at similar rates.",
	},
	[ASHLAR_LINK_A_REPAIR_COMPONENT] = {
		.name = "component", .type = SPEC_STRING,
		.doc =
			"That component.",
	},
	[ASHLAR_LINK_A_REPAIR_LOSS] = {
		.name = "loss", .type = SPEC_U64,
		.doc =
			"The loss rate when the ticket was opened, in 1e-12.",
	},
	[ASHLAR_LINK_A_REPAIR_TRIALS] = {
		.name = "trials", .type = SPEC_U64,
		.doc =
			"Frames or codewords behind it.",
	},
	[ASHLAR_LINK_A_REPAIR_ERRORS] = {
		.name = "errors", .type = SPEC_U64,
		.doc =
			"Errors among them.",
	},
	[ASHLAR_LINK_A_REPAIR_OPENED_S] = {
		.name = "opened-s", .type = SPEC_U64,
		.doc =
			"Seconds since it was opened.",
	},
	[ASHLAR_LINK_A_REPAIR_DONE_S] = {
		.name = "done-s", .type = SPEC_U64,
		.doc =
			"Seconds since it was done.",
	},
	[ASHLAR_LINK_A_REPAIR_CLOSED_S] = {
		.name = "closed-s", .type = SPEC_U64,
		.doc =
			"Seconds since it worked, relapsed or was withdrawn.",
	},
	[ASHLAR_LINK_A_REPAIR_PEER_NAME] = {
		.name = "peer-name", .type = SPEC_STRING,
		.doc =
			"The other end's device and host.",
	},
	[ASHLAR_LINK_A_REPAIR_OPTICS_STATE] = {
		.name = "optics-state",
		.type = SPEC_U32,
		.values = &enum_optics_state,
		.doc =
			"What is known of the light of the end that receives the direction.",
	},
	[ASHLAR_LINK_A_REPAIR_OPTICS_THRESHOLDS] = {
		.name = "optics-thresholds", .type = SPEC_FLAG,
		.doc =
			"The module's own thresholds make sense; else a generic one stands for them.",
	},
	[ASHLAR_LINK_A_REPAIR_TX_POWER] = {
		.name = "tx-power", .type = SPEC_U32,
		.doc =
			"Power sent, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_REPAIR_TX_LOW] = {
		.name = "tx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_REPAIR_RX_POWER] = {
		.name = "rx-power", .type = SPEC_U32,
		.doc =
			"Power received, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_REPAIR_RX_LOW] = {
		.name = "rx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_REPAIR_TX_BIAS] = {
		.name = "tx-bias", .type = SPEC_U32,
		.doc =
			"The laser's current, in 2 uA.",
	},
	[ASHLAR_LINK_A_REPAIR_FAR_OPTICS_STATE] = {
		.name = "far-optics-state",
		.type = SPEC_U32,
		.values = &enum_optics_state,
		.doc =
			"What is known of the light of the end that sends it.",
	},
	[ASHLAR_LINK_A_REPAIR_FAR_OPTICS_THRESHOLDS] = {
		.name = "far-optics-thresholds", .type = SPEC_FLAG,
		.doc =
			"The module's own thresholds make sense; else a generic one stands for them.",
	},
	[ASHLAR_LINK_A_REPAIR_FAR_TX_POWER] = {
		.name = "far-tx-power", .type = SPEC_U32,
		.doc =
			"Power sent, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_REPAIR_FAR_TX_LOW] = {
		.name = "far-tx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_REPAIR_FAR_RX_POWER] = {
		.name = "far-rx-power", .type = SPEC_U32,
		.doc =
			"Power received, in 0.1 uW.",
	},
	[ASHLAR_LINK_A_REPAIR_FAR_RX_LOW] = {
		.name = "far-rx-low", .type = SPEC_U32,
		.doc =
			"Below this it is low.",
	},
	[ASHLAR_LINK_A_REPAIR_FAR_TX_BIAS] = {
		.name = "far-tx-bias", .type = SPEC_U32,
		.doc =
			"The laser's current, in 2 uA.",
	},
};

static const struct spec_attr accuracy_attrs[] = {
	[ASHLAR_LINK_A_ACCURACY_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_ACCURACY_REPAIR] = {
		.name = "repair", .type = SPEC_U32, .values = &enum_repair,
		.doc =
			"The kind.",
	},
	[ASHLAR_LINK_A_ACCURACY_DONE] = {
		.name = "done", .type = SPEC_U32,
		.doc =
			"How many were done.",
	},
	[ASHLAR_LINK_A_ACCURACY_WORKED] = {
		.name = "worked", .type = SPEC_U32,
		.doc =
			"After how many of them the link was healthy.",
	},
};

static const struct spec_attr stats_attrs[] = {
	[ASHLAR_LINK_A_STATS_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_LINK_A_STATS_LINKS] = {
		.name = "links", .type = SPEC_U64,
		.doc =
			"Links now.",
	},
	[ASHLAR_LINK_A_STATS_TICKETS] = {
		.name = "tickets", .type = SPEC_U64,
		.doc =
			"Repairs now.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_TX] = {
		.name = "beat-tx", .type = SPEC_U64,
		.doc =
			"Heartbeats sent.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_TX_FAILED] = {
		.name = "beat-tx-failed", .type = SPEC_U64,
		.doc =
			"Heartbeats and probes that could not be sent.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_RX] = {
		.name = "beat-rx", .type = SPEC_U64,
		.doc =
			"Heartbeats received and believed.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_MALFORMED] = {
		.name = "beat-malformed", .type = SPEC_U64,
		.doc =
			"Frames dropped: no heartbeat that a sender would send.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_VERSION] = {
		.name = "beat-version", .type = SPEC_U64,
		.doc =
			"Frames dropped: of another version.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_BAD_TAG] = {
		.name = "beat-bad-tag", .type = SPEC_U64,
		.doc =
			"Frames dropped: not authenticated by the link's key.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_UNKEYED] = {
		.name = "beat-unkeyed", .type = SPEC_U64,
		.doc =
			"Frames dropped: the link has a key, the frame has no tag, or the reverse.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_STALE] = {
		.name = "beat-stale", .type = SPEC_U64,
		.doc =
			"Frames dropped: they do not answer this end's present incarnation.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_REPLAYED] = {
		.name = "beat-replayed", .type = SPEC_U64,
		.doc =
			"Frames dropped: their number was seen before.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_LIMITED] = {
		.name = "beat-limited", .type = SPEC_U64,
		.doc =
			"Frames dropped: too many of strangers within a second.",
	},
	[ASHLAR_LINK_A_STATS_BEAT_OWN] = {
		.name = "beat-own", .type = SPEC_U64,
		.doc =
			"Frames dropped: they are this host's own, come back.",
	},
	[ASHLAR_LINK_A_STATS_PROBE_TX] = {
		.name = "probe-tx", .type = SPEC_U64,
		.doc =
			"Probes sent on drained links.",
	},
	[ASHLAR_LINK_A_STATS_PROBE_RX] = {
		.name = "probe-rx", .type = SPEC_U64,
		.doc =
			"Probes received.",
	},
	[ASHLAR_LINK_A_STATS_GAP] = {
		.name = "gap", .type = SPEC_U64,
		.doc =
			"Heartbeats and probes found missing.",
	},
	[ASHLAR_LINK_A_STATS_LATE] = {
		.name = "late", .type = SPEC_U64,
		.doc =
			"Times that missing heartbeats were no evidence, because some came late or this host was too busy to look in time.",
	},
	[ASHLAR_LINK_A_STATS_PEER_LOST] = {
		.name = "peer-lost", .type = SPEC_U64,
		.doc =
			"Times that the other end of a link went silent.",
	},
	[ASHLAR_LINK_A_STATS_PEER_NEW] = {
		.name = "peer-new", .type = SPEC_U64,
		.doc =
			"Times that another incarnation of the other end was heard.",
	},
	[ASHLAR_LINK_A_STATS_SAMPLE_NETDEV] = {
		.name = "sample-netdev", .type = SPEC_U64,
		.doc =
			"Looks at netdev counters.",
	},
	[ASHLAR_LINK_A_STATS_SAMPLE_ETHTOOL] = {
		.name = "sample-ethtool", .type = SPEC_U64,
		.doc =
			"Readings of MAC, PHY and FEC statistics.",
	},
	[ASHLAR_LINK_A_STATS_SAMPLE_OPTICS] = {
		.name = "sample-optics", .type = SPEC_U64,
		.doc =
			"Readings of transceivers.",
	},
	[ASHLAR_LINK_A_STATS_RTNL_BUSY] = {
		.name = "rtnl-busy", .type = SPEC_U64,
		.doc =
			"Times that the slow readings were put off because RTNL was taken.",
	},
	[ASHLAR_LINK_A_STATS_COUNTER_RESET] = {
		.name = "counter-reset", .type = SPEC_U64,
		.doc =
			"Times that a device's counter went backwards.",
	},
	[ASHLAR_LINK_A_STATS_COUNTER_WRAP] = {
		.name = "counter-wrap", .type = SPEC_U64,
		.doc =
			"Times that a device's counter wrapped.",
	},
	[ASHLAR_LINK_A_STATS_VERDICT_CORRUPTING] = {
		.name = "verdict-corrupting", .type = SPEC_U64,
		.doc =
			"Directions found corrupting.",
	},
	[ASHLAR_LINK_A_STATS_VERDICT_HEALTHY] = {
		.name = "verdict-healthy", .type = SPEC_U64,
		.doc =
			"Directions found healthy.",
	},
	[ASHLAR_LINK_A_STATS_DRAINED] = {
		.name = "drained", .type = SPEC_U64,
		.doc =
			"Links taken out of service.",
	},
	[ASHLAR_LINK_A_STATS_RETURNED] = {
		.name = "returned", .type = SPEC_U64,
		.doc =
			"Links that came back.",
	},
	[ASHLAR_LINK_A_STATS_RELAPSED] = {
		.name = "relapsed", .type = SPEC_U64,
		.doc =
			"Links drained again soon after they had come back.",
	},
	[ASHLAR_LINK_A_STATS_GUARD_REFUSED] = {
		.name = "guard-refused", .type = SPEC_U64,
		.doc =
			"Actions refused: too few members would be left.",
	},
	[ASHLAR_LINK_A_STATS_TOPOLOGY_REFUSED] = {
		.name = "topology-refused", .type = SPEC_U64,
		.doc =
			"Actions refused: a ToR would fall under its share.",
	},
	[ASHLAR_LINK_A_STATS_AGREEMENT_REFUSED] = {
		.name = "agreement-refused", .type = SPEC_U64,
		.doc =
			"Proposals that the other end refused.",
	},
	[ASHLAR_LINK_A_STATS_AGREEMENT_TIMEOUT] = {
		.name = "agreement-timeout", .type = SPEC_U64,
		.doc =
			"Proposals that the other end did not answer.",
	},
	[ASHLAR_LINK_A_STATS_JOB_ASKED] = {
		.name = "job-asked", .type = SPEC_U64,
		.doc =
			"Jobs given to a helper.",
	},
	[ASHLAR_LINK_A_STATS_JOB_DONE] = {
		.name = "job-done", .type = SPEC_U64,
		.doc =
			"Jobs that it did.",
	},
	[ASHLAR_LINK_A_STATS_JOB_FAILED] = {
		.name = "job-failed", .type = SPEC_U64,
		.doc =
			"Jobs that it could not do.",
	},
};

static const struct spec_set link_sets[] = {
	{ "link", ASHLAR_LINK_A_LINK_MAX, link_attrs },
	{ "history", ASHLAR_LINK_A_HISTORY_MAX, history_attrs },
	{ "host", ASHLAR_LINK_A_HOST_MAX, host_attrs },
	{ "topology", ASHLAR_LINK_A_TOPOLOGY_MAX, topology_attrs },
	{ "node", ASHLAR_LINK_A_NODE_MAX, node_attrs },
	{ "topology-link", ASHLAR_LINK_A_TOPOLOGY_LINK_MAX, topology_link_attrs },
	{ "repair", ASHLAR_LINK_A_REPAIR_MAX, repair_attrs },
	{ "accuracy", ASHLAR_LINK_A_ACCURACY_MAX, accuracy_attrs },
	{ "stats", ASHLAR_LINK_A_STATS_MAX, stats_attrs },
};

static const struct spec_op link_ops[] = {
	[ASHLAR_LINK_CMD_LINK_NEW] = {
		"link-new", "link", false,
	},
	[ASHLAR_LINK_CMD_LINK_SET] = {
		"link-set", "link", false,
	},
	[ASHLAR_LINK_CMD_LINK_DEL] = {
		"link-del", "link", false,
	},
	[ASHLAR_LINK_CMD_LINK_GET] = {
		"link-get", "link", false,
	},
	[ASHLAR_LINK_CMD_LINK_NTF] = {
		"link-ntf", "link", true,
	},
	[ASHLAR_LINK_CMD_LINK_DRAIN] = {
		"link-drain", "link", false,
	},
	[ASHLAR_LINK_CMD_LINK_RETURN] = {
		"link-return", "link", false,
	},
	[ASHLAR_LINK_CMD_LINK_FORGET] = {
		"link-forget", "link", false,
	},
	[ASHLAR_LINK_CMD_HISTORY_GET] = {
		"history-get", "history", false,
	},
	[ASHLAR_LINK_CMD_HOST_GET] = {
		"host-get", "host", false,
	},
	[ASHLAR_LINK_CMD_HOST_SET] = {
		"host-set", "host", false,
	},
	[ASHLAR_LINK_CMD_HELPER_SET] = {
		"helper-set", "host", false,
	},
	[ASHLAR_LINK_CMD_JOB_DONE] = {
		"job-done", "link", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_BEGIN] = {
		"topology-begin", "topology", false,
	},
	[ASHLAR_LINK_CMD_NODE_NEW] = {
		"node-new", "node", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_LINK_NEW] = {
		"topology-link-new", "topology-link", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_COMMIT] = {
		"topology-commit", "topology", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_FLUSH] = {
		"topology-flush", "topology", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_GET] = {
		"topology-get", "topology", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_NTF] = {
		"topology-ntf", "topology", true,
	},
	[ASHLAR_LINK_CMD_NODE_GET] = {
		"node-get", "node", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_LINK_SET] = {
		"topology-link-set", "topology-link", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_LINK_GET] = {
		"topology-link-get", "topology-link", false,
	},
	[ASHLAR_LINK_CMD_TOPOLOGY_LINK_NTF] = {
		"topology-link-ntf", "topology-link", true,
	},
	[ASHLAR_LINK_CMD_REPAIR_GET] = {
		"repair-get", "repair", false,
	},
	[ASHLAR_LINK_CMD_REPAIR_NTF] = {
		"repair-ntf", "repair", true,
	},
	[ASHLAR_LINK_CMD_REPAIR_DONE] = {
		"repair-done", "repair", false,
	},
	[ASHLAR_LINK_CMD_REPAIR_DEL] = {
		"repair-del", "repair", false,
	},
	[ASHLAR_LINK_CMD_ACCURACY_GET] = {
		"accuracy-get", "accuracy", false,
	},
	[ASHLAR_LINK_CMD_STATS_GET] = {
		"stats-get", "stats", false,
	},
};

static const struct spec_family link_family = {
	.name = ASHLAR_LINK_FAMILY_NAME,
	.n_sets = 9,
	.sets = link_sets,
	.n_ops = ASHLAR_LINK_CMD_MAX + 1,
	.ops = link_ops,
};

#endif /* ASHLAR_GEN_LINK_H */

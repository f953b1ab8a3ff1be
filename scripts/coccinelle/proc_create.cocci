// SPDX-License-Identifier: GPL-2.0-only
/// netlink is the control surface: nothing in /proc
// Options: --no-includes --include-headers

virtual report

@r@
position p;
@@

(
 proc_create@p(...)
|
 proc_create_data@p(...)
|
 proc_create_seq@p(...)
|
 proc_create_single@p(...)
|
 proc_create_net@p(...)
|
 proc_create_net_single@p(...)
|
 proc_mkdir@p(...)
|
 register_net_sysctl@p(...)
|
 register_sysctl@p(...)
)

@script:python depends on report@
p << r.p;
@@

coccilib.report.print_report(p[0], "an entry in /proc")

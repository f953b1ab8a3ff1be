// SPDX-License-Identifier: GPL-2.0-only
/// A handle made one of another kind by a cast of its address: types are all that tells who owns it

virtual report

@r@
type T;
expression E;
position p;
@@

 (T@p *)&E

@script:python depends on report@
p << r.p;
t << r.T;
@@

if t in ("ext_pkt", "ext_owned_pkt", "ext_owned_dev"):
    coccilib.report.print_report(p[0], "error: a handle is made %s by a cast; use the call that returns one" % t)

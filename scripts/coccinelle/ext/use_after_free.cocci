// SPDX-License-Identifier: GPL-2.0-only
/// Used after it was given back; the run time sees it as well

virtual report

@r@
identifier x;
expression E;
identifier give = {ext_free, ext_obj_put, ext_pkt_free, ext_pkt_send, ext_dev_put};
position p;
@@

 give(x, ...);
 ... when != x = E
     when != &x
(
 *x@p
|
 x@p[...]
|
 ext_free(x@p)
|
 ext_pkt_free(x@p)
|
 ext_pkt_send(x@p, ...)
|
 ext_dev_put(x@p)
)

@script:python depends on report@
p << r.p;
x << r.x;
@@

coccilib.report.print_report(p[0], "warning: %s was given back before; use it first, or set it anew" % x)

// SPDX-License-Identifier: GPL-2.0-only
/// A way out that forgets what was taken; the ledger takes it back only when the extension ends

virtual report

@r@
identifier x;
identifier take = {ext_alloc, ext_alloc_array, ext_obj_alloc, ext_pkt_clone, ext_dev_get};
statement S;
position p;
@@

 x = take(...);
 ... when != x
(
 if (!x) S
|
 if (x == NULL) S
|
 if (!x.handle) S
)
 ... when != x
 if (...) {
 ... when != x
 return@p ...;
 }

@script:python depends on report@
p << r.p;
x << r.x;
@@

coccilib.report.print_report(p[0], "warning: %s is still held here; give it back first" % x)

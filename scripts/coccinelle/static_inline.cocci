// SPDX-License-Identifier: GPL-2.0-only
/// static inline belongs into headers; in a .c file the compiler decides
// Options: --no-includes --include-headers

virtual report

@r@
type T;
identifier f;
position p;
@@

static inline T f@p(...) { ... }

@script:python depends on report@
p << r.p;
f << r.f;
@@

if p[0].file.endswith(".c"):
    coccilib.report.print_report(p[0], "static inline %s in a .c file" % f)

// SPDX-License-Identifier: GPL-2.0-only
/// BUG stops the machine; find another way out
// Options: --no-includes --include-headers

virtual report

@r@
position p;
@@

(
 BUG@p()
|
 BUG_ON@p(...)
|
 panic@p(...)
)

@script:python depends on report@
p << r.p;
@@

coccilib.report.print_report(p[0], "stops the machine")

// SPDX-License-Identifier: GPL-2.0-only
/// A function that calls itself: the stack is small, and its end ends the extension

virtual report

@r@
identifier f;
position p;
@@

f(...)
{
 <+...
 f@p(...)
 ...+>
}

@script:python depends on report@
p << r.p;
f << r.f;
@@

coccilib.report.print_report(p[0], "warning: %s() calls itself; use a loop" % f)

// SPDX-License-Identifier: GPL-2.0-only
/// what comes from the network or from user space must not be able to make the kernel warn
// Options: --no-includes --include-headers

virtual report

@r@
identifier f;
parameter list ps;
position p;
@@

f(ps)
{
<+...
(
 WARN_ON@p(...)
|
 WARN@p(...)
|
 WARN_ONCE@p(...)
|
 WARN_ON_ONCE@p(...)
)
...+>
}

@script:python depends on report@
p << r.p;
ps << r.ps;
@@

if any("struct %s *" % t in str(ps) for t in ["sk_buff", "genl_info", "netlink_callback", "nlattr"]):
    coccilib.report.print_report(p[0], "a warning on input")

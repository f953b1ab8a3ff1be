// SPDX-License-Identifier: GPL-2.0-only
/// hooks run in softirq and in process context: their locks keep bottom halves out
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
 spin_lock@p(...)
|
 read_lock@p(...)
|
 write_lock@p(...)
)
...+>
}

@script:python depends on report@
p << r.p;
ps << r.ps;
@@

if "struct nf_hook_state *" in str(ps):
    coccilib.report.print_report(p[0], "a lock in a hook without _bh")

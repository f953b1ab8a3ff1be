// SPDX-License-Identifier: GPL-2.0-only
/// netlink input is validated strictly
// Options: --no-includes --include-headers

virtual report

@r@
position p;
@@

(
 GENL_DONT_VALIDATE_STRICT@p
|
 GENL_DONT_VALIDATE_DUMP@p
|
 GENL_DONT_VALIDATE_DUMP_STRICT@p
)

@script:python depends on report@
p << r.p;
@@

coccilib.report.print_report(p[0], "validation is turned off")

// SPDX-License-Identifier: GPL-2.0-only
/// debugfs is only to read
// Options: --no-includes --include-headers

virtual report

@r@
expression E, e1, e2, e3, e4;
position p;
@@

(
 debugfs_create_file@p(e1, E, e2, e3, e4)
|
 debugfs_create_file_unsafe@p(e1, E, e2, e3, e4)
|
 debugfs_create_u32@p(e1, E, e2, e3)
|
 debugfs_create_u64@p(e1, E, e2, e3)
|
 debugfs_create_ulong@p(e1, E, e2, e3)
|
 debugfs_create_atomic_t@p(e1, E, e2, e3)
|
 debugfs_create_bool@p(e1, E, e2, e3)
)

@script:python depends on report@
p << r.p;
mode << r.E;
@@

if mode not in ("0444", "0440", "0400", "S_IRUGO", "S_IRUSR"):
    coccilib.report.print_report(p[0], "a debugfs file that is not read-only (%s)" % mode)

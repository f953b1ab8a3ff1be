// SPDX-License-Identifier: GPL-2.0-only
/// netlink is the control surface: no module parameters
// Options: --no-includes --include-headers

virtual report

@r@
declarer name module_param, module_param_named, module_param_array, module_param_string, module_param_cb;
declarer name module_param_call;
position p;
@@

(
 module_param@p(...);
|
 module_param_named@p(...);
|
 module_param_array@p(...);
|
 module_param_string@p(...);
|
 module_param_cb@p(...);
|
 module_param_call@p(...);
)

@script:python depends on report@
p << r.p;
@@

coccilib.report.print_report(p[0], "a module parameter")

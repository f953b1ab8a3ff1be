// SPDX-License-Identifier: GPL-2.0-only
static int level;
module_param(level, int, 0444); /* flagged */
module_param_named(depth, level, int, 0444); /* flagged */
MODULE_LICENSE("GPL");

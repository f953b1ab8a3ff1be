// SPDX-License-Identifier: GPL-2.0-only
static const struct genl_ops ops[] = {
	{
		.cmd = 1,
		.validate = GENL_DONT_VALIDATE_STRICT | /* flagged */
			    GENL_DONT_VALIDATE_DUMP, /* flagged */
	},
	{
		.cmd = 2,
		.validate = 0,
	},
};

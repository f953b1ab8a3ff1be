// SPDX-License-Identifier: GPL-2.0-only
static int check(int a)
{
	BUG_ON(a); /* flagged */
	if (a > 3)
		BUG(); /* flagged */
	BUILD_BUG_ON(sizeof(a) != 4);
	return 0;
}

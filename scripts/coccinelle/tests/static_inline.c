// SPDX-License-Identifier: GPL-2.0-only
static inline int quick(int a) /* flagged */
{
	return a + 1;
}

static int plain(int a)
{
	return quick(a);
}

// SPDX-License-Identifier: GPL-2.0-only
static int take(struct sk_buff *skb, int len)
{
	if (WARN_ON_ONCE(len > 3)) /* flagged */
		return -1;
	return 0;
}

static int ask(struct sk_buff *skb, struct genl_info *info)
{
	WARN(1, "asked"); /* flagged */
	return 0;
}

static void own(struct work_struct *work)
{
	WARN_ON(!work);
}

// SPDX-License-Identifier: GPL-2.0-only
static unsigned int hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	spin_lock(&lock); /* flagged */
	spin_unlock(&lock);
	spin_lock_bh(&lock);
	spin_unlock_bh(&lock);
	return 1;
}

static void timer(struct timer_list *t)
{
	spin_lock(&lock);
	spin_unlock(&lock);
}

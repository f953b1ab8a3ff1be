// SPDX-License-Identifier: GPL-2.0-only
static int make(struct net *net)
{
	proc_create("a", 0444, NULL, &ops); /* flagged */
	proc_create_net("a", 0444, net->proc_net, &ops, 0); /* flagged */
	create("a");
	return 0;
}

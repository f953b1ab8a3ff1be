// SPDX-License-Identifier: GPL-2.0-only
static void make(struct dentry *dir)
{
	debugfs_create_file("a", 0444, dir, NULL, &ops);
	debugfs_create_file("a", 0644, dir, NULL, &ops); /* flagged */
	debugfs_create_u32("a", 0600, dir, &value); /* flagged */
	debugfs_create_u32("a", 0400, dir, &value);
}

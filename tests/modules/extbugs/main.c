// SPDX-License-Identifier: GPL-2.0-only
/* /dev/extbugs: write a twin's name, and it runs; read, and it says what it returned. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "extbugs.h"

static const struct twin *const all[] = {
	extbugs_memory, extbugs_flow, extbugs_owned, extbugs_locks
};

static u64 returned;

static const struct twin *twin_find(const char *name)
{
	const struct twin *twin;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		for (twin = all[i]; twin->name; twin++)
			if (!strcmp(twin->name, name))
				return twin;
	return NULL;
}

static ssize_t extbugs_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	const struct twin *twin;
	char name[32] = {};

	if (len >= sizeof(name) || copy_from_user(name, from, len))
		return -EINVAL;
	twin = twin_find(strim(name));
	if (!twin)
		return -ENOENT;
	pr_info("extbugs: begin %s\n", twin->name);
	returned = twin->run(twin->n);
	pr_info("extbugs: end %s\n", twin->name);
	return len;
}

static ssize_t extbugs_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	char text[32];
	int size = scnprintf(text, sizeof(text), "0x%llx\n", returned);

	return simple_read_from_buffer(to, len, pos, text, size);
}

static const struct file_operations extbugs_fops = {
	.owner = THIS_MODULE,
	.read = extbugs_read,
	.write = extbugs_write,
};

static struct miscdevice extbugs_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "extbugs",
	.mode = 0600,
	.fops = &extbugs_fops,
};

module_misc_device(extbugs_dev);
MODULE_DESCRIPTION("Unsafe twins of the bug suite of ashlar_ext");
MODULE_LICENSE("GPL");

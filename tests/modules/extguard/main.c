// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/extguard: a pattern on both sides of the next arenas that extensions get, where otherwise
 * there would be somebody else's memory.
 *
 * write "arm": address space is reserved side by side, a side, a hole of an arena's size, a side, a
 * hole, and so on, and the holes are given back: they are the first that fits an arena. All that is
 * mapped there is one page, again and again, so that one look tells of all sides.
 * write "harm": changes a byte as a wild write would.
 * write "mend": lays the pattern again.
 * write "disarm": gives all back.
 * read: "intact", or the byte that was changed.
 *
 * Where the arenas are, and that there is a side on both sides of each, /proc/vmallocinfo tells.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <ashlar/ext_abi.h>

#define PATTERN		0xa5
/* Sides have even numbers, holes odd ones. */
#define AREAS		13
/* What is free before the place where all fit is plugged. */
#define PLUGS		16
#define SIZE \
	(3 * ASHLAR_EXT_GUARD + ASHLAR_EXT_ARENA_SIZE + ASHLAR_EXT_SHADOW_SIZE)

static DEFINE_MUTEX(lock);
static struct page *pattern;
static void *areas[AREAS], *plugs[PLUGS];

static void *map(void)
{
	unsigned int i, n = SIZE / PAGE_SIZE;
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	void *at;

	if (!pages)
		return NULL;
	for (i = 0; i < n; i++)
		pages[i] = pattern;
	at = vmap(pages, n, VM_MAP, PAGE_KERNEL);
	kvfree(pages);
	return at;
}

static void unmap(void **at)
{
	vunmap(*at);
	*at = NULL;
}

static void disarm(void)
{
	unsigned int i;

	for (i = 0; i < AREAS; i++)
		unmap(&areas[i]);
	for (i = 0; i < PLUGS; i++)
		unmap(&plugs[i]);
	vm_unmap_aliases();
}

/* One after the other, with the page between two areas that vmalloc leaves. */
static bool in_a_row(const void *a, const void *b)
{
	return b == a + SIZE + PAGE_SIZE;
}

static int arm(void)
{
	unsigned int n = 0, plug = 0;
	void *next;

	memset(page_address(pattern), PATTERN, PAGE_SIZE);
	while (n < AREAS) {
		next = map();
		if (!next)
			return -ENOMEM;
		/* If it lies elsewhere, they begin here. */
		for (; n && !in_a_row(areas[n - 1], next) && plug < PLUGS; n--)
			swap(plugs[plug++], areas[n - 1]);
		if (n && !in_a_row(areas[n - 1], next)) {
			vunmap(next);
			return -ENOSPC;
		}
		areas[n++] = next;
	}
	for (n = 1; n < AREAS; n += 2)
		unmap(&areas[n]);
	/* Only then the holes are free indeed. */
	vm_unmap_aliases();
	return 0;
}

static int command(const char *word)
{
	int err = 0;

	if (!strcmp(word, "arm")) {
		disarm();
		err = arm();
		if (err)
			disarm();
	} else if (!strcmp(word, "disarm")) {
		disarm();
	} else if (!strcmp(word, "harm") && areas[2]) {
		*(u8 *)(areas[2] + SIZE - 1) ^= 1;
	} else if (!strcmp(word, "mend") && areas[2]) {
		memset(page_address(pattern), PATTERN, PAGE_SIZE);
	} else {
		err = -EINVAL;
	}
	return err;
}

static ssize_t extguard_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	char word[16] = {};
	int err;

	if (len >= sizeof(word) || copy_from_user(word, from, len))
		return -EINVAL;
	mutex_lock(&lock);
	err = command(strim(word));
	mutex_unlock(&lock);
	return err ?: len;
}

static ssize_t extguard_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	const u8 *base = page_address(pattern);
	char text[64];
	const u8 *at;
	int size;

	mutex_lock(&lock);
	at = memchr_inv(base, PATTERN, PAGE_SIZE);
	if (!areas[0])
		size = scnprintf(text, sizeof(text), "not armed\n");
	else if (at)
		size = scnprintf(text, sizeof(text), "byte %u of a page is 0x%02x\n",
				 (unsigned int)(at - base), *at);
	else
		size = scnprintf(text, sizeof(text), "intact\n");
	mutex_unlock(&lock);
	return simple_read_from_buffer(to, len, pos, text, size);
}

static const struct file_operations extguard_fops = {
	.owner = THIS_MODULE,
	.read = extguard_read,
	.write = extguard_write,
};

static struct miscdevice extguard_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "extguard",
	.mode = 0600,
	.fops = &extguard_fops,
};

static int __init extguard_init(void)
{
	int err;

	pattern = alloc_page(GFP_KERNEL);
	if (!pattern)
		return -ENOMEM;
	err = misc_register(&extguard_dev);
	if (err)
		__free_page(pattern);
	return err;
}

static void __exit extguard_exit(void)
{
	misc_deregister(&extguard_dev);
	disarm();
	__free_page(pattern);
}

module_init(extguard_init);
module_exit(extguard_exit);
MODULE_DESCRIPTION("A pattern around the arenas of ashlar_ext");
MODULE_LICENSE("GPL");

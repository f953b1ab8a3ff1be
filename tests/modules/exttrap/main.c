// SPDX-License-Identifier: GPL-2.0-only
/*
 * Behind the first instruction of a function of an extension all its registers
 * but the stack's two become @value, once: what it does next with one of them
 * makes the processor trap. An extension cannot do that by itself, since all
 * that it does is checked before; its landing pads are there all the same.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static char *at;
module_param(at, charp, 0444);
MODULE_PARM_DESC(at, "MODULE:FUNCTION");

static ulong value = 0xdead0000dead0000UL;
module_param(value, ulong, 0444);
MODULE_PARM_DESC(value, "what is in the registers then");

static atomic_t done = ATOMIC_INIT(0);

static void clobber(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
	if (atomic_xchg(&done, 1))
		return;
	regs->ax = value;
	regs->bx = value;
	regs->cx = value;
	regs->dx = value;
	regs->si = value;
	regs->di = value;
	regs->r8 = value;
	regs->r9 = value;
	regs->r10 = value;
	regs->r11 = value;
	regs->r12 = value;
	regs->r13 = value;
	regs->r14 = value;
	regs->r15 = value;
}

static struct kprobe probe = {
	.post_handler = clobber,
};

static int __init trap_init(void)
{
	if (!at)
		return -EINVAL;
	probe.symbol_name = at;
	return register_kprobe(&probe);
}

static void __exit trap_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(trap_init);
module_exit(trap_exit);
MODULE_DESCRIPTION("Tests of Ashlar: makes an extension trap");
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The Ashlar authors");

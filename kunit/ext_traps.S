/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of extensions that are played, as far as they need the processor's
 * own words: traps with their landing pads, as ext-build makes them.
 */
#include <linux/linkage.h>

#include <asm/asm.h>

#include <ashlar/ext_abi.h>

/* Offsets in struct t_play. */
#define PLAY_ADDR	8
#define PLAY_CODE	16
#define PLAY_SIZE	20

	.text
SYM_DATA_START(t_text_start)
SYM_DATA_END(t_text_start)

SYM_FUNC_START(t_fail)
	movq	t_play+PLAY_ADDR(%rip), %rsi
	movl	t_play+PLAY_CODE(%rip), %edx
	movl	t_play+PLAY_SIZE(%rip), %ecx
	call	ashlar_ext_fail
.Lfailed:
	int3
SYM_FUNC_END(t_fail)

SYM_FUNC_START(t_ud2)
.Lud2:	ud2
	int3
SYM_FUNC_END(t_ud2)

SYM_FUNC_START(t_divide)
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
.Ldivide:
	divl	%ecx
	RET
SYM_FUNC_END(t_divide)

SYM_FUNC_START(t_load)
	movq	t_play+PLAY_ADDR(%rip), %rsi
.Lload:	movq	(%rsi), %rax
	RET
SYM_FUNC_END(t_load)

/* Nothing is as it was, the stack not even aligned. */
SYM_FUNC_START(t_dirty)
	movq	$-1, %rbx
	movq	%rbx, %rbp
	movq	%rbx, %r12
	movq	%rbx, %r13
	movq	%rbx, %r14
	movq	%rbx, %r15
	subq	$1021, %rsp
.Ldirty:
	ud2
	int3
SYM_FUNC_END(t_dirty)

SYM_FUNC_START(t_backwards)
	std
.Lbackwards:
	ud2
	int3
SYM_FUNC_END(t_backwards)

SYM_DATA_START(t_text_end)
SYM_DATA_END(t_text_end)

/* One call for each; what it leads to is told by where it comes from. */
SYM_DATA_START(t_pads_start)
.Lpad0:	call	.Lcommon
.Lpad1:	call	.Lcommon
.Lpad2:	call	.Lcommon
.Lpad3:	call	.Lcommon
.Lpad4:	call	.Lcommon
SYM_DATA_END(t_pads_start)
.Lcommon:
	jmp	ashlar_ext_trap
SYM_DATA_START(t_pads_end)
SYM_DATA_END(t_pads_end)

	_ASM_EXTABLE(.Lud2, .Lpad0)
	_ASM_EXTABLE(.Ldivide, .Lpad1)
	_ASM_EXTABLE(.Lload, .Lpad2)
	_ASM_EXTABLE(.Ldirty, .Lpad3)
	_ASM_EXTABLE(.Lbackwards, .Lpad4)

	.section .rodata
	.balign	4
SYM_DATA_START(t_pad_ips)
	.long	.Lud2 - t_text_start
	.long	.Ldivide - t_text_start
	.long	.Lload - t_text_start
	.long	.Ldirty - t_text_start
	.long	.Lbackwards - t_text_start
SYM_DATA_END(t_pad_ips)
SYM_DATA(t_nr_pads, .long 5)
SYM_DATA(t_fail_ip, .long .Lfailed - t_text_start)

	.text
SYM_FUNC_START(t_gate)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	movq	%rsp, (%rsp)
	movl	$0x11111111, %ebx
	movl	$0x22222222, %ebp
	movl	$0x33333333, %r12d
	movl	$0x44444444, %r13d
	movl	$0x55555555, %r14d
	movl	$0x66666666, %r15d
	movq	%rsi, %r9
	call	ex_enter
	movl	$1, %eax
	cmpq	%rsp, (%rsp)
	jne	1f
	cmpq	$0x11111111, %rbx
	jne	1f
	cmpq	$0x22222222, %rbp
	jne	1f
	cmpq	$0x33333333, %r12
	jne	1f
	cmpq	$0x44444444, %r13
	jne	1f
	cmpq	$0x55555555, %r14
	jne	1f
	cmpq	$0x66666666, %r15
	jne	1f
	xorl	%eax, %eax
1:	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	RET
SYM_FUNC_END(t_gate)

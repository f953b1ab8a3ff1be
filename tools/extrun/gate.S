/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In and out of an extension. A failure, wherever it is, restores what er_enter() saved and returns from it.
 */
#define __ASSEMBLER__ 1
#include "../../include/ashlar/ext_abi.h"

	.text

/* u64 er_enter(ctx, fn, a0, a1, a2, a3) */
	.globl er_enter
	.type er_enter, @function
er_enter:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	subq $8, %rsp
	movq %rsp, ASHLAR_EXT_CTX_GATE_SP(%rdi)
	movq %rsi, %rax
	movq %rdx, %rsi
	movq %rcx, %rdx
	movq %r8, %rcx
	movq %r9, %r8
	call *%rax
	.globl er_leave
er_leave:
	addq $8, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.size er_enter, . - er_enter

/* ashlar_ext_fail(ctx, addr, code, size): what a call found is kept. */
	.globl ashlar_ext_fail
	.type ashlar_ext_fail, @function
ashlar_ext_fail:
	cmpl $0, ASHLAR_EXT_CTX_FAULT_CODE(%rdi)
	jne 1f
	movq %rsi, ASHLAR_EXT_CTX_FAULT_ADDR(%rdi)
	movl %edx, ASHLAR_EXT_CTX_FAULT_CODE(%rdi)
	movl %ecx, ASHLAR_EXT_CTX_FAULT_SIZE(%rdi)
1:	movq (%rsp), %rax
	movq %rax, ASHLAR_EXT_CTX_FAULT_IP(%rdi)
	movq ASHLAR_EXT_CTX_GATE_SP(%rdi), %rsp
	xorl %eax, %eax
	jmp er_leave
	.size ashlar_ext_fail, . - ashlar_ext_fail

/* u32 ashlar_ext_window(ctx, addr, size): uses no register but rax and r11. */
	.globl ashlar_ext_window
	.type ashlar_ext_window, @function
ashlar_ext_window:
	movq %rsi, %rax
	subq ASHLAR_EXT_CTX_PKT(%rdi), %rax
	movl %edx, %r11d
	andl $0x7fffffff, %r11d
	addq %rax, %r11
	jc 1f
	testl %edx, %edx
	movl ASHLAR_EXT_CTX_PKT_WLEN(%rdi), %eax
	js 2f
	movl ASHLAR_EXT_CTX_PKT_LEN(%rdi), %eax
2:	cmpq %rax, %r11
	ja 1f
	movl $1, %eax
	ret
1:	xorl %eax, %eax
	ret
	.size ashlar_ext_window, . - ashlar_ext_window

	.section .note.GNU-stack, "", @progbits

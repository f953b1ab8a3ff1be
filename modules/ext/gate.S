/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into an extension and out of it. An invocation that fails leaves by the
 * stack pointer that the gate kept; all that lies between is the extension's
 * own, since a call of the shim always returns to it before it fails.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>

#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

#include <ashlar/ext_abi.h>

	.text

/* u64 ex_enter(ctx, a0, a1, a2, a3, fn) */
SYM_FUNC_START(ex_enter)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, ASHLAR_EXT_CTX_GATE_SP(%rdi)
	CALL_NOSPEC r9
	/* They are as they were. */
	addq	$48, %rsp
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(ex_enter)

/*
 * ashlar_ext_fail(ctx, addr, code, size), called by instrumented code and by
 * nobody else. What a call of the shim found out is better than what the code
 * behind it knows.
 */
SYM_FUNC_START(ashlar_ext_fail)
	movq	(%rsp), %rax
	movq	%rax, ASHLAR_EXT_CTX_FAULT_IP(%rdi)
	cmpl	%edx, ASHLAR_EXT_CTX_STOP(%rdi)
	je	1f
	movq	%rsi, ASHLAR_EXT_CTX_FAULT_ADDR(%rdi)
	movl	%ecx, ASHLAR_EXT_CTX_FAULT_SIZE(%rdi)
1:	testl	%edx, %edx
	jnz	2f
	movl	$ASHLAR_EXT_FAULT_UNREACHABLE, %edx
2:	movl	%edx, ASHLAR_EXT_CTX_FAULT_CODE(%rdi)
	jmp	ex_leave
SYM_FUNC_END(ashlar_ext_fail)

/*
 * A landing pad comes here, by a call: what it stands for follows from the
 * address on the stack. The registers are whatever they were when the processor
 * trapped, and the stack is the extension's, aligned or not.
 */
SYM_FUNC_START(ashlar_ext_trap)
	cld
	popq	%rdi
	andq	$-16, %rsp
	call	ex_trap
	testq	%rax, %rax
	jz	1f
	movq	%rax, %rdi
	jmp	ex_leave
	/* No way back: what the kernel says of a trap that has no landing pad. */
1:	ud2
SYM_FUNC_END(ashlar_ext_trap)
STACK_FRAME_NON_STANDARD ashlar_ext_trap

/* Leaves the invocation of ctx, as if what ex_enter() called had returned. */
SYM_FUNC_START_LOCAL(ex_leave)
	movq	ASHLAR_EXT_CTX_GATE_SP(%rdi), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	/* No verdict. */
	movl	$-1, %eax
	RET
SYM_FUNC_END(ex_leave)
STACK_FRAME_NON_STANDARD ex_leave

/*
 * ashlar_ext_window(ctx, addr, size): 1 if the bytes are of the packet as it is
 * lent now, else 0. Changes nothing but rax and r11.
 */
SYM_FUNC_START(ashlar_ext_window)
	movl	ASHLAR_EXT_CTX_PKT_LEN(%rdi), %r11d
	testl	%edx, %edx
	jns	1f
	movl	ASHLAR_EXT_CTX_PKT_WLEN(%rdi), %r11d
1:	movq	%rsi, %rax
	subq	ASHLAR_EXT_CTX_PKT(%rdi), %rax
	cmpq	%r11, %rax
	jae	2f
	subq	%rax, %r11
	movl	%edx, %eax
	andl	$0x7fffffff, %eax
	cmpq	%rax, %r11
	jb	2f
	movl	$1, %eax
	RET
2:	xorl	%eax, %eax
	RET
SYM_FUNC_END(ashlar_ext_window)

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happened, on which line, to whom; and the processor's traps, which are failures when they
 * come from the extension's text.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "extrun.h"

#define CALLS 16

static const struct ashlar_ext_info *const info = &ashlar_ext_info;
static struct {
	const char *name;
	u64 arg;
} calls[CALLS];
static u32 nr_calls;

void er_called(const char *name, u64 arg)
{
	calls[nr_calls % CALLS].name = name;
	calls[nr_calls++ % CALLS].arg = arg;
}

const char *er_code_text(u32 code)
{
	static const char *const texts[] = {
		[ASHLAR_EXT_FAULT_NONE] = "none",
		[ASHLAR_EXT_FAULT_RANGE] = "range",
		[ASHLAR_EXT_FAULT_BOUNDS] = "bounds",
		[ASHLAR_EXT_FAULT_OBJECT] = "object",
		[ASHLAR_EXT_FAULT_READONLY] = "readonly",
		[ASHLAR_EXT_FAULT_NULL] = "null",
		[ASHLAR_EXT_FAULT_FUEL] = "fuel",
		[ASHLAR_EXT_FAULT_STACK] = "stack",
		[ASHLAR_EXT_FAULT_USTACK] = "second-stack",
		[ASHLAR_EXT_FAULT_DIV] = "div",
		[ASHLAR_EXT_FAULT_SHIFT] = "shift",
		[ASHLAR_EXT_FAULT_ICALL] = "indirect-call",
		[ASHLAR_EXT_FAULT_UNREACHABLE] = "unreachable",
		[ASHLAR_EXT_FAULT_OVERFLOW] = "overflow",
		[ASHLAR_EXT_FAULT_RACE] = "race",
		[ASHLAR_EXT_FAULT_STOP] = "stop",
		[ASHLAR_EXT_FAULT_TRAP] = "trap",
		[ASHLAR_EXT_FAULT_HANDLE] = "handle",
		[ASHLAR_EXT_FAULT_BUFFER] = "buffer",
		[ASHLAR_EXT_FAULT_FREE] = "free",
		[ASHLAR_EXT_FAULT_REFCOUNT] = "refcount",
		[ASHLAR_EXT_FAULT_LOCK_ORDER] = "lock-order",
		[ASHLAR_EXT_FAULT_LOCK_HELD] = "lock-held",
		[ASHLAR_EXT_FAULT_LOCK_TIME] = "lock-time",
		[ASHLAR_EXT_FAULT_CONTEXT] = "context",
		[ASHLAR_EXT_FAULT_ARGUMENT] = "argument",
		[ASHLAR_EXT_FAULT_VERDICT] = "verdict",
	};

	return code < sizeof(texts) / sizeof(*texts) && texts[code] ? texts[code] : "?";
}

static void print_line(u64 ip)
{
	char command[128], line[512];
	FILE *f;

	fflush(stdout);
	snprintf(command, sizeof(command), "addr2line -i -f -s -e /proc/%d/exe 0x%llx 2>/dev/null",
		 getpid(), (unsigned long long)ip - 1);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char where[512] = "?\n";

		line[strcspn(line, "\n")] = 0;
		if (!fgets(where, sizeof(where), f))
			break;
		printf("  at %.*s in %s\n", (int)strcspn(where, " \n"), where, line);
	}
	if (f)
		pclose(f);
}

void er_report(struct ashlar_ext_ctx *ctx, const struct ashlar_ext_entry *entry)
{
	u32 code = ctx->fault_code, i, size = ctx->fault_size & ~ASHLAR_EXT_FAULT_WRITE;

	if (er_options.quiet)
		return;
	printf("fault: %s (%u)%s%.*s\n", er_code_text(code), code, entry ? " in entry " : "",
	       ASHLAR_EXT_NAME, entry ? entry->name : "");
	if (ctx->spare[0])
		printf("  %s\n", (const char *)ctx->spare[0]);
	if (ctx->fault_ip)
		print_line(ctx->fault_ip);
	if (size)
		printf("  %s of %u bytes at %llx: %s\n",
		       ctx->fault_size & ASHLAR_EXT_FAULT_WRITE ? "write" : "read", size,
		       (unsigned long long)ctx->fault_addr, er_describe(ctx->fault_addr));
	else if (ctx->fault_addr)
		printf("  value %llx\n", (unsigned long long)ctx->fault_addr);
	for (i = nr_calls > 5 ? nr_calls - 5 : 0; i < nr_calls; i++)
		printf("  call %s(%llx)\n", calls[i % CALLS].name,
		       (unsigned long long)calls[i % CALLS].arg);
	fflush(stdout);
}

/* --- traps --- */

#ifndef EXTRUN_ORACLE
static void on_trap(int sig, siginfo_t *si, void *p)
{
	greg_t *r = ((ucontext_t *)p)->uc_mcontext.gregs;
	u64 ip = r[REG_RIP];

	if (!er_ctx || ip < (u64)info->text_start || ip >= (u64)info->text_end) {
		static const char text[] = "extrun: a trap that is not the extension's\n";

		if (write(2, text, sizeof(text) - 1) < 0)
			_exit(4);
		signal(sig, SIG_DFL);
		return;
	}
	er_ctx->fault_code = ASHLAR_EXT_FAULT_TRAP;
	er_ctx->fault_ip = ip + 1;
	er_ctx->fault_addr = sig == SIGSEGV ? (u64)si->si_addr : 0;
	er_ctx->fault_size = sig == SIGSEGV ? 1 | (r[REG_ERR] & 2 ? ASHLAR_EXT_FAULT_WRITE : 0) : 0;
	r[REG_RSP] = er_ctx->gate_sp;
	r[REG_RAX] = 0;
	r[REG_RIP] = (greg_t)(u64)er_leave;
}
#endif

void er_trap_init(void)
{
#ifndef EXTRUN_ORACLE
	static char stack[65536];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa = { .sa_sigaction = on_trap,
				.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGFPE, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
#endif
}

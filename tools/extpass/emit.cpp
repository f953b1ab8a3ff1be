// SPDX-License-Identifier: GPL-2.0-only
/*
 * The code of checks.
 */
#include "check.h"

#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

namespace ashlar {

static uint32_t size_of(int64_t n, bool write)
{
	uint64_t size = std::min<uint64_t>(n, 0x7fffffff);

	return size | (write ? ASHLAR_EXT_FAULT_WRITE : 0);
}

void Checker::apply()
{
	for (Check &c : checks) {
		IRBuilder<> b(c.at);

		switch (c.kind) {
		case Check::NULL_TEST:
			e.fail_if(b.CreateICmpEQ(c.p, ConstantPointerNull::get(cast<PointerType>(c.p->getType()))), c.at, c.p,
				  ASHLAR_EXT_FAULT_NULL, size_of(c.hi - c.lo, c.write));
			break;
		case Check::READ_ONLY:
			e.fail_if(b.getTrue(), c.at, c.p, ASHLAR_EXT_FAULT_READONLY, size_of(c.hi, true));
			break;
		case Check::EXACT:
			apply_exact(c);
			break;
		case Check::SHADOW:
			apply_shadow(c);
			break;
		case Check::RANGE:
			apply_range(c);
			break;
		}
	}
}

Value *Checker::address(IRBuilder<> &b, const Check &c, int64_t off)
{
	Value *at = b.CreatePtrToInt(c.p, e.i64);

	return off ? b.CreateAdd(at, b.getInt64(off)) : at;
}

/* Against a size that is known here; the pointer was made from origin. */
void Checker::apply_exact(Check &c)
{
	IRBuilder<> b(c.at);
	Value *at = address(b, c, c.lo), *off = b.CreateSub(at, b.CreatePtrToInt(c.origin, e.i64)), *bad;
	Value *size = c.root.len ? b.CreateZExt(c.root.len, e.i64) : b.getInt64(c.root.size);

	if (c.len)
		bad = b.CreateOr(b.CreateICmpUGT(off, size),
				 b.CreateICmpUGT(b.CreateZExt(c.len, e.i64), b.CreateSub(size, off)));
	else if (c.root.len)
		bad = b.CreateOr(b.CreateICmpUGT(off, size),
				 b.CreateICmpULT(b.CreateSub(size, off), b.getInt64(c.hi - c.lo)));
	else if ((uint64_t)(c.hi - c.lo) > c.root.size)
		bad = b.getTrue();
	else
		bad = b.CreateICmpUGT(off, b.getInt64(c.root.size - (c.hi - c.lo)));
	e.fail_if(bad, c.at, at, ASHLAR_EXT_FAULT_OBJECT, size_of(c.len ? 0 : c.hi - c.lo, c.write));
}

/* Which of a check's accesses it was: the one that reaches least far of those that reach too far. */
void Checker::fail_members(const Check &c, BasicBlock *bad, Value *off, Value *rem)
{
	std::vector<Member> all = c.members;

	llvm::stable_sort(all, [](const Member &x, const Member &y) { return x.hi < y.hi; });
	/* Of several that reach equally far, the first in the code. */
	all.erase(std::unique(all.begin(), all.end(), [](const Member &x, const Member &y) { return x.hi == y.hi; }), all.end());
	for (size_t k = 0; k < all.size(); k++) {
		IRBuilder<> b(bad);
		Value *at = address(b, c, all[k].lo);
		BasicBlock *fail = bad, *next = nullptr;

		b.SetCurrentDebugLocation(all[k].where);
		if (k + 1 < all.size()) {
			fail = BasicBlock::Create(e.c, "", &f);
			next = BasicBlock::Create(e.c, "", &f);
			Value *need = b.CreateAdd(b.CreateTrunc(b.CreateAnd(off, 7), e.i16), b.getInt16(all[k].hi - c.lo));
			b.CreateCondBr(b.CreateICmpULT(rem, need), fail, next);
			b.SetInsertPoint(fail);
		}
		e.call_fail(b, f, at, b.getInt32(ASHLAR_EXT_FAULT_BOUNDS), size_of(all[k].hi - all[k].lo, all[k].write));
		b.CreateUnreachable();
		bad = next;
	}
}

/*
 * off = p - base; if it is beyond the arena, the packet's window is asked, out of line. Then the shadow of the granule
 * must have as many bytes as are asked for, from the granule on.
 */
void Checker::apply_shadow(Check &c)
{
	MDNode *rare = MDBuilder(e.c).createUnlikelyBranchWeights();
	DebugLoc where = c.members[0].where;
	int64_t n = c.hi - c.lo;
	IRBuilder<> b(c.at);
	Value *base = e.base(f), *at, *off;

	b.SetInsertPoint(c.at);
	at = address(b, c, c.lo);
	off = b.CreateSub(at, base);
	Value *out = b.CreateICmpNE(b.CreateLShr(off, ASHLAR_EXT_ARENA_SHIFT), b.getInt64(0));
	BasicBlock *head = c.at->getParent(), *tail = SplitBlock(head, c.at);
	BasicBlock *cold = BasicBlock::Create(e.c, "", &f), *wild = BasicBlock::Create(e.c, "", &f), *inside = tail;

	if (e.m.getNamedValue("ashlar_ext_window") && options.shadow)
		inside = BasicBlock::Create(e.c, "", &f, tail);
	head->getTerminator()->eraseFromParent();
	b.SetInsertPoint(head);
	b.SetCurrentDebugLocation(where);
	b.CreateCondBr(out, cold, inside, rare);

	b.SetInsertPoint(cold);
	CallInst *call = b.CreateCall(e.window, {e.ctx(f), at, b.getInt32(size_of(n, c.write))});
	call->setCallingConv(CallingConv::PreserveMost);
	b.CreateCondBr(b.CreateICmpEQ(call, b.getInt32(0)), wild, tail, rare);
	b.SetInsertPoint(wild);
	const Member &first = c.members[0];
	e.call_fail(b, f, address(b, c, first.lo), b.getInt32(ASHLAR_EXT_FAULT_RANGE), size_of(first.hi - first.lo, first.write));
	b.CreateUnreachable();
	if (inside == tail)
		return;

	BasicBlock *bad = BasicBlock::Create(e.c, "", &f);
	b.SetInsertPoint(inside);
	/* off / 8 numbers of 2 bytes. */
	Value *slot = b.CreateShl(b.CreateLShr(off, 3), 1);
	Value *shadow = b.CreateIntToPtr(b.CreateAdd(b.CreateAdd(base, slot), b.getInt64(ASHLAR_EXT_SHADOW_OFF)), e.ptr);
	Value *rem = b.CreateLoad(e.i16, shadow);
	Value *need = b.CreateAdd(b.CreateTrunc(b.CreateAnd(off, 7), e.i16), b.getInt16(n));
	b.CreateCondBr(b.CreateICmpULT(rem, need), bad, tail, rare);
	fail_members(c, bad, off, rem);
}

/* The shim looks, since how much is asked for is known only now. */
void Checker::apply_range(Check &c)
{
	IRBuilder<> b(c.at);

	b.CreateCall(e.range, {e.ctx(f), address(b, c, 0), b.CreateZExt(c.len, e.i64), b.getInt32(c.write)});
}

} // namespace ashlar

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
		case Check::TURNS:
			apply_turns(c);
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
	APInt more(64, off, true);
	Value *at = b.CreatePtrToInt(c.p->stripAndAccumulateConstantOffsets(e.dl, more, true), e.i64);

	return more.isZero() ? at : b.CreateAdd(at, b.getInt64(more.getZExtValue()));
}

/* Whether n bytes at off, which may be anything, are beyond size. */
static Value *beyond(IRBuilder<> &b, Value *off, Value *n, Value *size)
{
	auto *most = dyn_cast<ConstantInt>(size), *bytes = dyn_cast<ConstantInt>(n);

	if (most && bytes) {
		if (bytes->getZExtValue() > most->getZExtValue())
			return b.getTrue();
		return b.CreateICmpUGT(off, b.getInt64(most->getZExtValue() - bytes->getZExtValue()));
	}
	return b.CreateOr(b.CreateICmpUGT(off, size), b.CreateICmpULT(b.CreateSub(size, off), n));
}

/* The first in the code of a check's accesses that are beyond the object; off: of the check's pointer in it. */
void Checker::fail_exact(const Check &c, BasicBlock *bad, Value *off, Value *size)
{
	std::vector<Member> all = c.members;

	/* Of as many bytes as a variable says. */
	if (all.empty())
		all.push_back({0, 0, c.write, false, c.at->getDebugLoc()});
	for (size_t k = 0; k < all.size(); k++) {
		IRBuilder<> b(bad);
		BasicBlock *fail = bad, *next = nullptr;

		b.SetCurrentDebugLocation(all[k].where);
		Value *at = b.CreateAdd(off, b.getInt64(all[k].lo));
		if (k + 1 < all.size()) {
			fail = BasicBlock::Create(e.c, "", &f);
			next = BasicBlock::Create(e.c, "", &f);
			b.CreateCondBr(beyond(b, at, b.getInt64(all[k].hi - all[k].lo), size), fail, next);
			b.SetInsertPoint(fail);
		}
		e.call_fail(b, f, b.CreateAdd(b.CreatePtrToInt(c.origin, e.i64), at), b.getInt32(ASHLAR_EXT_FAULT_OBJECT),
			    size_of(all[k].hi - all[k].lo, all[k].write));
		b.CreateUnreachable();
		bad = next;
	}
}

/* Against a size that is known here; the pointer was made from origin. */
void Checker::apply_exact(Check &c)
{
	IRBuilder<> b(c.at);
	Value *from = b.CreatePtrToInt(c.origin, e.i64), *off = b.CreateSub(address(b, c, c.lo), from);
	Value *size = c.root.len ? b.CreateZExt(c.root.len, e.i64) : b.getInt64(c.root.size);
	Value *n = c.len ? b.CreateZExt(c.len, e.i64) : b.getInt64(c.hi - c.lo);
	MDNode *rare = MDBuilder(e.c).createUnlikelyBranchWeights();
	Instruction *end = SplitBlockAndInsertIfThen(beyond(b, off, n, size), c.at->getIterator(), true, rare);
	BasicBlock *bad = end->getParent();

	end->eraseFromParent();
	b.SetInsertPoint(bad);
	fail_exact(c, bad, b.CreateSub(address(b, c, 0), from), size);
}

/* The shadow's number of the granule that an offset into the arena lies in. */
Value *Checker::number_at(IRBuilder<> &b, Value *off)
{
	/* off / 8 numbers of 2 bytes. */
	Value *slot = b.CreateShl(b.CreateLShr(off, 3), 1);
	Value *at = b.CreateAdd(b.CreateAdd(e.base(f), slot), b.getInt64(ASHLAR_EXT_SHADOW_OFF));

	return b.CreateLoad(e.i16, b.CreateIntToPtr(at, e.ptr));
}

/* Whether the object ends before off + n, when off is somewhere in its granule. */
Value *Checker::too_short(IRBuilder<> &b, Value *off, Value *number, uint64_t n)
{
	return b.CreateICmpULT(number, b.CreateAdd(b.CreateTrunc(b.CreateAnd(off, 7), e.i16), b.getInt16(n)));
}

/* Which of a check's accesses it was: the one that reaches least far of those that reach too far. */
void Checker::fail_members(const Check &c, BasicBlock *bad)
{
	std::vector<Member> all = c.members;
	Value *off = nullptr, *number = nullptr;

	llvm::stable_sort(all, [](const Member &x, const Member &y) { return x.hi < y.hi; });
	/* Of several that reach equally far, the first in the code. */
	all.erase(std::unique(all.begin(), all.end(), [](const Member &x, const Member &y) { return x.hi == y.hi; }), all.end());
	for (size_t k = 0; k < all.size(); k++) {
		IRBuilder<> b(bad);
		BasicBlock *fail = bad, *next = nullptr;

		b.SetCurrentDebugLocation(all[k].where);
		if (k + 1 < all.size()) {
			if (!off) {
				off = b.CreateSub(address(b, c, c.lo), e.base(f));
				number = number_at(b, off);
			}
			fail = BasicBlock::Create(e.c, "", &f);
			next = BasicBlock::Create(e.c, "", &f);
			b.CreateCondBr(too_short(b, off, number, all[k].hi - c.lo), fail, next);
			b.SetInsertPoint(fail);
		}
		e.call_fail(b, f, address(b, c, all[k].lo), b.getInt32(ASHLAR_EXT_FAULT_BOUNDS),
			    size_of(all[k].hi - all[k].lo, all[k].write));
		b.CreateUnreachable();
		bad = next;
	}
}

/* Out of line: not the arena's. Whether the packet's window has it is asked; then on to good. */
void Checker::ask_window(Check &c, BasicBlock *cold, BasicBlock *good)
{
	BasicBlock *wild = BasicBlock::Create(e.c, "", &f);
	const Member &first = c.members[0];
	IRBuilder<> b(cold);

	b.SetCurrentDebugLocation(first.where);
	CallInst *call = b.CreateCall(e.window, {e.ctx(f), address(b, c, c.lo), b.getInt32(size_of(c.hi - c.lo, c.write))});
	call->setCallingConv(CallingConv::PreserveMost);
	b.CreateCondBr(b.CreateICmpEQ(call, b.getInt32(0)), wild, good, MDBuilder(e.c).createUnlikelyBranchWeights());
	b.SetInsertPoint(wild);
	e.call_fail(b, f, address(b, c, first.lo), b.getInt32(ASHLAR_EXT_FAULT_RANGE), size_of(first.hi - first.lo, first.write));
	b.CreateUnreachable();
}

/* How far before c.p there is a multiple of 8, if one of the accesses is of something that begins at one; else -1. */
static int64_t phase_of(const Check &c)
{
	for (const Member &m : c.members)
		if (m.aligned)
			return -(uint64_t)m.lo & 7;
	return -1;
}

/* A value that an earlier check of the same place made, and how much further on this one's begins; else null. */
Value *Checker::shared(const Check &c, int64_t lo, int64_t &further)
{
	for (const Shared &s : made[c.place]) {
		further = (uint64_t)c.off + lo - (uint64_t)s.off;
		/* What is not compared with the object must end in the guard. */
		if (further < -SHARE_MAX || further > SHARE_MAX ||
		    (options.shadow ? further % 8 != 0 : further + c.hi - c.lo > (int64_t)ASHLAR_EXT_GUARD))
			continue;
		if (dt.dominates(s.home, c.home))
			return s.value;
	}
	return nullptr;
}

/*
 * off = p - base; if it is beyond the arena, the packet's window is asked, out of line. Then the shadow of the granule
 * must have as many bytes as are asked for, from the granule on.
 *
 * Of a pointer that should be a granule's beginning, both the range and that it is one are told by one comparison: of
 * off rotated by three bits, which is the granule's number then. If it is not so, the rest is out of line as well. A
 * later check of the same place needs that number again, and reads the shadow a little further on: beyond the arena
 * there is none, and nothing is mapped.
 */
void Checker::apply_shadow(Check &c)
{
	MDNode *rare = MDBuilder(e.c).createUnlikelyBranchWeights();
	int64_t phase = phase_of(c), n = c.hi - c.lo, lo = c.lo, further = 0;
	IRBuilder<> b(c.at);
	Value *base = e.base(f), *value;

	b.SetInsertPoint(c.at);
	if (options.shadow && phase >= 0)
		lo = (int64_t)((uint64_t)(c.lo + phase) & ~7ULL) - phase;
	value = options.shadow && phase < 0 ? nullptr : shared(c, lo, further);
	if (!value) {
		value = b.CreateSub(address(b, c, lo), base);
		if (options.shadow && phase >= 0)
			value = b.CreateIntrinsic(Intrinsic::fshr, {e.i64}, {value, value, b.getInt64(3)});
		made[c.place].push_back({c.home, value, (int64_t)((uint64_t)c.off + lo)});
		further = 0;
	}

	BasicBlock *head = c.at->getParent(), *tail = SplitBlock(head, c.at);
	BasicBlock *cold = BasicBlock::Create(e.c, "", &f), *bad, *inside, *window = cold;
	head->getTerminator()->eraseFromParent();
	b.SetInsertPoint(head);
	b.SetCurrentDebugLocation(c.members[0].where);
	if (!options.shadow) {
		b.CreateCondBr(b.CreateICmpNE(b.CreateLShr(value, ASHLAR_EXT_ARENA_SHIFT), b.getInt64(0)), cold, tail, rare);
		ask_window(c, cold, tail);
		return;
	}
	bad = BasicBlock::Create(e.c, "", &f);
	inside = BasicBlock::Create(e.c, "", &f, tail);
	if (phase >= 0) {
		b.CreateCondBr(b.CreateICmpUGE(value, b.getInt64(ASHLAR_EXT_ARENA_SIZE / 8)), cold, inside, rare);
		b.SetInsertPoint(inside);
		Value *at = b.CreateAdd(b.CreateAdd(base, b.CreateShl(value, 1)), b.getInt64(ASHLAR_EXT_SHADOW_OFF + further / 4));
		Value *number = b.CreateLoad(e.i16, b.CreateIntToPtr(at, e.ptr));
		b.CreateCondBr(b.CreateICmpULT(number, b.getInt16(c.hi - lo)), bad, tail, rare);
		/* The same again, for an offset that may be any. */
		inside = BasicBlock::Create(e.c, "", &f);
		window = BasicBlock::Create(e.c, "", &f);
		b.SetInsertPoint(cold);
		value = b.CreateSub(address(b, c, c.lo), base);
	}
	b.CreateCondBr(b.CreateICmpNE(b.CreateLShr(value, ASHLAR_EXT_ARENA_SHIFT), b.getInt64(0)), window, inside, rare);
	b.SetInsertPoint(inside);
	b.CreateCondBr(too_short(b, value, number_at(b, value), n), bad, tail, rare);
	ask_window(c, window, tail);
	fail_members(c, bad);
}

/* The shim looks, since how much is asked for is known only now. */
void Checker::apply_range(Check &c)
{
	IRBuilder<> b(c.at);

	b.CreateCall(e.range, {e.ctx(f), address(b, c, 0), b.CreateZExt(c.len, e.i64), b.getInt32(c.write)});
}

} // namespace ashlar

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second stack. A local whose address goes where the pass cannot follow lies in the arena, with shadow while it
 * lives and a red zone behind it: what overruns it is seen, and so is its use when it is gone. The processor's stack
 * keeps the others, return addresses and what registers do not hold.
 *
 * A frame, from ctx->usp upwards: local, red zone, local, red zone, ... The red zone of the frame below is before the
 * first.
 */
#include "extpass.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

namespace ashlar {

/* Left free at the top, for whoever begins a stack. */
#define USTACK_SPARE	64

struct Local {
	AllocaInst *a;
	uint64_t off, size;
	SmallVector<IntrinsicInst *, 4> starts, ends;
	bool lives_on;	/* at a return, its end may not have been passed */
};

static bool reaches_return(const Local &l)
{
	SmallVector<const BasicBlock *, 16> work;
	DenseSet<const BasicBlock *> seen;
	auto ends_in = [&](const BasicBlock *b, const Instruction *after) {
		return any_of(l.ends, [&](const IntrinsicInst *end) {
			return end->getParent() == b && (!after || after->comesBefore(end));
		});
	};

	for (const IntrinsicInst *start : l.starts) {
		const BasicBlock *b = start->getParent();

		if (ends_in(b, start))
			continue;
		if (isa<ReturnInst>(b->getTerminator()))
			return true;
		append_range(work, successors(b));
	}
	while (!work.empty()) {
		const BasicBlock *b = work.pop_back_val();

		if (!seen.insert(b).second || ends_in(b, nullptr))
			continue;
		if (isa<ReturnInst>(b->getTerminator()))
			return true;
		append_range(work, successors(b));
	}
	return false;
}

/* The numbers of an object's granules, in memory's order. */
static std::vector<uint16_t> numbers(uint64_t size)
{
	std::vector<uint16_t> all;

	for (uint64_t left = size; left; left -= std::min<uint64_t>(left, 8))
		all.push_back(std::min<uint64_t>(left, ASHLAR_EXT_SHADOW_MAX));
	return all;
}

/* Writes the shadow of a local, by words; the last may reach into the red zone, whose shadow is 0 anyway. */
static void set_shadow(Ext &e, IRBuilder<> &b, Value *at, const Local &l, bool alive)
{
	std::vector<uint16_t> all = numbers(l.size);
	Value *off = b.CreateLShr(b.CreateSub(b.CreatePtrToInt(at, e.i64), e.base(*b.GetInsertBlock()->getParent())), 2);
	Value *p = b.CreateIntToPtr(b.CreateAdd(b.CreateAdd(off, e.base(*b.GetInsertBlock()->getParent())),
						b.getInt64(ASHLAR_EXT_SHADOW_OFF)), e.ptr);

	if (all.size() > 64) {
		Value *n = b.getInt64(all.size() * 2);

		if (!alive) {
			b.CreateMemSet(p, b.getInt8(0), n, Align(2));
			return;
		}
		auto *from = new GlobalVariable(e.m, ArrayType::get(e.i16, all.size()), true, GlobalValue::InternalLinkage,
						ConstantDataArray::get(e.c, all), "ashlar_shadow");
		b.CreateMemCpy(p, Align(2), from, Align(2), n);
		return;
	}
	for (size_t k = 0; k < all.size(); k += 4) {
		uint64_t word = 0;

		for (size_t j = 0; alive && j < 4 && k + j < all.size(); j++)
			word |= (uint64_t)all[k + j] << 16 * j;
		/* Not further than the red zone, which is two granules: a word for three or four, else half of one. */
		if (all.size() - k > 2)
			b.CreateAlignedStore(b.getInt64(word), b.CreateConstGEP1_64(e.i8, p, k * 2), Align(2));
		else
			b.CreateAlignedStore(b.getInt32(word), b.CreateConstGEP1_64(e.i8, p, k * 2), Align(2));
	}
}

static uint64_t lay_out(Ext &e, SmallVectorImpl<Local> &locals)
{
	uint64_t off = 0;

	for (Local &l : locals) {
		off = alignTo(off, std::max<uint64_t>(8, std::min<uint64_t>(16, l.a->getAlign().value())));
		l.off = off;
		off = alignTo(off + l.size, 8) + ASHLAR_EXT_REDZONE;
	}
	return alignTo(off, 16);
}

/*
 * How large frames are. Nobody looks whether one fits of which it is known that whatever is above it leaves room; and
 * who calls nobody with a frame does not say where its own ends.
 */
void Ext::measure_stack()
{
	DenseMap<const Function *, uint64_t> above;	/* the most that is taken when it is called */
	bool more = true;

	for (Function *f : functions) {
		SmallVector<Local, 8> locals;

		for (Instruction &i : f->getEntryBlock())
			if (auto *a = dyn_cast<AllocaInst>(&i); a && on_ustack.count(a))
				locals.push_back({a, 0, root_of(a).size, {}, {}, true});
		frames[f] = lay_out(*this, locals);
	}
	while (more) {
		more = false;
		for (Function *f : functions)
			for (Function *to : below.lookup(f)) {
				/* Of a circle it grows until it is too much. */
				uint64_t taken = std::min<uint64_t>(above.lookup(f) + frames[f], ASHLAR_EXT_USTACK);

				if (taken > above.lookup(to)) {
					above[to] = taken;
					more = true;
				}
				if (frames[to] || has_below.count(to))
					more |= has_below.insert(f).second;
			}
	}
	for (Function *f : functions)
		if (above.lookup(f) + frames[f] <= ASHLAR_EXT_USTACK - USTACK_SPARE)
			fits.insert(f);
}

static void collect(Ext &e, Function &f, SmallVectorImpl<Local> &locals)
{
	SmallVector<IntrinsicInst *, 16> markers;

	for (Instruction &i : f.getEntryBlock())
		if (auto *a = dyn_cast<AllocaInst>(&i)) {
			if (e.on_ustack.count(a))
				locals.push_back({a, 0, e.root_of(a).size, {}, {}, true});
			else if (a->getAlign() > Align(8))
				a->setAlignment(Align(8));
		}
	for (Instruction &i : instructions(f))
		if (i.isLifetimeStartOrEnd())
			markers.push_back(cast<IntrinsicInst>(&i));
	for (IntrinsicInst *marker : markers) {
		auto *l = find_if(locals, [&](const Local &l) {
			return l.a == marker->getArgOperand(1)->stripPointerCasts();
		});

		if (l == locals.end() || !options.shadow)
			marker->eraseFromParent();
		else if (marker->getIntrinsicID() == Intrinsic::lifetime_start)
			l->starts.push_back(marker);
		else
			l->ends.push_back(marker);
	}
	for (Local &l : locals)
		l.lives_on = l.starts.empty() || reaches_return(l);
}

/* Takes the frame off the second stack; returns where it begins. */
Value *Ext::push(Function &f, uint64_t frame, Instruction *at)
{
	IRBuilder<> b(at);
	DebugLoc where;
	Value *sp;

	if (f.getSubprogram())
		where = DILocation::get(c, f.getSubprogram()->getLine(), 0, f.getSubprogram());
	b.SetCurrentDebugLocation(where);
	sp = b.CreateSub(field(b, ASHLAR_EXT_CTX_USP, i64), b.getInt64(frame));
	if (!fits.count(&f)) {
		Value *low = b.CreateICmpULT(sp, field(b, ASHLAR_EXT_CTX_USP_LIMIT, i64));
		MDNode *rare = MDBuilder(c).createUnlikelyBranchWeights();
		IRBuilder<> fail(SplitBlockAndInsertIfThen(low, at->getIterator(), true, rare));

		fail.SetCurrentDebugLocation(where);
		call_fail(fail, f, sp, b.getInt32(ASHLAR_EXT_FAULT_USTACK), 0);
	}
	b.SetInsertPoint(at);
	if (has_below.count(&f))
		b.CreateStore(sp, b.CreateConstGEP1_64(i8, ctx(f), ASHLAR_EXT_CTX_USP));
	return sp;
}

void Ext::pop(Function &f, ArrayRef<Local> locals, ArrayRef<Value *> at)
{
	for (BasicBlock &block : f) {
		auto *ret = dyn_cast<ReturnInst>(block.getTerminator());

		if (!ret)
			continue;
		IRBuilder<> b(ret);
		for (size_t k = 0; options.shadow && k < locals.size(); k++)
			if (locals[k].lives_on)
				set_shadow(*this, b, at[k], locals[k], false);
		if (!has_below.count(&f))
			continue;
		/* Added to where it is: in no register all the time. */
		Value *sp = b.CreateAdd(field(b, ASHLAR_EXT_CTX_USP, i64), b.getInt64(frames[&f]));
		b.CreateStore(sp, b.CreateConstGEP1_64(i8, ctx(f), ASHLAR_EXT_CTX_USP));
	}
}

/* ext-build looks at whole frames, when there are no lines any more. */
static void refuse_large(Ext &e, Function &f)
{
	uint64_t size = 0;

	for (Instruction &i : f.getEntryBlock())
		if (auto *a = dyn_cast<AllocaInst>(&i); a && !e.on_ustack.count(a))
			size += e.root_of(a).size;
	if (size > STACK_FRAME_MAX)
		refuse("locals of " + f.getName() + "() take " + Twine(size) + " bytes of the processor's stack, over " +
		       Twine(STACK_FRAME_MAX), "use ext_alloc() or the private state", &f);
}

void Ext::lower_locals(Function &f)
{
	SmallVector<Local, 8> locals;
	SmallVector<Value *, 8> at;
	uint64_t frame;
	Value *sp;

	refuse_large(*this, f);
	collect(*this, f, locals);
	if (locals.empty())
		return;
	frame = lay_out(*this, locals);
	if (frame > USTACK_FRAME_MAX)
		refuse("locals of " + f.getName() + "() take " + Twine(frame) + " bytes, over " + Twine(USTACK_FRAME_MAX),
		       "use ext_alloc() or the private state", &f);
	/* The base is loaded before the first use of it. */
	if (options.shadow)
		base(f);
	Instruction *first = start(f);
	sp = push(f, frame, first);
	for (Local &l : locals) {
		IRBuilder<> b(first);

		at.push_back(b.CreateIntToPtr(l.off ? b.CreateAdd(sp, b.getInt64(l.off)) : sp, ptr));
		l.a->replaceAllUsesWith(at.back());
		if (options.shadow && l.starts.empty())
			set_shadow(*this, b, at.back(), l, true);
		stats.ustack++;
	}
	pop(f, locals, at);
	for (size_t k = 0; k < locals.size(); k++) {
		for (IntrinsicInst *marker : locals[k].starts) {
			IRBuilder<> b(marker);

			set_shadow(*this, b, at[k], locals[k], true);
			marker->eraseFromParent();
		}
		for (IntrinsicInst *marker : locals[k].ends) {
			IRBuilder<> b(marker);

			set_shadow(*this, b, at[k], locals[k], false);
			marker->eraseFromParent();
		}
		locals[k].a->eraseFromParent();
	}
}

} // namespace ashlar

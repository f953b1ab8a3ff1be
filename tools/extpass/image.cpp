// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image: constants whose address escapes, one behind the other with red zones, copied by the shim to the beginning
 * of the arena and read-only there. Pointers in it to others of it get their place in the arena then (relocs); those to
 * functions and descriptors stay what the module loader made of them.
 */
#include "extpass.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/ReplaceConstant.h"

namespace ashlar {

namespace {

struct Piece {
	GlobalVariable *g;
	uint64_t off;
	unsigned index;
};

} // namespace

static void find_relocs(const DataLayout &dl, Constant *init, uint64_t at, const DenseSet<const Value *> &image,
			std::vector<uint32_t> &relocs)
{
	if (init->getType()->isPointerTy() || (isa<ConstantExpr>(init) && init->getType()->isIntegerTy(64))) {
		auto *e = dyn_cast<ConstantExpr>(init);
		Constant *p = e && e->getOpcode() == Instruction::PtrToInt ? e->getOperand(0) : init;
		APInt off(dl.getIndexTypeSizeInBits(p->getType()), 0);

		if (p->getType()->isPointerTy() && image.count(p->stripAndAccumulateConstantOffsets(dl, off, true)))
			relocs.push_back(at);
		return;
	}
	if (auto *s = dyn_cast<ConstantStruct>(init)) {
		const StructLayout *layout = dl.getStructLayout(s->getType());

		for (unsigned k = 0; k < s->getNumOperands(); k++)
			find_relocs(dl, s->getOperand(k), at + layout->getElementOffset(k), image, relocs);
	} else if (auto *a = dyn_cast<ConstantArray>(init)) {
		uint64_t size = dl.getTypeAllocSize(a->getType()->getElementType());

		for (unsigned k = 0; k < a->getNumOperands(); k++)
			find_relocs(dl, a->getOperand(k), at + k * size, image, relocs);
	}
}

/* Instructions that name the constant name its place in the arena instead. */
static void replace_uses(Ext &e, GlobalVariable *g, uint64_t off)
{
	DenseMap<Function *, Value *> at;

	for (Use &u : make_early_inc_range(g->uses())) {
		auto *i = dyn_cast<Instruction>(u.getUser());

		if (!i)
			continue;
		Function *f = i->getFunction();
		Value *&p = at[f];
		if (!p) {
			auto *base = cast<Instruction>(e.base(*f));
			IRBuilder<> b(base->getNextNode());

			p = b.CreateIntToPtr(off ? b.CreateAdd(base, b.getInt64(off)) : base, e.ptr);
		}
		u.set(p);
	}
}

/* Checks were made of the constants' addresses since clean(). */
void Ext::expand()
{
	SmallVector<Constant *, 16> all;

	for (GlobalVariable &g : m.globals())
		if (in_image.count(&g))
			all.push_back(&g);
	convertUsersOfConstantsToInstructions(all);
}

template <typename T> static GlobalVariable *table(Ext &e, ArrayRef<T> all, const char *name)
{
	Constant *init = ConstantDataArray::get(e.c, all);

	return new GlobalVariable(e.m, init->getType(), true, GlobalValue::InternalLinkage, init, name);
}

static void lay_out(Ext &e, std::vector<Piece> &pieces, std::vector<Type *> &types, std::vector<Constant *> &fill,
		    std::vector<uint32_t> &objects, uint64_t &size)
{
	auto pad = [&](uint64_t n) {
		if (n) {
			types.push_back(ArrayType::get(e.i8, n));
			fill.push_back(Constant::getNullValue(types.back()));
			size += n;
		}
	};

	size = 0;
	pad(ASHLAR_EXT_REDZONE);
	for (GlobalVariable &g : e.m.globals()) {
		uint64_t n = e.dl.getTypeAllocSize(g.getValueType());

		if (!e.in_image.count(&g))
			continue;
		pieces.push_back({&g, size, (unsigned)types.size()});
		types.push_back(g.getValueType());
		fill.push_back(g.getInitializer());
		objects.push_back(size);
		objects.push_back(n);
		size += n;
		pad(alignTo(size, 16) - size + ASHLAR_EXT_REDZONE);
		e.stats.image++;
	}
	pad(alignTo(size, ASHLAR_EXT_CHUNK) - size);
}

void Ext::lower_image()
{
	std::vector<uint32_t> relocs, objects;
	std::vector<Constant *> fill;
	std::vector<Piece> pieces;
	std::vector<Type *> types;

	if (in_image.empty())
		return;
	lay_out(*this, pieces, types, fill, objects, made.size);
	expand();
	auto *type = StructType::get(c, types, true);
	made.image = new GlobalVariable(m, type, true, GlobalValue::InternalLinkage, nullptr, "ashlar_image");
	made.image->setAlignment(Align(16));
	for (const Piece &p : pieces) {
		find_relocs(dl, p.g->getInitializer(), p.off, in_image, relocs);
		replace_uses(*this, p.g, p.off);
	}
	made.image->setInitializer(ConstantStruct::get(type, fill));
	for (const Piece &p : pieces) {
		Constant *at[] = {ConstantInt::get(i32, 0), ConstantInt::get(i32, p.index)};

		p.g->replaceAllUsesWith(ConstantExpr::getGetElementPtr(type, made.image, ArrayRef<Constant *>(at)));
		p.g->eraseFromParent();
	}
	made.nr_relocs = relocs.size();
	made.nr_objects = objects.size() / 2;
	if (made.nr_relocs)
		made.relocs = table<uint32_t>(*this, relocs, "ashlar_relocs");
	made.objects = table<uint32_t>(*this, objects, "ashlar_objects");
}

} // namespace ashlar

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The compiler pass that makes an extension safe to host. It runs twice:
 *
 *   ashlar-prepare, before the optimiser: refuses what cannot be made safe, each with its line and the fix; makes of
 *	memcpy and its like what the optimiser knows; guards division, shift and what must not be reached, so that
 *	the optimiser can drop the guards it can prove.
 *   ashlar, after it: takes from the code all that it claims and that is not so for a program with a bug (clean.cpp);
 *	gives each function its context (abi.cpp); checks every access that is not proven (roots.cpp, check.cpp);
 *	charges fuel (fuel.cpp); moves locals whose address escapes to the second stack (stack.cpp) and constants to
 *	the arena's image (image.cpp); writes the table of contents (info.cpp).
 *
 * After it only the code generator runs, and nothing that reasons from undefined behaviour.
 *
 * Roots. While checks are planned, locals, constants, the private state, spans and what calls returned are still the
 * values that the source named (alloca, global, call), so that it is known how large they are. They are made addresses
 * only then, in the order of Ext::run().
 */
#ifndef EXTPASS_H
#define EXTPASS_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"

#include <string>
#include <vector>

#include "../../include/ashlar/ext_abi.h"
#include "../../include/ashlar/ext_api.h"

#define ASHLAR_EXT_PASS		1	/* version of the pass, for the load gate */

/* The longest access whose check fits the shadow's numbers, whatever its alignment. */
#define INLINE_MAX		(ASHLAR_EXT_SHADOW_MAX - 7)
/* Of locals on the second stack, for one function. */
/* Of the others; ext-build refuses frames that are larger. */
#define STACK_FRAME_MAX		1024
#define USTACK_FRAME_MAX	(ASHLAR_EXT_USTACK / 4)

namespace ashlar {

using namespace llvm;

/* How to build; see main.cpp. */
struct Options {
	bool shadow;
	bool plain;
	bool oracle;
	bool race;
	bool stats;
	std::string build;
};
extern Options options;

/* A refusal: FILE:LINE: error: what; fix. The build ends when all are told. */
void refuse(const Twine &what, const Twine &fix, const Instruction *at);
void refuse(const Twine &what, const Twine &fix, const GlobalObject *at);
void refuse_end();

/* Whether and how an access is proven: what the pointer comes from. */
struct Root {
	/* Behind VALUE: what is sure of one that may be several, see origin.cpp. */
	enum Kind { UNKNOWN, LOCAL, CONSTANT, STATE, SPAN, SPAN_W, SIZED, VALUE, MERGED, PARAM } kind = UNKNOWN;
	uint64_t size = 0;		/* if it is known */
	Value *len = nullptr;		/* else what holds it, for spans and allocations; may be null */
	bool nullable = false;
	bool lent = false;		/* of several: one may not be written */
	unsigned kills = 0;		/* ASHLAR_EXT_CALL_* that end it */

	bool is_whole() const { return kind < MERGED; }
	bool operator==(const Root &o) const
	{
		return kind == o.kind && size == o.size && len == o.len && nullable == o.nullable && lent == o.lent &&
		       kills == o.kills;
	}
	static Root sure(Kind kind)
	{
		Root r;

		r.kind = kind;
		r.size = UINT64_MAX;
		return r;
	}
};
using Params = DenseMap<const Argument *, Root>;

struct Stats {
	unsigned accesses, proven, exact, null, shadow, covered, merged, hoisted, ranges, fuel, fuel_trips, stops, icalls,
		ustack, image;
};

/* What a call may do, for the lifetime of roots: ASHLAR_EXT_CALL_* of all that it leads to. */
struct Call {
	const char *name;
	unsigned flags;
};
const Call *shim_call(StringRef name);
/* "ashlar_ext_lock" of a declaration's name, which may have the mark of an assembler name before it. */
StringRef plain_name(const Value *v);
bool is_intrinsic(const Value *callee);	/* __ext_state and its like, which the pass makes code of */
bool is_descriptor(const GlobalVariable *g);
uint64_t number(const GlobalVariable *g, unsigned field);	/* of a descriptor */
bool is_trusted(const Function *f);

void prepare(Module &m);
void refuse_source(Module &m);
void refuse_late(Module &m);
void clean(Module &m);

class Ext {
public:
	explicit Ext(Module &m);
	void run();

	Module &m;
	LLVMContext &c;
	const DataLayout &dl;
	Type *i8, *i16, *i32, *i64, *ptr, *none;
	Stats stats = {};
	FunctionAnalysisManager &fam;

	/* abi.cpp */
	void add_context();
	void lower_intrinsics();
	void add_stops();
	DenseSet<const CallInst *> kept;	/* calls whose contract is known to be kept: origin.cpp */
	unsigned call_flags(const CallBase *call) const;
	Value *ctx(Function &f) const { return f.getArg(0); }
	Value *field(IRBuilder<> &b, unsigned offset, Type *type);
	Value *base(Function &f);	/* the arena's base, loaded at entry */
	Instruction *start(Function &f);	/* the first behind that and the locals */
	bool is_entry(const Function *f) const { return entries.count(f); }
	void fail_if(Value *cond, Instruction *at, Value *addr, Value *code, uint32_t size);
	void fail_if(Value *cond, Instruction *at, Value *addr, unsigned code, uint32_t size)
	{
		fail_if(cond, at, addr, ConstantInt::get(i32, code), size);
	}
	CallInst *call_fail(IRBuilder<> &b, Function &f, Value *addr, Value *code, uint32_t size);
	FunctionCallee window, range, race;

	/* info.cpp */
	unsigned entry_kind(const Function *f) const;
	bool is_called(Function *f) const
	{
		return any_of(below, [&](const auto &calls) { return calls.second.count(f); });
	}
	/* Of a function, those of the extension that it calls itself. */
	DenseMap<const Function *, SetVector<Function *>> below;

	/* roots.cpp */
	Root root_of(Value *v) const;
	Params params;
	void classify();
	DenseSet<const Value *> on_ustack, in_image;

	/* guard.cpp */
	void check(Function &f, class Fuel &fuel);

	/* guard.cpp */
	void add_icalls();
	void add_unreachable();
	std::vector<Function *> taken() const;

	/* stack.cpp, image.cpp, info.cpp */
	void measure_stack();
	void lower_locals(Function &f);
	void lower_image();
	void make_info();

	std::vector<Function *> functions;

private:
	FunctionCallee fail;
	DenseMap<Function *, Instruction *> bases;
	DenseSet<const Function *> entries;
	DenseMap<const Function *, unsigned> summary;
	DenseMap<const Function *, uint64_t> frames;	/* on the second stack */
	DenseSet<const Function *> fits;	/* whose frame fits, whoever calls it */
	DenseSet<const Function *> has_below;	/* that lead to others with a frame */
	Value *push(Function &f, uint64_t frame, Instruction *at);
	void pop(Function &f, ArrayRef<struct Local> locals, ArrayRef<Value *> at);
	struct {
		GlobalVariable *image = nullptr, *relocs = nullptr, *objects = nullptr;
		uint64_t size = 0;
		unsigned nr_relocs = 0, nr_objects = 0;
	} made;

	Function *with_context(Function &f);
	void recall(CallBase *call);
	void summarize();
	void prepare_descriptors();
	void lower_span(CallInst *call);
	void expand();
	GlobalVariable *gather(StringRef section, unsigned &n);
};

} // namespace ashlar

#endif

// SPDX-License-Identifier: GPL-2.0-only
#ifndef EXTPASS_CHECK_H
#define EXTPASS_CHECK_H

#include "extpass.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/PostDominators.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Dominators.h"

namespace ashlar {

/* What ends a local's life, beside the calls of ASHLAR_EXT_CALL_*: the end of its scope. */
#define CALL_SCOPE	0x10000
/* Further apart, checks of one place share nothing: so much of the guards they may reach into. */
#define SHARE_MAX	0x4000
#define ANY_KILL	(ASHLAR_EXT_CALL_FREES | ASHLAR_EXT_CALL_MOVES | CALL_SCOPE)

/* An access as the source makes it: n bytes, or as many as len says, from p on. */
struct Access {
	Instruction *at;
	Value *p;
	uint64_t n;
	Value *len;
	bool write;
	uint64_t align = 1;	/* what the source's type promises; not to be relied upon */
};

/* An access that a check covers: bytes [lo, hi) from the check's pointer. */
struct Member {
	int64_t lo, hi;
	bool write;
	bool aligned;	/* should begin a granule */
	DebugLoc where;
};

/*
 * A check: before at, that bytes [lo, hi) from p, or len bytes from p on, may be accessed. It covers its members: those
 * that follow it for certain, and later ones that lie in what these ask for.
 */
struct Check {
	enum Kind { NULL_TEST, READ_ONLY, EXACT, TURNS, SHADOW, RANGE } kind;
	Instruction *at;
	Value *p;
	int64_t lo, hi;
	Value *len;
	bool write;
	Value *origin;	/* for EXACT and NULL_TEST: of which root */
	Root root;
	std::vector<Member> members;
	int64_t off = 0;		/* the constant part of p */
	const SCEV *place = nullptr;	/* the rest */
	/* Where at is before checks are made. Those of one block are in the code's order. */
	BasicBlock *home = nullptr;
	/* TURNS: p is start bytes into origin in the first turn, and step more in each of turns that follow. */
	Value *start = nullptr, *turns = nullptr;
	uint64_t step = 0;
};

/* Which calls between two instructions end the life of what the first made or checked. */
class Kills {
public:
	Kills(const Ext &e, Function &f);
	/* Whether one with any of the flags may run after from, or the function's beginning, and before to, which from
	 * dominates.
	 */
	bool between(const Instruction *from, const Instruction *to, unsigned flags);

private:
	struct Kill {
		const Instruction *at;
		unsigned flags;
	};
	std::vector<Kill> kills;
	DenseMap<std::pair<const Instruction *, unsigned>, DenseSet<const BasicBlock *>> dirty;

	const DenseSet<const BasicBlock *> &dirty_blocks(const Instruction *from, unsigned flags);
};

/* Finds a function's checks, then makes them. */
class Checker {
public:
	Checker(Ext &e, Function &f);
	void join_arguments(Params &all);
	void forget() { roots.clear(); }
	void plan();
	void apply();

private:
	Ext &e;
	Function &f;
	ScalarEvolution &se;
	DominatorTree &dt;
	PostDominatorTree &pdt;
	LoopInfo &loops;
	Kills kills;
	std::vector<Check> checks;
	DenseMap<const SCEV *, SmallVector<unsigned, 4>> by_place;	/* by what p is beside its constant part */

	void plan(const Access &a);
	void plan_known(const Access &a, Value *origin, const Root &r);
	void plan_length(const Access &a, Value *origin, const Root &r);
	void need(const Access &a, Value *origin, const Root &r);
	bool covered(const Access &a, const SCEV *place, int64_t off, Value *origin);
	bool extend(Check &c, const Access &a, int64_t lo, int64_t hi);
	bool in_bounds(const Access &a, Value *origin, const Root &r);
	/* origin.cpp */
	DenseMap<Value *, Root> roots;
	Root root_of(Value *v);
	Root join_phi(PHINode *phi);
	Root join_select(SelectInst *s);
	bool join(Root &r, Value *x, const Instruction *at, function_ref<bool(Value *)> good);
	bool sure_buffer(CallInst *call, unsigned arg, uint64_t size, bool write);
	bool keeps_contract(CallInst *call);
	bool lives(Value *origin, const Root &r, const Instruction *at);
	bool in_scope(const AllocaInst *a, const Instruction *at);
	bool comes_between(const Instruction *start, const Instruction *what, const Instruction *at);
	bool not_null(Value *v, const Instruction *at);
	bool not_null_on(Value *v, const BasicBlock *from, const BasicBlock *to);
	bool tested(Value *v, const Instruction *at);
	bool follows(const Instruction *first, const Instruction *then);

	/* loop.cpp */
	DenseSet<std::pair<Loop *, const SCEV *>> hoisted;
	bool hoist(const Access &a, const SCEV *place, Value *origin, const Root &r);
	bool alone(Loop *loop, const SCEV *place, int64_t from, std::vector<Member> &members);
	bool may_fail(Instruction &i, const SCEV *place, int64_t from, std::vector<Member> &members);
	void apply_turns(Check &c);

	/* What a check found out about a place that a later one can use, off from it. */
	struct Shared {
		BasicBlock *home;
		Value *value;
		int64_t off;
	};
	DenseMap<const SCEV *, SmallVector<Shared, 2>> made;

	Value *address(IRBuilder<> &b, const Check &c, int64_t off);
	Value *number_at(IRBuilder<> &b, Value *off);
	Value *too_short(IRBuilder<> &b, Value *off, Value *number, uint64_t n);
	Value *shared(const Check &c, int64_t lo, int64_t &further);
	void ask_window(Check &c, BasicBlock *cold, BasicBlock *good);
	void apply_exact(Check &c);
	void fail_exact(const Check &c, BasicBlock *bad, Value *off, Value *size);
	void apply_shadow(Check &c);
	void apply_range(Check &c);
	void fail_members(const Check &c, BasicBlock *bad);
};

/* What is added to a pointer that is always the same: two that differ in nothing else are of one object, if any. */
int64_t constant_part(const SCEV *s);

/* How often a loop goes back, at most so often, if that is sure before it begins; what it ends by is one branch. */
const SCEV *turns_of(Loop *loop, ScalarEvolution &se, uint64_t most);
/* Its value, or null, made before the loop. */
Value *expand_before(Loop *loop, ScalarEvolution &se, const SCEV *s);

/* Finds what is sure of parameters: Ext::params. */
void find_params(Ext &e, ArrayRef<std::unique_ptr<Checker>> checkers);

void accesses(Instruction &i, SmallVectorImpl<Access> &all, const DataLayout &dl);

/* Which accesses --race looks at; planned before checks are made, applied after. */
class Race {
public:
	Race(Ext &e_, Function &f_) : e(e_), f(f_) {}
	void plan();
	void apply();

private:
	Ext &e;
	Function &f;
	std::vector<Access> shared;
};

/* Fuel: planned before checks make loops hard to read, charged after. */
class Fuel {
public:
	Fuel(Ext &e, Function &f);
	void plan();
	void apply(bool recursive);

private:
	Ext &e;
	Function &f;
	struct Edge {
		Instruction *end;
		BasicBlock *to;
	};
	std::vector<Edge> edges;
	/* Loops that are charged for all turns at once, before them. */
	struct Turns {
		Instruction *at;
		Value *n;
		DebugLoc where;
	};
	std::vector<Turns> turns;
	/* Those that go over many bytes, and how many. */
	std::vector<std::pair<Instruction *, Value *>> bulk;
	bool calls = false;

	void plan_bulk(Instruction &i);
	bool plan_turns(Loop *loop, ScalarEvolution &se);
	void charge(Instruction *at, Value *n, DebugLoc where);
};

} // namespace ashlar

#endif

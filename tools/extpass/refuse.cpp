// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an extension may not contain. The pass fails closed: what is not named here as good is refused. Each refusal
 * is one line, FILE:LINE: error: what; fix, and all are told before the build ends.
 */
#include "extpass.h"

#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/Support/raw_ostream.h"

namespace ashlar {

static std::vector<std::string> *refusals()
{
	static std::vector<std::string> all;

	return &all;
}

static void say(const std::string &file, unsigned line, const Twine &what, const Twine &fix)
{
	std::string where = file.empty() ? std::string("extension") : file;

	if (line)
		where += ":" + std::to_string(line);
	where += ": error: " + what.str() + "; " + fix.str();
	if (!is_contained(*refusals(), where))
		refusals()->push_back(where);
}

void refuse(const Twine &what, const Twine &fix, const GlobalObject *at)
{
	if (auto *f = dyn_cast<Function>(at); f && f->getSubprogram()) {
		say(f->getSubprogram()->getFilename().str(), f->getSubprogram()->getLine(), what, fix);
		return;
	}
	if (auto *g = dyn_cast<GlobalVariable>(at)) {
		SmallVector<DIGlobalVariableExpression *, 1> all;

		g->getDebugInfo(all);
		if (!all.empty()) {
			say(all[0]->getVariable()->getFilename().str(), all[0]->getVariable()->getLine(), what, fix);
			return;
		}
	}
	say(at->getParent()->getSourceFileName(), 0, what, fix);
}

void refuse(const Twine &what, const Twine &fix, const Instruction *at)
{
	if (const DILocation *l = at->getDebugLoc().get()) {
		/* Of code that was inlined, its own line: there the fix is to be made. */
		say(l->getFilename().str(), l->getLine(), what, fix);
		return;
	}
	refuse(what, fix, at->getFunction());
}

void refuse_end()
{
	if (refusals()->empty())
		return;
	for (const std::string &line : *refusals())
		errs() << line << "\n";
	exit(1);
}

/* A value's type that the kernel's own code has no registers for, or that checks do not know. */
static void refuse_type(const Type *type, const Instruction *at)
{
	type = type->getScalarType();
	if (type->isFloatingPointTy())
		refuse("floating point", "the kernel has none, count in integers", at);
	if (auto *p = dyn_cast<PointerType>(type); p && p->getAddressSpace())
		refuse("pointer into another address space", "use what ext.h offers", at);
}

static bool known_intrinsic(Intrinsic::ID id)
{
	switch (id) {
	case Intrinsic::memcpy:
	case Intrinsic::memcpy_inline:
	case Intrinsic::memmove:
	case Intrinsic::memset:
	case Intrinsic::memset_inline:
	case Intrinsic::lifetime_start:
	case Intrinsic::lifetime_end:
	case Intrinsic::dbg_assign:
	case Intrinsic::dbg_declare:
	case Intrinsic::dbg_label:
	case Intrinsic::dbg_value:
	case Intrinsic::assume:
	case Intrinsic::expect:
	case Intrinsic::expect_with_probability:
	case Intrinsic::experimental_noalias_scope_decl:
	case Intrinsic::is_constant:
	case Intrinsic::objectsize:
	case Intrinsic::prefetch:
	case Intrinsic::donothing:
	case Intrinsic::sideeffect:
	case Intrinsic::trap:
	case Intrinsic::debugtrap:
	case Intrinsic::ubsantrap:
	case Intrinsic::abs:
	case Intrinsic::bitreverse:
	case Intrinsic::bswap:
	case Intrinsic::ctlz:
	case Intrinsic::ctpop:
	case Intrinsic::cttz:
	case Intrinsic::fshl:
	case Intrinsic::fshr:
	case Intrinsic::sadd_sat:
	case Intrinsic::sadd_with_overflow:
	case Intrinsic::scmp:
	case Intrinsic::smax:
	case Intrinsic::smin:
	case Intrinsic::smul_with_overflow:
	case Intrinsic::sshl_sat:
	case Intrinsic::ssub_sat:
	case Intrinsic::ssub_with_overflow:
	case Intrinsic::uadd_sat:
	case Intrinsic::uadd_with_overflow:
	case Intrinsic::ucmp:
	case Intrinsic::umax:
	case Intrinsic::umin:
	case Intrinsic::umul_with_overflow:
	case Intrinsic::ushl_sat:
	case Intrinsic::usub_sat:
	case Intrinsic::usub_with_overflow:
		return true;
	default:
		return false;
	}
}

static void refuse_call(const CallBase &call)
{
	const Function *f = call.getCalledFunction();

	if (!isa<CallInst>(call)) {
		refuse("exception or computed goto", "write it in plain C", &call);
		return;
	}
	if (call.isInlineAsm()) {
		refuse("inline assembly", "write it in C, or use what ext.h offers", &call);
		return;
	}
	if (call.getCallingConv() != CallingConv::C && call.getCallingConv() != CallingConv::Fast)
		refuse("a call by another calling convention", "take the attribute away", &call);
	if (cast<CallInst>(call).isMustTailCall())
		refuse("a call that must not return here", "take the attribute away", &call);
	if (!f)
		return;
	if (f->isIntrinsic()) {
		if (f->getIntrinsicID() == Intrinsic::vastart || f->getIntrinsicID() == Intrinsic::vaend ||
		    f->getIntrinsicID() == Intrinsic::vacopy)
			refuse("function with a variable number of arguments", "give it an array and a count", &call);
		else if (f->getIntrinsicID() == Intrinsic::stacksave ||
			 f->getIntrinsicID() == Intrinsic::stackrestore)
			; /* the array that needs it is refused */
		else if (!known_intrinsic(f->getIntrinsicID()))
			refuse("compiler intrinsic " + f->getName(), "not allowed in an extension", &call);
		return;
	}
	if (f->isDeclaration() && !shim_call(plain_name(f)) && !is_intrinsic(f))
		refuse("call of " + plain_name(f) + "(), which is none of ext.h's",
		       "use what ext.h offers, or define it in the extension", &call);
}

static void refuse_instruction(const Instruction &i)
{
	refuse_type(i.getType(), &i);
	for (const Value *op : i.operands())
		refuse_type(op->getType(), &i);
	if (i.getType()->isVectorTy() || any_of(i.operands(), [](const Use &u) { return u->getType()->isVectorTy(); }))
		refuse("vector arithmetic", "use scalars", &i);
	if (isa<VAArgInst>(i))
		refuse("function with a variable number of arguments", "give it an array and a count", &i);
	if (isa<IndirectBrInst>(i) || isa<CallBrInst>(i))
		refuse("computed goto", "use switch", &i);
	if (auto *a = dyn_cast<AllocaInst>(&i); a && !a->isStaticAlloca() &&
	    (!isa<ConstantInt>(a->getArraySize()) || a->getParent() != &a->getFunction()->getEntryBlock()))
		refuse("array of variable length", "give it a constant length, or use ext_alloc()", &i);
	if (auto *call = dyn_cast<CallBase>(&i))
		refuse_call(*call);
	switch (i.getOpcode()) {
	case Instruction::UDiv:
	case Instruction::SDiv:
	case Instruction::URem:
	case Instruction::SRem:
		if (i.getType()->getScalarSizeInBits() > 64 && !isa<Constant>(i.getOperand(1)))
			refuse("128-bit division", "divide 64 bits", &i);
		break;
	case Instruction::AtomicRMW:
	case Instruction::AtomicCmpXchg:
	case Instruction::Load:
	case Instruction::Store:
		if (i.isAtomic()) {
			Type *type = isa<StoreInst>(i) ? i.getOperand(0)->getType() : i.getOperand(i.getNumOperands() - 1)->getType();

			if (isa<LoadInst>(i))
				type = i.getType();
			if (type->getScalarSizeInBits() > 64)
				refuse("128-bit atomic access", "use 64 bits or a lock", &i);
		}
		break;
	case Instruction::Invoke:
	case Instruction::Resume:
	case Instruction::LandingPad:
	case Instruction::CatchSwitch:
	case Instruction::CatchPad:
	case Instruction::CleanupPad:
	case Instruction::CatchRet:
	case Instruction::CleanupRet:
	case Instruction::AddrSpaceCast:
		refuse("instruction " + Twine(i.getOpcodeName()), "write it in plain C", &i);
		break;
	default:
		break;
	}
}

static void refuse_function(const Function &f)
{
	if (f.isVarArg())
		refuse("function with a variable number of arguments", "give it an array and a count", &f);
	if (f.getName() == "init_module" || f.getName() == "cleanup_module")
		refuse(f.getName() + "(), which would run without the shim", "use EXT_INIT(); the end needs no code", &f);
	if (f.getCallingConv() != CallingConv::C && f.getCallingConv() != CallingConv::Fast)
		refuse("function of another calling convention", "take the attribute away", &f);
	if (f.hasFnAttribute(Attribute::Naked))
		refuse("naked function", "write it in C", &f);
	if (f.hasFnAttribute(Attribute::DisableSanitizerInstrumentation) || f.hasFnAttribute(Attribute::NoSanitizeBounds) ||
	    f.hasFnAttribute(Attribute::NoSanitizeCoverage))
		refuse("attribute that turns checks off", "take it away", &f);
	if (f.hasSection() || f.hasFnAttribute("implicit-section-name"))
		refuse("function in a section of its own", "take the attribute away", &f);
	if (f.hasPersonalityFn() || f.hasPrefixData() || f.hasPrologueData())
		refuse("function with data before it", "write it in plain C", &f);
	for (const BasicBlock &b : f) {
		if (b.hasAddressTaken())
			refuse("computed goto", "use switch", b.getFirstNonPHI());
		for (const Instruction &i : b)
			refuse_instruction(i);
	}
}

/* A declaration has no line: those who use the variable have. */
static void refuse_foreign(const GlobalVariable &g)
{
	bool told = false;

	for (const User *u : g.users())
		if (auto *i = dyn_cast<Instruction>(u)) {
			refuse("variable " + g.getName() + " of somebody else", "an extension sees only its own", i);
			told = true;
		}
	if (!told)
		refuse("variable " + g.getName() + " of somebody else", "an extension sees only its own", &g);
}

static void refuse_variable(const GlobalVariable &g)
{
	if (g.getName().starts_with("llvm.")) {
		if (g.getName() != "llvm.used" && g.getName() != "llvm.compiler.used")
			refuse("constructor or other compiler table " + g.getName(), "use EXT_INIT()", &g);
		return;
	}
	if (g.isThreadLocal())
		refuse("thread-local variable " + g.getName(), "use the private state, ext_state()", &g);
	else if (g.isDeclaration())
		refuse_foreign(g);
	else if (!g.isConstant())
		refuse("global variable " + g.getName() + " can change, but an extension runs in many namespaces at once",
		       "make it const, or put it into the private state, ext_state()", &g);
	if ((g.hasSection() && !g.getSection().starts_with(".ashlar.")) || g.hasImplicitSection())
		refuse("variable " + g.getName() + " in a section of its own", "take the attribute away", &g);
	if (g.getAddressSpace() || g.isExternallyInitialized())
		refuse("variable " + g.getName() + " in another address space", "take the attribute away", &g);
}

void refuse_source(Module &m)
{
	if (!m.getModuleInlineAsm().empty())
		say(m.getSourceFileName(), 0, "assembly outside of functions", "write it in C, or use what ext.h offers");
	for (const GlobalAlias &a : m.aliases())
		say(m.getSourceFileName(), 0, "alias " + a.getName(), "write a function that calls it");
	for (const GlobalIFunc &i : m.ifuncs())
		say(m.getSourceFileName(), 0, "ifunc " + i.getName(), "write a function that chooses");
	for (const GlobalVariable &g : m.globals())
		if (!g.isDeclaration() || !g.use_empty())
			refuse_variable(g);
	refuse_late(m);
}

void refuse_late(Module &m)
{
	for (const Function &f : m) {
		if (!f.isDeclaration()) {
			if (!is_trusted(&f))
				refuse_function(f);
			continue;
		}
		if (f.isIntrinsic())
			continue;
		for (const Use &u : f.uses()) {
			auto *call = dyn_cast<CallBase>(u.getUser());

			if (!call || !call->isCallee(&u))
				refuse("address of " + plain_name(&f) + "()", "only the extension's own functions have one", &f);
		}
	}
}

} // namespace ashlar

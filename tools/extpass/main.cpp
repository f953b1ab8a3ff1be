// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plugin for opt, and its options. What runs, in which order, and why is told in extpass.h.
 */
#include "extpass.h"

#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/PassPlugin.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace ashlar {

Options options;

static cl::opt<bool> fast("ashlar-fast", cl::desc("check ranges only, not objects"));
static cl::opt<bool> plain("ashlar-plain", cl::desc("check nothing; for benchmarks and oracles"));
static cl::opt<bool> oracle("ashlar-oracle", cl::desc("as plain, and lets be what sanitizers put in"));
static cl::opt<bool> race("ashlar-race", cl::desc("look for races"));
static cl::opt<bool> print_stats("ashlar-stats", cl::desc("tell how many checks there are"));
static cl::opt<std::string> build("ashlar-build", cl::desc("build id"));

static void read_options()
{
	options = {.shadow = !fast, .plain = plain || oracle, .oracle = oracle,
		   .race = race, .stats = print_stats, .build = build};
}

struct PreparePass : PassInfoMixin<PreparePass> {
	PreservedAnalyses run(Module &m, ModuleAnalysisManager &)
	{
		read_options();
		prepare(m);
		refuse_end();
		return PreservedAnalyses::none();
	}
	static bool isRequired() { return true; }
};

/* The manager that Ext asks for analyses; what the pipeline's own has may be stale. */
static FunctionAnalysisManager *manager;

struct ExtPass : PassInfoMixin<ExtPass> {
	PreservedAnalyses run(Module &m, ModuleAnalysisManager &mam)
	{
		read_options();
		manager = &mam.getResult<FunctionAnalysisManagerModuleProxy>(m).getManager();
		Ext(m).run();
		refuse_end();
		if (verifyModule(m, &errs()))
			report_fatal_error("ashlar: the pass made invalid code");
		return PreservedAnalyses::none();
	}
	static bool isRequired() { return true; }
};

Ext::Ext(Module &m_) : m(m_), c(m_.getContext()), dl(m_.getDataLayout()), fam(*manager)
{
	i8 = Type::getInt8Ty(c);
	i16 = Type::getInt16Ty(c);
	i32 = Type::getInt32Ty(c);
	i64 = Type::getInt64Ty(c);
	ptr = PointerType::getUnqual(c);
	none = Type::getVoidTy(c);
}

} // namespace ashlar

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo llvmGetPassPluginInfo()
{
	return {LLVM_PLUGIN_API_VERSION, "ashlar", "1", [](PassBuilder &pb) {
		pb.registerPipelineParsingCallback([](StringRef name, ModulePassManager &mpm,
						      ArrayRef<PassBuilder::PipelineElement>) {
			if (name == "ashlar-prepare")
				mpm.addPass(ashlar::PreparePass());
			else if (name == "ashlar")
				mpm.addPass(ashlar::ExtPass());
			else
				return false;
			return true;
		});
	}};
}

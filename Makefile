# SPDX-License-Identifier: GPL-2.0-only
#
# Ashlar: see `make help`. Kbuild is for the kernel's build system; this file is for people.

SHELL := /bin/bash
.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

# Modules for the running kernel if its headers are here, else for the stock kernel from the cache.
ifneq ($(KDIR),)
KERNEL ?= host
else ifneq ($(wildcard /lib/modules/$(shell uname -r)/build/Makefile),)
KDIR := /lib/modules/$(shell uname -r)/build
KERNEL ?= host
else ifeq ($(KERNEL),)
KERNEL := stock
FALLBACK := yes
endif
export KDIR

V ?= 0
KMAKE := $(if $(W),W=$(W)) $(if $(C),C=$(C)) $(if $(filter 1,$(V)),V=1)

.PHONY: all modules tools vm-ready prereqs demo check lint native kunit selftest bench soak ext-fuzz coverage generate \
	install modules-install tools-install dkms-install uninstall clean distclean help

all: modules tools

# --- build ---------------------------------------------------------------------------------------------------

modules:
ifeq ($(FALLBACK),yes)
	@echo "no headers for the running kernel $$(uname -r): building for the stock kernel instead (KDIR=... to choose)"
endif
	@scripts/build-modules $(KERNEL) $(KMAKE)
	@find build/$(KERNEL)/src -name '*.ko' -printf '  %p\n'

tools:
	@if [ -e tools/ashlar/Makefile ]; then mkdir -p build/tools && \
		flock build/tools/.lock $(MAKE) -s -C tools/ashlar O=$(CURDIR)/build/tools; fi

# What scripts/vm/run asks for before it boots KERNEL.
vm-ready: tools
	@scripts/build-modules $(KERNEL)
	@scripts/ext-tests $(KERNEL) || true

prereqs:
	@scripts/prereqs

# --- verbs ---------------------------------------------------------------------------------------------------

demo: prereqs
	@scripts/demo

check: prereqs
	@scripts/check-all

lint: prereqs
	@scripts/lint

native: prereqs
	@scripts/native

kunit: prereqs
	@scripts/kunit

selftest: prereqs
	@scripts/selftest $(if $(TEST),--test '$(TEST)') $(if $(filter command line environment,$(origin KERNEL)),--kernel $(KERNEL))

soak: prereqs
	@ASHLAR_SOAK=1 scripts/selftest $(if $(TEST),--test '$(TEST)') $(if $(filter command line environment,$(origin KERNEL)),--kernel $(KERNEL))

# Random extensions against ASan and UBSan, in user space and on KERNEL; other seeds by SEEDS=FIRST-LAST.
SEEDS ?= 101-5100
ext-fuzz: prereqs
	@tests/ext-fuzz $(SEEDS) $(if $(filter command line environment,$(origin KERNEL)),$(KERNEL))

bench: prereqs
	@scripts/bench '$(BENCH)'

coverage: prereqs
	@scripts/coverage

generate:
	@scripts/gen/ynl-gen

# --- a real host ---------------------------------------------------------------------------------------------

install: modules-install tools-install

modules-install: modules
	@[ "$(KERNEL)" = host ] || { echo "no headers for the running kernel: install its linux-headers package or give KDIR="; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR)/build/host/src $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) modules_install
ifeq ($(DESTDIR),)
	depmod -a
endif

tools-install: tools
	$(MAKE) -C tools/ashlar O=$(CURDIR)/build/tools PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) install

dkms-install: tools-install
	@command -v dkms >/dev/null || { echo "dkms is missing: apt-get install dkms"; exit 1; }
	install -d $(DESTDIR)/usr/src/ashlar-$(VERSION)
	cp -r --parents Kbuild dkms.conf COPYING scripts/probe-kernel modules include $(DESTDIR)/usr/src/ashlar-$(VERSION)/
ifeq ($(DESTDIR),)
	dkms add -m ashlar -v $(VERSION)
	dkms install -m ashlar -v $(VERSION)
endif

uninstall:
	-[ ! -e tools/ashlar/Makefile ] || $(MAKE) -C tools/ashlar O=$(CURDIR)/build/tools PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) uninstall
	-[ -n "$(DESTDIR)" ] || ! command -v dkms >/dev/null || dkms remove -m ashlar -v $(VERSION) --all
	rm -rf $(DESTDIR)/usr/src/ashlar-$(VERSION)
	rm -f $(DESTDIR)/lib/modules/*/updates/modules/*/ashlar_*.ko $(DESTDIR)/lib/modules/*/extra/modules/*/ashlar_*.ko
ifeq ($(DESTDIR),)
	depmod -a
endif

clean:
	rm -rf build

help:
	@echo 'Build'
	@echo '  make [KDIR=...]            modules and the command-line tool'
	@echo '  make KERNEL=NAME modules   modules for stock, debug or stock612 (build/NAME)'
	@echo '  make clean'
	@echo 'Try and test (in virtual machines, on any machine; prerequisites are installed)'
	@echo '  make demo                  the main job, on real programs'
	@echo '  make check                 lint, native, kunit and selftest; last line: N passed, N failed, N skipped'
	@echo '  make lint                  W=1, sparse, Coccinelle, checkpatch, shellcheck, drift, man pages'
	@echo '  make native                tests of the pure cores, in user space under ASan and UBSan'
	@echo '  make kunit                 unit tests on the debug kernel'
	@echo '  make selftest [TEST=name] [KERNEL=stock|debug]'
	@echo '  make soak [TEST=name] [KERNEL=stock|debug]    the long versions'
	@echo '  make ext-fuzz [SEEDS=FIRST-LAST] [KERNEL=...]    5,000 random extensions, in user space and in kernels'
	@echo '  make coverage              line coverage of the last kunit and selftest runs'
	@echo '  make bench [BENCH=name]    measurements, JSON under build/bench/'
	@echo '  scripts/vm/run -- COMMAND  a command in a virtual machine with the modules in place'
	@echo 'Install'
	@echo '  make install [PREFIX=/usr/local] [DESTDIR=]   modules for the running kernel, tool, man pages'
	@echo '  make dkms-install          the same, modules by DKMS'
	@echo '  make uninstall'

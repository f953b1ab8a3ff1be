# SPDX-License-Identifier: GPL-2.0-only
#
# What the Makefile of an extension includes.
#
#   make -C extensions/NAME                   for the running kernel if its headers are here, else for the stock kernel
#   make -C extensions/NAME KERNEL=stock612   for a kernel of scripts/vm/kernel; KDIR=... for another one's headers
#   make -C extensions/NAME FLAGS=--fast      options of scripts/ext-build
#   make -C extensions/NAME user              a program, fed with packets from a file

.DEFAULT_GOAL := module
ext := $(CURDIR)
tree := $(abspath $(ext)/../..)

KDIR ?= $(wildcard /lib/modules/$(shell uname -r)/build)
ifneq ($(KERNEL),)
to := --kernel $(KERNEL)
else ifneq ($(KDIR),)
to := KDIR=$(KDIR)
endif

.PHONY: module user
module:
	@cd $(tree) && scripts/ext-build extensions/$(notdir $(ext)) $(FLAGS) $(to)

user:
	@cd $(tree) && scripts/ext-build extensions/$(notdir $(ext)) $(FLAGS) --user

# Duplex: build, test, measure, install. `make help` lists the targets.
#
# One dependency graph, not recursive. Each variant has a folder of its own, build/<variant>, so
# variants never disturb each other. Sources are found by wildcard; headers are found by the compiler.

VERSION := $(shell sed -n 's/^\#define DUPLEX_VERSION "\(.*\)"/\1/p' include/duplex/version.h)

# --- Yours to set, on the command line or in the environment ---------------------------------------
CXX        ?= g++
CPPFLAGS   ?=
CXXFLAGS   ?=
LDFLAGS    ?=
PKG_CONFIG ?= pkg-config
DESTDIR    ?=
PREFIX     ?= /usr/local
BUILD      ?= build
V          ?= 0
ifeq ($(origin CXX),default)
CXX := g++
endif

# --- Variants ----------------------------------------------------------------------------------------
VARIANTS := release debug asan tsan coverage

flags_release  := -O2 -g -DNDEBUG
flags_debug    := -O1 -g -D_GLIBCXX_ASSERTIONS
flags_asan     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
                  -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS
flags_tsan     := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
flags_coverage := -O0 -g --coverage

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast \
            -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wimplicit-fallthrough
ifdef WERROR
WARNINGS += -Werror
endif

OUR_CPPFLAGS := -Iinclude -Isrc
OUR_CXXFLAGS := -std=c++20 -pthread $(WARNINGS)
GTEST_LIBS    = $(shell $(PKG_CONFIG) --libs gtest 2>/dev/null || echo -lgtest)

# --- Layers: who may include, and link, whom ----------------------------------------------------------
LAYERS := base codec measure http websocket net simulation endpoint
uses_base       := base
uses_codec      := codec base
uses_measure    := measure base
uses_http       := http codec base
uses_websocket  := websocket http codec base
uses_net        := net base
uses_simulation := simulation net base
uses_endpoint   := endpoint net websocket http codec base

# The simulated kernel is for tests: it is not part of the library.
LIB_SRCS     := $(sort $(wildcard $(patsubst %,src/%/*.cc,$(filter-out simulation,$(LAYERS)))))
SIM_SRCS     := $(sort $(wildcard src/simulation/*.cc))
TOOL_SRCS    := $(sort $(wildcard tools/duplex/*.cc))
EXAMPLE_SRCS := $(sort $(wildcard tools/examples/*.cc))
SUPPORT_SRCS := $(sort $(wildcard tests/support/*.cc))
TEST_SRCS    := $(sort $(wildcard tests/*/*_test.cc))
HEADERS      := $(sort $(wildcard include/duplex/*.h include/duplex/*/*.h))
EXAMPLES     := $(EXAMPLE_SRCS:tools/examples/%.cc=%)
# One test program per folder; that of a layer links nothing above the layer.
TEST_FOLDERS := $(sort $(patsubst tests/%/,%,$(dir $(TEST_SRCS))))

ifeq ($(V),0)
Q   := @
say  = @printf '  %-6s %s\n' '$(1)' '$(2)'
endif

MAKEFLAGS += --no-builtin-rules --output-sync=target
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := release

compile = $(CXX) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CXXFLAGS) $(flags_$(1)) $(CXXFLAGS)
link    = $(CXX) $(flags_$(1)) $(CXXFLAGS) -pthread $(LDFLAGS)
objects = $(patsubst %.cc,$(BUILD)/$(1)/%.o,$(2))
# The objects a test program links: its layer with what that uses, or everything.
test_objects = $(call objects,$(1),$(if $(uses_$(2)),$(foreach l,$(uses_$(2)),\
               $(sort $(wildcard src/$(l)/*.cc))),$(LIB_SRCS) $(SIM_SRCS)))

# --- Rules, once per variant ----------------------------------------------------------------------------
define variant_rules
$(BUILD)/$(1)/%.o: %.cc $(BUILD)/$(1)/flags
	@mkdir -p $$(@D)
	$$(call say,CXX,$$@)
	$$(Q)$$(call compile,$(1)) -MMD -MP -c -o $$@ $$<

$(BUILD)/$(1)/libduplex.a: $(call objects,$(1),$(LIB_SRCS))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^

$(BUILD)/$(1)/libsupport.a: $(call objects,$(1),$(SUPPORT_SRCS))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^

$(BUILD)/$(1)/bin/duplex: $(call objects,$(1),$(TOOL_SRCS)) $(BUILD)/$(1)/libduplex.a
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link,$(1)) -o $$@ $$^

$(BUILD)/$(1)/examples/%: $(BUILD)/$(1)/tools/examples/%.o $(BUILD)/$(1)/libduplex.a
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link,$(1)) -o $$@ $$^

# Recompile when the flags change, not only when the files do.
$(BUILD)/$(1)/flags: FORCE
	@mkdir -p $$(@D)
	@echo '$$(call compile,$(1)) $$(LDFLAGS)' | cmp -s - $$@ \
	  || echo '$$(call compile,$(1)) $$(LDFLAGS)' > $$@

.PHONY: $(1) test-$(1)
$(1): $(BUILD)/$(1)/libduplex.a $(if $(TOOL_SRCS),$(BUILD)/$(1)/bin/duplex) \
      $(EXAMPLES:%=$(BUILD)/$(1)/examples/%)
test-$(1): $(TEST_FOLDERS:%=run-$(1)-%)
endef

define test_rules
$(BUILD)/$(1)/tests/$(2)_tests: $(call objects,$(1),$(wildcard tests/$(2)/*_test.cc)) \
    $(BUILD)/$(1)/libsupport.a $(call test_objects,$(1),$(2))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link,$(1)) -o $$@ $$(filter %.o,$$^) $(BUILD)/$(1)/libsupport.a \
	  -lgtest_main $$(GTEST_LIBS)

.PHONY: run-$(1)-$(2)
run-$(1)-$(2): $(BUILD)/$(1)/tests/$(2)_tests
	$$(Q)$$< --gtest_brief=1 $$(TEST_ARGS)
endef

$(foreach v,$(VARIANTS),$(eval $(call variant_rules,$(v))))
$(foreach v,$(VARIANTS),$(foreach f,$(TEST_FOLDERS),$(eval $(call test_rules,$(v),$(f)))))

.PHONY: FORCE
FORCE:

-include $(foreach v,$(VARIANTS),$(patsubst %.cc,$(BUILD)/$(v)/%.d,\
  $(LIB_SRCS) $(SIM_SRCS) $(TOOL_SRCS) $(EXAMPLE_SRCS) $(SUPPORT_SRCS) $(TEST_SRCS)))

# --- Targets -----------------------------------------------------------------------------------------------
.PHONY: help test clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo '  Variants: $(VARIANTS): "make <variant>" builds, "make test-<variant>" tests.'
	@echo '  "make run-<variant>-<folder>" runs one folder of tests/; TEST_ARGS=--gtest_filter=Frame*'
	@echo '  picks tests; V=1 shows commands; BUILD=dir builds elsewhere.'

test: test-debug ## Build and run the tests

clean: ## Remove what was built
	rm -rf $(BUILD)

# Duplex: build, test, measure, install. `make help` lists the targets.
#
# One dependency graph, not recursive. Each variant has a folder of its own, build/<variant>, so
# variants never disturb each other. Sources are found by wildcard, headers by the compiler.

VERSION   := $(shell sed -n 's/^\#define DUPLEX_VERSION "\(.*\)"/\1/p' include/duplex/version.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

# --- Yours to set, on the command line or in the environment --------------------------------------
CXX        ?= g++
CPPFLAGS   ?=
CXXFLAGS   ?=
# More of them for the tests' own sources: -O0 compiles faster what a sanitizer watches.
TEST_CXXFLAGS ?=
LDFLAGS    ?=
PKG_CONFIG ?= pkg-config
DESTDIR    ?=
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/duplex
BUILD      ?= build
V          ?= 0
# Not empty: common headers of the standard library are read once, which compiles faster.
PRECOMPILE ?=
ifeq ($(origin CXX),default)
CXX := g++
endif

# --- Variants -------------------------------------------------------------------------------------
VARIANTS := release debug asan tsan coverage fuzz

# Link-time optimisation joins the layers again that the folders keep apart; the objects hold code
# for linkers without it too, and clang would want a linker of its own.
# g++ inlines as at -O3, whose other passes gain nothing here.
LTO := $(if $(findstring clang,$(CXX)),,-flto=auto -ffat-lto-objects \
       --param max-inline-insns-auto=30 --param early-inlining-insns=14 \
       -flto-partition=one --param inline-min-speedup=15 -fipa-cp-clone -fpeel-loops \
       -fsplit-paths)
# What g++ warns of when it inlines much is not there (GCC bug 105651: joining std::string).
unfounded := $(if $(findstring clang,$(CXX)),,-Wno-restrict -Wno-stringop-overflow)
# The shared library is made of the same objects as the static one.
flags_release  := -O2 -g -DNDEBUG -fPIC -fno-semantic-interposition -ftls-model=initial-exec \
                  $(LTO) $(unfounded)
flags_debug    := -O1 -g -D_GLIBCXX_ASSERTIONS
flags_asan     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
                  -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS
flags_tsan     := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
# The tests bring an operator new that can fail. That of clang's runtime stays out when the linker
# believes that this is C.
as_c           := --driver-mode=gcc -Wl,--no-as-needed -lstdc++ -lm
link_tsan      := $(if $(findstring clang,$(CXX)),$(as_c))
timeout_tsan   := 1800
flags_coverage := -O0 -g --coverage
flags_fuzz     := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
CXX_fuzz       := clang++

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast \
            -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wimplicit-fallthrough
ifdef WERROR
WARNINGS += -Werror
endif

# clang makes what headers are known to need of templates once, too, and need not know when they were
# written: make does.
instantiated := $(if $(findstring clang,$(CXX)),-fpch-instantiate-templates -Xclang -fno-pch-timestamp)
# With headers that were read before g++ 12 guesses wrongly of the standard library's strings.
as_read  := $(if $(findstring clang,$(CXX)),,-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow \
            -Wno-stringop-overread)

OUR_CPPFLAGS := -Iinclude -Isrc
OUR_CXXFLAGS := -std=c++20 -pthread $(WARNINGS)
GTEST_LIBS    = $(shell $(PKG_CONFIG) --libs gtest 2>/dev/null || echo -lgtest)

# --- Layers: who may include, and link, whom ------------------------------------------------------
LAYERS := base codec measure http websocket engineio socketio net simulation endpoint redis \
          events cluster
uses_base       := base
uses_codec      := codec base
uses_measure    := measure codec base
uses_http       := http codec base
uses_websocket  := websocket http codec base
uses_engineio   := engineio codec base
uses_socketio   := socketio codec base
uses_net        := net base
uses_simulation := simulation net base
uses_endpoint   := endpoint net websocket http codec base
uses_redis      := redis endpoint net websocket http codec base
uses_events     := events endpoint net socketio engineio websocket http codec base
uses_cluster    := cluster redis events endpoint net socketio engineio websocket http codec base
PURE            := base codec http websocket engineio socketio measure

# The simulated kernel is for tests: it is not part of the library.
LIB_SRCS     := $(sort $(wildcard $(patsubst %,src/%/*.cc,$(filter-out simulation,$(LAYERS)))))
SIM_SRCS     := $(sort $(wildcard src/simulation/*.cc))
TOOL_SRCS    := $(sort $(wildcard tools/duplex/*.cc tools/duplex/*/*.cc))
LAB_FILES    := $(sort $(wildcard tools/duplex/lab/page/*))
EXAMPLE_SRCS := $(sort $(wildcard tools/examples/*.cc))
SUPPORT_SRCS := $(sort $(wildcard tests/support/*.cc))
TEST_SRCS    := $(sort $(wildcard tests/*/*_test.cc))
BENCH_SRCS   := $(sort $(wildcard tests/bench/*.cc))
INTEROP_SRCS := $(sort $(wildcard tests/interop/*.cc))
FUZZ_SRCS    := $(sort $(wildcard tests/fuzz/*_fuzz.cc))
FUZZ_ENTRY   := tests/fuzz/libfuzzer.cc
# What reads and tells captures, of the tool, without what makes them.
CAPTURE_SRCS := $(filter-out %/packet_capture.cc,$(wildcard tools/duplex/capture/*.cc)) \
                $(filter-out $(patsubst %,tools/duplex/trace/%.cc,live_trace own_network \
                recording_kernel scripted_client socket_story trace_command watch), \
                $(filter tools/duplex/trace/%,$(TOOL_SRCS))) \
                $(filter tools/duplex/frames/%,$(TOOL_SRCS)) tools/duplex/connect/message_text.cc \
                tools/duplex/printable.cc
ALL_SRCS     := $(LIB_SRCS) $(SIM_SRCS) $(TOOL_SRCS) $(EXAMPLE_SRCS) $(SUPPORT_SRCS) $(TEST_SRCS) \
                $(BENCH_SRCS) $(FUZZ_SRCS) $(FUZZ_ENTRY) $(INTEROP_SRCS)
HEADERS      := $(sort $(wildcard include/duplex/*.h include/duplex/*/*.h))
# Not for reading alone: what each source for one instruction set includes with its own operations.
PARTIAL      := src/codec/vector_kernels.h
OUR_HEADERS  := $(HEADERS) $(filter-out $(PARTIAL),$(sort $(wildcard src/*/*.h)))
EXAMPLES     := $(EXAMPLE_SRCS:tools/examples/%.cc=%)
# One test program per folder; that of a layer links nothing above the layer.
TEST_FOLDERS := $(sort $(patsubst tests/%/,%,$(dir $(TEST_SRCS))))

ifeq ($(V),0)
Q   := @
say  = @printf '  %-6s %s\n' '$(1)' '$(2)'
endif

MAKEFLAGS += --no-builtin-rules
# Every core, unless the caller says otherwise with -j.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(shell nproc)
endif
# Whole messages, but not from programs that show how far they are.
ifeq ($(filter run serve bench fuzz interop proxies faults wire trace soak check%,$(MAKECMDGOALS)),)
MAKEFLAGS += --output-sync=target
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := release

cxx     = $(or $(CXX_$(1)),$(CXX))
compile = $(cxx) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CXXFLAGS) $(flags_$(1)) $(CXXFLAGS) $(for_tests)
link    = $(cxx) $(flags_$(1)) $(link_$(1)) $(CXXFLAGS) -pthread $(LDFLAGS)
quote   = '$(subst ','\'',$(1))'
objects = $(patsubst %.cc,$(BUILD)/$(1)/%.o,$(2))
# What a test program links: its layer and what that uses, or everything; tests/tools: the tool too,
# tests/fuzz: the fuzz targets.
# The endpoints are tested in a simulated world.
uses_by_test = $(foreach l,$(uses_$(1)) $(if $(filter endpoint redis events cluster,$(1)),simulation),\
               $(sort $(wildcard src/$(l)/*.cc)))
test_srcs    = $(or $(call uses_by_test,$(1)),$(LIB_SRCS) $(SIM_SRCS) \
               $(if $(filter tools,$(1)),$(filter-out %/main.cc,$(TOOL_SRCS))) \
               $(if $(filter fuzz,$(1)),$(FUZZ_SRCS) $(CAPTURE_SRCS)))
test_objects = $(call objects,$(1),$(call test_srcs,$(2)))

# --- Rules, once per variant ----------------------------------------------------------------------
define variant_rules
$(BUILD)/$(1)/%.o: %.cc $(BUILD)/$(1)/flags
	@mkdir -p $$(@D)
	$$(call say,CXX,$$@)
	$$(Q)$$(call compile,$(1)) -MMD -MP -c -o $$@ $$<

$(BUILD)/$(1)/libduplex.a: $(call objects,$(1),$(LIB_SRCS))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) qcs $$@ $$^

$(BUILD)/$(1)/libsupport.a: $(call objects,$(1),$(SUPPORT_SRCS))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) qcs $$@ $$^

$(BUILD)/$(1)/bin/duplex: $(call objects,$(1),$(TOOL_SRCS)) $(BUILD)/$(1)/libduplex.a
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link,$(1)) -o $$@ $$^

# Nobody waits for the examples: they are linked in no time.
$(BUILD)/$(1)/examples/%: $(BUILD)/$(1)/tools/examples/%.o $(BUILD)/$(1)/libduplex.a
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link,$(1)) -fno-lto -o $$@ $$^

# Recompile when the flags change, not only when the files do.
$(BUILD)/$(1)/flags: FORCE
	@mkdir -p $$(@D)
	@echo $$(call quote,$$(flags)) | cmp -s - $$@ || echo $$(call quote,$$(flags)) > $$@
$(BUILD)/$(1)/flags: flags = $$(subst $$() -Werror,,$$(call compile,$(1)) $$(TEST_CXXFLAGS) $$(LDFLAGS) \
    $(PRECOMPILE:%=precompiled))

# What a result says about the program that measured it.
$(BUILD)/$(1)/facts/build_facts.inc: FORCE
	@mkdir -p $$(@D)
	@printf '#define DUPLEX_COMMIT "%s"\n#define DUPLEX_FLAGS "%s"\n' '$$(COMMIT)' \
	  '$$(subst ",\",$$(flags_$(1)) $$(CXXFLAGS))' | cmp -s - $$@ || \
	  printf '#define DUPLEX_COMMIT "%s"\n#define DUPLEX_FLAGS "%s"\n' '$$(COMMIT)' \
	  '$$(subst ",\",$$(flags_$(1)) $$(CXXFLAGS))' > $$@
$(BUILD)/$(1)/tools/duplex/bench/environment.o: $(BUILD)/$(1)/facts/build_facts.inc
$(BUILD)/$(1)/tools/duplex/bench/environment.o: private OUR_CPPFLAGS += -I$(BUILD)/$(1)/facts

# The lab page travels within the program.
$(BUILD)/$(1)/lab/lab_files.inc: FORCE
	@mkdir -p $$(@D)
	@tools/build/embed $(LAB_FILES) > $$@.new && { cmp -s $$@.new $$@ || cp $$@.new $$@; }
$(BUILD)/$(1)/tools/duplex/lab/lab_files.o: $(BUILD)/$(1)/lab/lab_files.inc
$(BUILD)/$(1)/tools/duplex/lab/lab_files.o: private OUR_CPPFLAGS += -I$(BUILD)/$(1)/lab

.PHONY: all-$(1) test-$(1)
all-$(1): $(BUILD)/$(1)/libduplex.a $(if $(TOOL_SRCS),$(BUILD)/$(1)/bin/duplex) \
    $(EXAMPLES:%=$(BUILD)/$(1)/examples/%)
test-$(1): $(TEST_FOLDERS:%=$(BUILD)/$(1)/tests/%_tests)
	@TEST_ARGS='$$(TEST_ARGS)' TEST_TIMEOUT=$$$${TEST_TIMEOUT:-$(or $(timeout_$(1)),600)} \
	  tools/build/run_tests $$^

# GoogleTest is there before anything that needs it.
$(call objects,$(1),$(SUPPORT_SRCS) $(TEST_SRCS) $(FUZZ_SRCS) $(FUZZ_ENTRY)): | $(BUILD)/gtest

# Reading GoogleTest is most of the work for a short test: it is read once for all of them, with
# PRECOMPILE=1 the standard library too.
$(BUILD)/$(1)/gtest.h.gch: $(BUILD)/$(1)/flags | $(BUILD)/gtest
	@{ $(if $(PRECOMPILE),cat tools/build/standard.h;) echo '#include <gtest/gtest.h>'; } \
	  > $$(basename $$@)
	$$(call say,CXX,$$@)
	$$(Q)$$(call compile,$(1)) $(instantiated) -x c++-header -o $$@ $$(basename $$@)
$(BUILD)/$(1)/gtest.h.gch: private for_tests = $$(TEST_CXXFLAGS)
$(call objects,$(1),$(TEST_SRCS)): $(BUILD)/$(1)/gtest.h.gch
$(call objects,$(1),$(TEST_SRCS)): private for_tests = $$(TEST_CXXFLAGS) \
    -include $(BUILD)/$(1)/gtest.h $(as_read)

# Likewise the standard library for all others. It hides what a source forgets to include.
$(BUILD)/$(1)/standard.h.gch: tools/build/standard.h $(BUILD)/$(1)/flags
	@cp $$< $$(basename $$@)
	$$(call say,CXX,$$@)
	$$(Q)$$(call compile,$(1)) $(instantiated) -x c++-header -o $$@ $$(basename $$@)
ifneq ($(PRECOMPILE),)
$(call objects,$(1),$(LIB_SRCS) $(SIM_SRCS) $(TOOL_SRCS)): $(BUILD)/$(1)/standard.h.gch
$(call objects,$(1),$(LIB_SRCS) $(SIM_SRCS) $(TOOL_SRCS)): private for_tests = \
    -include $(BUILD)/$(1)/standard.h $(as_read)
endif
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

# With a + when files differ from it.
COMMIT = $(shell git describe --always --dirty=+ --abbrev=12 --exclude '*' 2>/dev/null || echo unknown)

$(BUILD)/gtest:
	@mkdir -p $(@D)
	@tools/build/ensure_gtest $(CXX) && touch $@

# This test reads the whole library, to see which objects call the operating system.
$(foreach v,$(VARIANTS),$(eval $(BUILD)/$(v)/tests/conformance_tests: | $(BUILD)/$(v)/libduplex.a))

SHARED := $(BUILD)/release/libduplex.so.$(VERSION)
$(SHARED): $(call objects,release,$(LIB_SRCS))
	$(call say,LINK,$@)
	$(Q)$(call link,release) -shared -Wl,-soname,libduplex.so.$(SOVERSION) -o $@ $^
	@ln -sf $(@F) $(@D)/libduplex.so.$(SOVERSION)
all-release: $(SHARED)

$(BUILD)/release/bench/%: $(BUILD)/release/tests/bench/%.o $(BUILD)/release/libduplex.a \
    $(call objects,release,$(SIM_SRCS) $(filter-out %_bench.cc,$(BENCH_SRCS)))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,release) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(BENCH_LIBS)

$(BUILD)/release/bench/worst_cases_bench: $(BUILD)/release/tests/support/rows.o

# What is measured beside zlib needs it; the library does not.
$(BUILD)/release/bench/deflate_bench: BENCH_LIBS := -lz
$(BUILD)/release/tests/bench/deflate_bench.o: | $(BUILD)/zlib
$(BUILD)/zlib:
	@mkdir -p $(@D)
	@tools/build/install_packages zlib1g-dev && touch $@

$(BUILD)/fuzz/bin/capture: $(call objects,fuzz,$(CAPTURE_SRCS))
$(BUILD)/fuzz/bin/%: $(BUILD)/fuzz/tests/fuzz/%_fuzz.o \
    $(call objects,fuzz,$(FUZZ_ENTRY) $(SIM_SRCS)) \
    $(BUILD)/fuzz/libsupport.a $(BUILD)/fuzz/libduplex.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,fuzz) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(GTEST_LIBS)

-include $(foreach v,$(VARIANTS),$(patsubst %.cc,$(BUILD)/$(v)/%.d,$(ALL_SRCS)))

# --- Targets --------------------------------------------------------------------------------------
.PHONY: help release debug asan tsan run serve test interop bench fuzz fuzz-keep soak check \
        check-gcc check-clang check-house check-headers check-layers check-sizes check-rows \
        check-format format tidy coverage compile_commands install uninstall test-install clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' Makefile
	@echo '  Variants: release debug asan tsan: "make <variant>" builds, "make test-<variant>" tests.'
	@echo '  "make run-<variant>-<folder>" runs one folder of tests/; TEST_ARGS=--gtest_filter=Frame*'
	@echo '  picks tests; V=1 shows commands; BUILD=dir builds elsewhere.'

release: all-release ## The library (static and shared), the tool, the examples; also: plain "make"
debug asan tsan: %: all-%

RUN_ARGS ?= --delay 20ms --rate 10/s --poll 250ms
run: release ## Measure latency on a server of its own: a table, and build/report/ (RUN_ARGS='...')
	@mkdir -p $(BUILD)/report
	@$(BUILD)/release/bin/duplex bench $(RUN_ARGS) \
	  $(foreach f,txt json html svg csv md hgrm hlog,-o $(BUILD)/report/latency.$(f))

serve: release ## Serve the lab page, echo and the event feed on port 9001 (SERVE_ARGS='--port 0 ...')
	@$(BUILD)/release/bin/duplex serve $(SERVE_ARGS)

test: test-debug ## Run every test that needs only a compiler and GoogleTest

INTEROP_PROGRAMS := $(addprefix $(BUILD)/release/interop_,deflate server)
interop: release proxies $(INTEROP_PROGRAMS) $(BUILD)/release/interop_messages
interop: $(addprefix $(BUILD)/release/interop_,socketio_server socketio_client redis \
  cluster_server)
interop: ## Test against peers nobody here wrote
	@tools/build/install_packages curl python3-websockets python3-wsproto chromium tshark \
	  redis-server python3-socketio python3-aiohttp
	@command -v npm >/dev/null || tools/build/install_packages nodejs npm
	@mkdir -p $(BUILD)/interop
	@npm install --silent --no-fund --no-audit --prefix $(BUILD)/interop ws@8 undici@6 \
	  hdr-histogram-js@3 socket.io-client@4 socket.io-msgpack-parser@3 \
	  socket.io-client-2@npm:socket.io-client@2 socket.io@4 redis@4 \
	  @socket.io/redis-adapter@8 @socket.io/redis-streams-adapter@0.3 @socket.io/redis-emitter@5
	@failed=0; cd tests/interop && ours=$(abspath $(BUILD))/release npm=$(abspath $(BUILD))/interop; \
	python='/usr/bin/python3 -B'; \
	./run $$ours/bin/duplex $(abspath $(INTEROP_PROGRAMS)) $$npm || failed=1; \
	$$python compression/run.py $$ours/interop_messages $$npm || failed=1; \
	$$python socketio/run.py $$ours/interop_socketio_server $$ours/interop_socketio_client \
	  $$npm || failed=1; \
	$$python redis/run.py $$ours/interop_redis || failed=1; \
	NODE_PATH=$$npm/node_modules node cluster/run.js $$ours/interop_cluster_server || failed=1; \
	exit $$failed

.PHONY: proxies
proxies: release $(BUILD)/release/interop_rows_server ## Test behind nginx, haproxy and stunnel
	@tools/build/install_packages nginx-light haproxy stunnel4 openssl python3-websockets
	@/usr/bin/python3 -B tests/interop/proxies/run.py $(BUILD)/release/bin/duplex \
	  $(BUILD)/release/interop_rows_server $(BUILD)/proxies

$(BUILD)/release/interop_%: $(BUILD)/release/tests/interop/%.o $(BUILD)/release/libduplex.a
	$(call say,LINK,$@)
	$(Q)$(call link,release) -o $@ $^

# AUTOBAHN_ARGS='--server ws://HOST:PORT --report INDEX.JSON': no Docker, a testsuite that runs.
.PHONY: autobahn
autobahn: release ## Autobahn's testsuite in both directions, by Docker (or AUTOBAHN_ARGS=--help)
	@python3 -B tests/interop/autobahn/run.py $(BUILD)/release/bin/duplex $(BUILD)/autobahn \
	  $(AUTOBAHN_ARGS)

# Some need root, for namespaces; what was not possible is said.
.PHONY: faults
faults: release ## Faults that only a real kernel makes (FAULTS='r04 r39' picks rows)
	@tools/build/install_packages iproute2 nftables strace util-linux
	@python3 -B tests/faults/run.py $(BUILD)/release/bin/duplex $(FAULTS)

# As root and as nobody.
.PHONY: wire
wire: release ## `duplex wire` over real namespaces (WIRE=packets_are_doubled picks a test)
	@python3 -B tests/wire/run.py $(BUILD)/release/bin/duplex $(WIRE)

# As root and as nobody.
.PHONY: trace
trace: release ## `duplex trace` of others, and without the right to capture (TRACE=... picks a test)
	@python3 -B tests/trace/run.py $(BUILD)/release/bin/duplex $(TRACE)

# On a quiet machine; the pictures are for a person to look at.
.PHONY: laboratory
laboratory: release ## Experiments, claims and their pages on this machine (LABORATORY=claims)
	@tools/build/install_packages chromium
	@command -v npm >/dev/null || tools/build/install_packages nodejs npm
	@npm install --silent --no-fund --no-audit --prefix $(BUILD)/interop ws@8
	@NODE_PATH=$(abspath $(BUILD))/interop/node_modules python3 -B tests/laboratory/run.py \
	  $(BUILD)/release/bin/duplex $(BUILD)/laboratory $(LABORATORY)

# By name only: hold-100k (root) and soak-hour.
soak: release ## Load on real sockets for half an hour (SOAK=churn picks one; SOAK_SCALE=0.1)
	@python3 -B tests/soak/checks_test.py
	@python3 -B tests/soak/run.py $(BUILD)/release/bin/duplex $(SOAK)

BENCHES := $(patsubst tests/bench/%.cc,$(BUILD)/release/bench/%,$(filter %_bench.cc,$(BENCH_SRCS)))
bench: $(BENCHES) ## Run the benchmarks (what is beside npm's socket.io needs npm)
	@! command -v npm >/dev/null || npm install --silent --no-fund --no-audit \
	  --prefix $(BUILD)/npm socket.io@4 || true
	@for program in $(BENCHES); do \
	  NODE_PATH=$(abspath $(BUILD))/npm/node_modules $$program $(BENCH_ARGS) || exit 1; done

FUZZ_SECONDS ?= 10
FUZZERS      ?= $(FUZZ_SRCS:tests/fuzz/%_fuzz.cc=%)
fuzz: $(FUZZERS:%=$(BUILD)/fuzz/bin/%) ## Run each fuzzer for FUZZ_SECONDS; FUZZERS=... picks some
	@tools/build/fuzz.py run $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZERS)

fuzz-keep: $(FUZZERS:%=$(BUILD)/fuzz/bin/%) ## Keep the fewest inputs that reach as much
	@tools/build/fuzz.py keep $(BUILD)/fuzz $(FUZZERS)

# --- What must pass -------------------------------------------------------------------------------
check: check-gcc check-clang check-house tidy ## All that must pass, with g++ and clang++

check-gcc: ## Debug, ASan with UBSan, TSan tests with g++, without a warning
	@$(MAKE) CXX=g++ BUILD=$(BUILD)/gcc WERROR=1 test-debug test-asan test-tsan release
check-clang: ## The same with clang++
	@$(MAKE) CXX=clang++ BUILD=$(BUILD)/clang WERROR=1 test-debug test-asan test-tsan release

check-house: check-headers check-layers check-sizes check-rows check-format ## What needs no test run

HEADER_COMPILERS ?= g++ clang++
HEADER_CHECKS    := $(foreach c,$(HEADER_COMPILERS),$(OUR_HEADERS:%=$(BUILD)/headers/%.$(c)))
check-headers: $(HEADER_CHECKS) ## Each header compiles alone
	@echo '  headers: ok ($(words $(OUR_HEADERS)), each with $(HEADER_COMPILERS))'

define header_rules
$(BUILD)/headers/%.$(1): % $(OUR_HEADERS)
	@mkdir -p $$(@D)
	$$(Q)$(1) $$(OUR_CPPFLAGS) $$(CPPFLAGS) $$(OUR_CXXFLAGS) -Werror -fsyntax-only -include $$< \
	  -x c++ /dev/null
	@touch $$@
endef
$(foreach c,$(HEADER_COMPILERS),$(eval $(call header_rules,$(c))))

check-layers: ## Every folder includes only what it may
	@PURE='$(PURE)' tools/build/check_layers $(foreach l,$(LAYERS),'$(l): $(uses_$(l))')

check-sizes: ## Short files, short lines, short functions, nothing left unfinished
	@tools/build/check_sizes src include tools tests

check-rows: ## tests/README.md knows which test is about which row
	@tools/build/check_rows.py

CLANG_FORMAT ?= clang-format
FORMATTED    := $(sort $(wildcard $(foreach d,include src tools tests,$(d)/*/*.cc $(d)/*/*.h \
                $(d)/*/*/*.cc $(d)/*/*/*.h)))
format: ## Rewrite the sources with clang-format
	@$(CLANG_FORMAT) -i $(FORMATTED)

check-format: ## The sources are as clang-format 14 would write them
	@$(CLANG_FORMAT) --dry-run -Werror $(FORMATTED)
	@echo '  format: ok ($(words $(FORMATTED)) files)'

CLANG_TIDY ?= clang-tidy
tidy: $(LIB_SRCS:%.cc=$(BUILD)/tidy/%.ok) ## Run clang-tidy over the library
	@echo '  tidy: ok ($(words $(LIB_SRCS)) files)'

# Its dependencies are those of the object.
$(BUILD)/tidy/%.ok: %.cc .clang-tidy $(BUILD)/debug/%.o
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	$(Q)$(CLANG_TIDY) --quiet --warnings-as-errors='*' $< -- $(OUR_CPPFLAGS) $(OUR_CXXFLAGS) 2>$@.log \
	  || { grep -v 'warnings generated' $@.log; exit 1; }
	@touch $@

COVERED := $(call objects,coverage,$(sort $(wildcard $(PURE:%=src/%/*.cc)))) \
           $(patsubst %,$(BUILD)/coverage/tests/%_tests,$(filter $(PURE),$(TEST_FOLDERS)))
coverage: $(COVERED) ## Lines and branches of the pure layers that their tests reach
	@find $(BUILD)/coverage -name '*.gcda' -delete
	@TEST_TIMEOUT=$${TEST_TIMEOUT:-1800} tools/build/run_tests $(filter %_tests,$^)
	@tools/build/coverage.py $(BUILD)/coverage $(PURE)

compile_commands: ## build/compile_commands.json, for editors and clang tools
	@mkdir -p $(BUILD)
	@{ printf '['; comma=; for f in $(ALL_SRCS); do \
	  printf '%s\n{"directory":"%s","file":"%s","command":"%s -c %s"}' "$$comma" '$(CURDIR)' $$f \
	    '$(subst ",\",$(call compile,debug))' $$f; comma=,; \
	done; printf '\n]\n'; } > $(BUILD)/compile_commands.json

# --- Installation ---------------------------------------------------------------------------------
# The loader finds a library in /usr/local/lib only once it has been told; a stage never.
tell_loader = [ -n '$(DESTDIR)' ] || [ "$$(id -u)" != 0 ] || ldconfig

install: release ## Install under DESTDIR and PREFIX
	@install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(MANDIR)/man1'
	@cd include && for h in $(HEADERS:include/%=%); do \
	  install -D -m 644 $$h '$(DESTDIR)$(INCLUDEDIR)'/$$h || exit 1; \
	done
	@install -m 644 $(BUILD)/release/libduplex.a '$(DESTDIR)$(LIBDIR)'
	@install -m 755 $(SHARED) '$(DESTDIR)$(LIBDIR)'
	@ln -sf $(notdir $(SHARED)) '$(DESTDIR)$(LIBDIR)/libduplex.so.$(SOVERSION)'
	@ln -sf libduplex.so.$(SOVERSION) '$(DESTDIR)$(LIBDIR)/libduplex.so'
	@sed -e 's|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' \
	  tools/build/duplex.pc.in > '$(DESTDIR)$(LIBDIR)/pkgconfig/duplex.pc'
	@install -m 755 $(BUILD)/release/bin/duplex '$(DESTDIR)$(BINDIR)'
	@install -m 644 tools/duplex/*.1 '$(DESTDIR)$(MANDIR)/man1'
	@install -d '$(DESTDIR)$(DATADIR)/experiments'
	@install -m 644 tools/experiments/*.conf '$(DESTDIR)$(DATADIR)/experiments'
	@$(tell_loader)

uninstall: ## Remove what install put there
	@rm -f '$(DESTDIR)$(BINDIR)/duplex' '$(DESTDIR)$(LIBDIR)/pkgconfig/duplex.pc'
	@cd '$(DESTDIR)$(LIBDIR)' && rm -f libduplex.a libduplex.so libduplex.so.$(SOVERSION) \
	  $(notdir $(SHARED))
	@rm -f $(patsubst tools/duplex/%,'$(DESTDIR)$(MANDIR)/man1'/%,$(wildcard tools/duplex/*.1))
	@rm -rf '$(DESTDIR)$(INCLUDEDIR)/duplex' '$(DESTDIR)$(DATADIR)/experiments'
	@rmdir '$(DESTDIR)$(DATADIR)' 2>/dev/null || true
	@$(tell_loader)

test-install: release ## Install below build/, build programs against that, uninstall
	+@MAKE='$(MAKE)' CXX='$(CXX)' PKG_CONFIG='$(PKG_CONFIG)' \
	  tools/build/test_install $(abspath $(BUILD)/prefix)

clean: ## Remove what was built
	rm -rf $(BUILD)

# --- arm64 ----------------------------------------------------------------------------------------
# What NEON and another memory model could change is in the pure layers: they are cross-compiled,
# linked with a GoogleTest made from the system's sources, and run by an emulator.
ARM64_PREFIX ?= aarch64-linux-gnu-
ARM64_RUN    ?= qemu-aarch64 -L /usr/aarch64-linux-gnu
GTEST_SOURCE ?= /usr/src/googletest/googletest
ARM64_BUILD  := $(BUILD)/arm64
ARM64_TESTS  := $(patsubst %,$(ARM64_BUILD)/debug/tests/%_tests,$(filter $(PURE),$(TEST_FOLDERS)))
ARM64_CXX     = $(ARM64_PREFIX)g++ -isystem $(GTEST_SOURCE)/include

.PHONY: test-arm64 arm64-tools
arm64-tools:
	@missing=; \
	command -v $(ARM64_PREFIX)g++ >/dev/null || missing="$$missing g++-aarch64-linux-gnu"; \
	command -v $(firstword $(ARM64_RUN)) >/dev/null || missing="$$missing qemu-user"; \
	[ -f $(GTEST_SOURCE)/src/gtest-all.cc ] || missing="$$missing googletest"; \
	[ -z "$$missing" ] || { \
	  echo "test-arm64 needs more tools: apt-get install$$missing" >&2; exit 1; }

# The name is that of the mark which says that GoogleTest is there.
$(ARM64_BUILD)/gtest: | arm64-tools
	@mkdir -p $(@D)
	$(call say,CXX,$(@D)/libgtest.a)
	$(Q)for part in gtest-all gtest_main; do \
	  $(ARM64_CXX) -std=c++20 -O1 -I$(GTEST_SOURCE) -c -o $(@D)/$$part.o \
	    $(GTEST_SOURCE)/src/$$part.cc || exit 1; \
	done
	$(Q)rm -f $(@D)/lib*.a && $(ARM64_PREFIX)ar qcs $(@D)/libgtest.a $(@D)/gtest-all.o \
	  && $(ARM64_PREFIX)ar qcs $(@D)/libgtest_main.a $(@D)/gtest_main.o
	@touch $@

test-arm64: $(ARM64_BUILD)/gtest ## Test the pure layers as arm64 programs, in an emulator
	+@$(MAKE) --no-print-directory BUILD=$(ARM64_BUILD) CXX='$(ARM64_CXX)' AR=$(ARM64_PREFIX)ar \
	  GTEST_LIBS=-lgtest LDFLAGS='-L$(ARM64_BUILD)' $(ARM64_TESTS)
	@TEST_RUNNER='$(ARM64_RUN)' tools/build/run_tests $(ARM64_TESTS)

# Waxseal.  No configure step: every flag is written out here.
#
#   make            build verify, ingest, mkmedia into build/<flavour>/
#   make demo       install what is missing, then ship this toolkit from a vendor to a site
#   make check      install what is missing, then run every test
#   make check-long the same, and each failure at each place, and fuzzing: hours
#   make check-vm   those that need real USB and optical drivers: in small virtual machines
#   make check-corpus  bad media, one defect each (LONG=1: all of it by ingest accept, too)
#   make bench      ratios beside peers (SIZE=MiB FILES=n RUNS=n)
#   make fuzz       each parser of outside bytes (SECONDS=n TARGET=name); make fuzz-replay
#   make fault      a hostile parser, forbidden calls, failing calls
#   make lint       layering, purity, symbols, cppcheck, shellcheck, manuals
#   make install    DESTDIR= PREFIX=/usr/local
#
# CC=gcc|clang   SAN=1 (ASan and UBSan)   V=1 (show commands)   WERROR= (for packagers)

CC      = gcc
PREFIX  = /usr/local
BINDIR  = $(PREFIX)/bin
MANDIR  = $(PREFIX)/share/man
UDEVDIR = $(PREFIX)/lib/udev/rules.d
SAN     =
V       =
WERROR  = -Werror

FLAVOUR = $(notdir $(CC))$(if $(SAN),-san)
B       = build/$(FLAVOUR)
Q       = $(if $(V),,@)
SAY     = $(if $(V),@:,@printf '  %-4s %s\n')

CPPFLAGS = -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
CFLAGS   = -std=c11 -O2 -g
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
	   -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wswitch-enum -Wundef \
	   -Wwrite-strings $(WERROR)
HARDEN   = -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE
LDFLAGS  = -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifeq ($(SAN),)
HARDEN  += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
else
HARDEN  += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

FORMATS_LIBS = -lisal -lsodium -lcrypto -ljansson -lutf8proc -lsolv
VERIFY_LIBS  = -larchive -lusb-1.0 -lblkid -lseccomp $(FORMATS_LIBS) -lpthread
MKMEDIA_LIBS = -lisofs $(VERIFY_LIBS)

FORMATS := $(sort $(wildcard formats/*.c))
VERIFY  := $(sort $(filter-out verify/main.c,$(wildcard verify/*.c)))
INGEST  := $(sort $(wildcard ingest/*.c))
MKMEDIA := $(sort $(wildcard mkmedia/*.c))
UNIT    := $(sort $(wildcard tests/unit/*/*.c))

objects  = $(patsubst %.c,$(B)/%.o,$(1))
UNITS    = $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT))
PROGRAMS = $(B)/bin/verify $(B)/bin/ingest $(B)/bin/mkmedia

all: $(PROGRAMS)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(HARDEN) -MMD -MP -c -o $@ $<

$(B)/libformats.a: $(call objects,$(FORMATS))
$(B)/libverify.a: $(call objects,$(VERIFY))
$(B)/%.a:
	$(SAY) AR $@
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/bin/verify: $(B)/verify/main.o $(B)/libverify.a $(B)/libformats.a
$(B)/bin/ingest: $(call objects,$(INGEST)) $(B)/libverify.a $(B)/libformats.a
$(B)/bin/mkmedia: $(call objects,$(MKMEDIA)) $(B)/libverify.a $(B)/libformats.a
$(B)/bin/mkmedia: LIBS = $(MKMEDIA_LIBS)
$(B)/bin/%: LIBS = $(VERIFY_LIBS)
$(B)/bin/%:
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $^ $(LIBS)

# Unit tests mirror the tree: tests/unit/formats/json.c tests formats/json.c.
$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $^ $(VERIFY_LIBS) -lcmocka
$(B)/unit/mkmedia/%: $(B)/tests/unit/mkmedia/%.o $(filter-out $(B)/mkmedia/main.o,$(call objects,$(MKMEDIA))) \
		$(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $^ $(MKMEDIA_LIBS) -lcmocka
$(B)/unit/ingest/%: $(B)/tests/unit/ingest/%.o $(filter-out $(B)/ingest/main.o,$(call objects,$(INGEST))) \
		$(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $^ $(VERIFY_LIBS) -lcmocka
.SECONDARY:

units: $(UNITS)

-include $(patsubst %.o,%.d,$(call objects,$(FORMATS) $(VERIFY) verify/main.c $(INGEST) $(MKMEDIA) $(UNIT)))

# Where the tests find the programs.
BIN = $(CURDIR)/$(B)/bin
export BIN

deps:
	@tests/deps.sh build

deps-check:
	@tests/deps.sh build check

demo: deps
	@$(MAKE) --no-print-directory all
	@tests/demo.sh

# The whole proof: both compilers, sanitizers, lint, unit tests, scenarios.
check: deps-check
	@tests/check.sh
check-long: deps-check
	@LONG=1 tests/check.sh

# One flavour's unit tests and scenarios; what check runs for each.
SCENARIOS = $(filter-out $(if $(LONG),,%/90-large.sh %/91-memory.sh),$(wildcard tests/cli/[0-9]*.sh))
test: all units
	@tests/run.sh units $(UNITS)
	@tests/run.sh cli $(SCENARIOS)

check-vm: all
	@tests/vm/run.sh

check-corpus: all
	@tests/corpus/run.sh
	@tests/corpus/run.sh --accept $(if $(LONG),,--every 4)

lint: all
	@tests/lint.sh

# Verify and ingest without their confinement, to measure what it costs: tests/bench/unconfined.c.
UNCONFINED = $(B)/bench/unconfined/verify $(B)/bench/unconfined/ingest
$(B)/bench/unconfined/verify: $(B)/verify/main.o
$(B)/bench/unconfined/ingest: $(call objects,$(INGEST))
$(UNCONFINED): $(B)/tests/bench/unconfined.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -Wl,--wrap=sandbox_enter,--wrap=filter_writes -o $@ \
		$(filter %.o,$^) $(filter %.a,$^) $(VERIFY_LIBS)

# Measured alone: tests/bench/fit.c, parity.c.
$(B)/bench/parity: $(B)/mkmedia/parity.o
$(B)/bench/%: $(B)/tests/bench/%.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(VERIFY_LIBS)

bench: all $(B)/bench/fit $(B)/bench/parity $(UNCONFINED)
	@tests/bench/bench.sh

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(UDEVDIR)
	install -m 755 $(PROGRAMS) $(DESTDIR)$(BINDIR)
	install -m 644 verify/verify.1 ingest/ingest.1 mkmedia/mkmedia.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 verify/60-waxseal.rules $(DESTDIR)$(UDEVDIR)

clean:
	rm -rf build

.PHONY: all units deps deps-check demo check check-long check-vm check-corpus test lint bench install clean

include tests/fuzz/fuzz.mk tests/fault/fault.mk

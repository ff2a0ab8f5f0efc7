# Fuzzing.  Each tests/fuzz/NAME.c with LLVMFuzzerTestOneInput is a target.
#
#   make fuzz SECONDS=60 [TARGET=name]	libFuzzer (clang), one target after the other
#   make fuzz-replay			seeds and tests/fuzz/found, once, without libFuzzer

SECONDS = 60
TARGET  =

FUZZ  := $(sort $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c))))
FUZZED = $(FUZZ:%=$(B)/fuzz/%)

# For libFuzzer everything is compiled once more, into build/clang-fuzz, with its counters.
fuzz: all
	@$(MAKE) --no-print-directory CC=clang SAN=1 FLAVOUR=clang-fuzz \
		CFLAGS='$(CFLAGS) -fsanitize=fuzzer-no-link' FUZZ_MAIN=-fsanitize=fuzzer fuzz-targets
	@tests/fuzz/fuzz.sh fuzz build/clang-fuzz/fuzz $(SECONDS) $(if $(TARGET),$(TARGET),$(FUZZ))

fuzz-replay: all fuzz-targets
	@tests/fuzz/fuzz.sh replay $(B)/fuzz 0 $(if $(TARGET),$(TARGET),$(FUZZ))

fuzz-targets: $(if $(TARGET),$(B)/fuzz/$(TARGET),$(FUZZED))

FUZZ_MAIN = $(B)/tests/fuzz/replay.o
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $< $(FUZZ_MAIN) $(B)/libverify.a $(B)/libformats.a $(VERIFY_LIBS)

-include $(FUZZ:%=$(B)/tests/fuzz/%.d)

.PHONY: fuzz fuzz-replay fuzz-targets

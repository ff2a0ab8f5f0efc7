# Fault injection and the hostile parser: what tests/fault/*.sh need.
#
#   make fault		some of each (LONG=1: all; FAULTS=tests/fault/inject.sh: that only)

FAULT_CALLS := malloc calloc realloc reallocarray read pread64 write pwrite64 fsync syncfs rename renameat \
	renameat2 mmap64 fork posix_spawnp pthread_create umask
# It has both names of calls that come with large files, and what the C library declares nowhere.
SHIM_FLAGS   = $(CPPFLAGS) -U_FILE_OFFSET_BITS $(CFLAGS) $(filter-out -Wmissing-prototypes,$(WARN))
FAULT_SHIM   = $(if $(SAN),$(B)/fault/verify $(B)/fault/ingest $(B)/fault/mkmedia,$(B)/fault/shim.so)

FAULTS = $(wildcard tests/fault/*.sh)
fault: all fault-programs
	@tests/run.sh cli $(FAULTS)
fault-programs: $(FAULT_SHIM) $(B)/fault/hostile-ingest $(B)/fault/forbidden

# Without the sanitizers: loaded before the C library.  With them: linked in.
$(B)/fault/shim.so: tests/fault/shim.c Makefile
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(SHIM_FLAGS) -fPIC -shared -o $@ $<
$(B)/tests/fault/shim-wrap.o: tests/fault/shim.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_FLAGS) $(HARDEN) -DFAULT_WRAP -c -o $@ $<
FAULT_LINK = $(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) $(FAULT_CALLS:%=-Wl,--wrap=%) -o $@ $^
$(B)/fault/verify: $(B)/verify/main.o $(B)/tests/fault/shim-wrap.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(FAULT_LINK) $(VERIFY_LIBS)
$(B)/fault/ingest: $(call objects,$(INGEST)) $(B)/tests/fault/shim-wrap.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(FAULT_LINK) $(VERIFY_LIBS)
$(B)/fault/mkmedia: $(call objects,$(MKMEDIA)) $(B)/tests/fault/shim-wrap.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(FAULT_LINK) $(MKMEDIA_LIBS)

# ingest with another parser, before which nobody waits long.
$(B)/fault/hostile-ingest: $(call objects,$(INGEST)) $(B)/tests/fault/hostile.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -Wl,--wrap=poll -o $@ $^ $(VERIFY_LIBS)
$(B)/fault/forbidden: $(B)/tests/fault/forbidden.o $(B)/libverify.a $(B)/libformats.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $^ $(VERIFY_LIBS)

-include $(B)/tests/fault/hostile.d $(B)/tests/fault/forbidden.d

.PHONY: fault fault-programs

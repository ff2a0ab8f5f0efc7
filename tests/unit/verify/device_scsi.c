/*
 * Tests of verify/device_scsi: a drive that is made up, below the system call.  What it answers is
 * laid out after SPC-4 and MMC-6; that real drives answer so is shown by tests/vm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/cdrom.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "verify/device_scsi.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define FD 77

enum { STANDARD, PAGES, SERIAL, CONFIGURATION, INFORMATION, ATIP, COMMANDS };

/* What the drive answers; ${len} 0: ILLEGAL REQUEST. */
struct answer {
	size_t len;
	uint8_t bytes[256];
	size_t short_of;	/* it says that so many bytes less came than were asked for */
};

static struct {
	struct answer answer[COMMANDS];
	unsigned sent[COMMANDS], all;
	bool no_sg;		/* the kernel does not let us */
	int host_status, residue;
	bool lies_about_residue;
	unsigned attention, becoming_ready;	/* commands until it is ready */
	bool descriptor_sense, no_medium;
	int drive_status, disc_status, last_session;	/* of the kernel; -1: it fails */
} drive;

static int
which(const struct sg_io_hdr *io)
{
	const uint8_t *c = io->cmdp;

	if (io->cmd_len == 6 && c[0] == 0x12 && c[1] == 0 && c[2] == 0 && c[4] == 96)
		return STANDARD;
	if (io->cmd_len == 6 && c[0] == 0x12 && c[1] == 1 && c[4] == 255)
		return c[2] == 0 ? PAGES : c[2] == 0x80 ? SERIAL : COMMANDS;
	if (io->cmd_len == 10 && c[0] == 0x46 && c[1] == 2 && c[8] == 8)
		return CONFIGURATION;
	if (io->cmd_len == 10 && c[0] == 0x51 && c[1] == 0 && c[8] == 34)
		return INFORMATION;
	if (io->cmd_len == 10 && c[0] == 0x43 && c[1] == 2 && c[2] == 4 && c[8] == 28)
		return ATIP;
	return COMMANDS;
}

static void
check_condition(struct sg_io_hdr *io, uint8_t key, uint8_t code, uint8_t qualifier)
{
	const uint8_t fixed[14] = { 0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier };
	const uint8_t descriptor[8] = { 0x72, key, code, qualifier };

	io->status = 2;
	assert_true(io->mx_sb_len >= 18);
	if (drive.descriptor_sense)
		memcpy(io->sbp, descriptor, sizeof descriptor);
	else
		memcpy(io->sbp, fixed, sizeof fixed);
}

static void
carry_out(struct sg_io_hdr *io)
{
	int n = which(io);
	const struct answer *a = &drive.answer[n];
	size_t len = a->len < io->dxfer_len ? a->len : io->dxfer_len;

	assert_int_not_equal(n, COMMANDS);	/* no other command is ever sent */
	drive.sent[n]++;
	io->host_status = (unsigned short)drive.host_status;
	/* INQUIRY and GET CONFIGURATION are answered whatever the state. */
	if (n >= INFORMATION && drive.attention > 0 && drive.attention--)
		check_condition(io, 6, 0x28, 0);
	else if (n >= INFORMATION && drive.becoming_ready > 0 && drive.becoming_ready--)
		check_condition(io, 2, 4, 1);
	else if (n >= INFORMATION && drive.no_medium)
		check_condition(io, 2, 0x3a, 1);
	else if (len == 0)
		check_condition(io, 5, 0x24, 0);
	memcpy(io->dxferp, a->bytes, len);
	io->resid = (int)(io->dxfer_len - len + a->short_of);
	if (drive.lies_about_residue)
		io->resid = drive.residue;
}

/* In place of the C library's. */
int
ioctl(int fd, unsigned long request, ...)
{
	struct sg_io_hdr *io;
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	drive.all++;
	errno = ENOTTY;
	if (fd != FD)
		return -1;
	if (request == CDROM_DRIVE_STATUS)
		return drive.drive_status;
	if (request == CDROM_DISC_STATUS)
		return drive.disc_status;
	if (request == CDROMMULTISESSION) {
		struct cdrom_multisession *m = arg;

		assert_int_equal(m->addr_format, CDROM_LBA);
		m->addr.lba = drive.last_session;
		return drive.last_session < 0 ? -1 : 0;
	}
	assert_int_equal(request, SG_IO);
	errno = EPERM;
	if (drive.no_sg)
		return -1;
	io = arg;
	assert_int_equal(io->interface_id, 'S');
	assert_int_equal(io->dxfer_direction, SG_DXFER_FROM_DEV);
	assert_in_range(io->timeout, 1, 5000);
	carry_out(io);
	return 0;
}

static void
standard(const char text[static 28])
{
	struct answer *a = &drive.answer[STANDARD];

	*a = (struct answer){ .len = 36, .bytes = { 0, 0x80, 6, 2, 31 } };
	memcpy(a->bytes + 8, text, 28);
}

static struct device
look(void)
{
	struct device d = { .name = "sdb" };

	memset(drive.sent, 0, sizeof drive.sent);
	device_scsi_look(&d, FD);
	return d;
}

static void
inquiry(void **state)
{
	struct device d;

	(void)state;
	memset(&drive, 0, sizeof drive);
	standard("QEMU    QEMU HARDDISK   2.5+");
	d = look();
	assert_string_equal(d.scsi_vendor, "QEMU");
	assert_string_equal(d.scsi_model, "QEMU HARDDISK");
	assert_string_equal(d.scsi_revision, "2.5+");
	assert_string_equal(d.scsi_serial, "");
	assert_int_equal(drive.sent[PAGES], 1);
	assert_int_equal(drive.sent[SERIAL], 0);	/* it has no such page */
	standard("12345678123456789abcdef01234");	/* no spaces anywhere */
	d = look();
	assert_string_equal(d.scsi_vendor, "12345678");
	assert_string_equal(d.scsi_model, "123456789abcdef0");
	assert_string_equal(d.scsi_revision, "1234");
	standard("  A B   \033[2J\n\xff%s        \0xyz");
	d = look();
	assert_string_equal(d.scsi_vendor, "A B");
	assert_string_equal(d.scsi_model, "\033[2J\n\xff%s");
	assert_string_equal(d.scsi_revision, "");
	standard("                            ");
	d = look();
	assert_string_equal(d.scsi_vendor, "");
	assert_string_equal(d.scsi_model, "");
}

/* Cut at every byte, by the length that it states or by what came. */
static void
inquiry_cut(void **state)
{
	(void)state;
	memset(&drive, 0, sizeof drive);
	for (unsigned how = 0; how < 2; how++)
		for (unsigned len = 1; len <= 36; len++) {
			struct device d;

			standard("ACMEACMEMODELMODELMODEL.1234");
			if (how == 0)
				drive.answer[STANDARD].len = len;
			else
				drive.answer[STANDARD].bytes[4] = (uint8_t)(len < 5 ? 0 : len - 5);
			d = look();
			assert_int_equal(strlen(d.scsi_vendor),
			    len < 8 ? 0 : len < 16 ? len - 8 : 8);
			assert_int_equal(strlen(d.scsi_model),
			    len < 16 ? 0 : len < 32 ? len - 16 : 16);
			assert_int_equal(strlen(d.scsi_revision), len < 32 ? 0 : len - 32);
		}
	standard("ACMEACMEMODELMODELMODEL.1234");
	drive.answer[STANDARD].bytes[4] = 255;	/* far more than came */
	assert_string_equal(look().scsi_revision, "1234");
}

static void
unit_serial(void **state)
{
	static const struct {
		struct answer pages, serial;
		unsigned asked;
		const char *want;
	} table[] = {
		{ { 7, { 0, 0, 0, 3, 0, 0x80, 0x83 }, 0 },
		    { 10, { 0, 0x80, 0, 6, ' ', 'S', 'N', '-', '7', ' ' }, 0 }, 1, "SN-7" },
		/* the page is not listed, or only behind the end that the device states */
		{ { 6, { 0, 0, 0, 2, 0, 0x83 }, 0 }, { 6, { 0, 0x80, 0, 2, 'A', 'B' }, 0 }, 0, "" },
		{ { 6, { 0, 0, 0, 1, 0, 0x80 }, 0 }, { 6, { 0, 0x80, 0, 2, 'A', 'B' }, 0 }, 0, "" },
		{ { 4, { 0, 0, 0, 255 }, 0 }, { 6, { 0, 0x80, 0, 2, 'A', 'B' }, 0 }, 0, "" },
		/* it answers with the standard data instead */
		{ { 36, { 0, 0x80, 6, 2, 31, 0x80 }, 0 }, { 36, { 0, 0x80, 6, 2, 31 }, 0 }, 0, "" },
		{ { 36, { 0, 0, 6, 2, 31, 0x80 }, 0 }, { 36, { 0, 0, 6, 2, 31 }, 0 }, 0, "" },
		{ { 5, { 0, 0, 0, 1, 0x80 }, 0 }, { 36, { 0, 0x80, 6, 2, 31 }, 0 }, 1, "" },
		/* longer than what came; of no length; cut in its head; refused */
		{ { 5, { 0, 0, 0, 1, 0x80 }, 0 }, { 6, { 0, 0x80, 0, 255, 'A', 'B' }, 0 }, 1,
		    "AB" },
		{ { 5, { 0, 0, 0, 1, 0x80 }, 0 }, { 6, { 0, 0x80, 0, 0, 'A', 'B' }, 0 }, 1, "" },
		{ { 5, { 0, 0, 0, 1, 0x80 }, 0 }, { 3, { 0, 0x80, 0 }, 0 }, 1, "" },
		{ { 5, { 0, 0, 0, 1, 0x80 }, 0 }, { 0, { 0 }, 0 }, 1, "" },
		{ { 5, { 0, 0, 0, 1, 0x80 }, 0 }, { 6, { 0, 0x80, 0, 2, 'A', 'B' }, 1 }, 1, "A" },
	};
	struct device d;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		memset(&drive, 0, sizeof drive);
		standard("QEMU    QEMU HARDDISK   2.5+");
		drive.answer[PAGES] = table[i].pages;
		drive.answer[SERIAL] = table[i].serial;
		d = look();
		assert_int_equal(drive.sent[SERIAL], table[i].asked);
		assert_string_equal(d.scsi_serial, table[i].want);
	}
	drive.answer[SERIAL] = (struct answer){ .len = 255, .bytes = { 0, 0x80, 0, 251 } };
	memset(drive.answer[SERIAL].bytes + 4, 'x', 251);
	d = look();
	assert_int_equal(strlen(d.scsi_serial), LIMIT_DEVICE_TEXT);
}

static void
drive_with(const struct answer *configuration, const struct answer *information,
    const struct answer *atip)
{
	memset(&drive, 0, sizeof drive);
	drive.drive_status = drive.disc_status = drive.last_session = -1;
	if (configuration != NULL)
		drive.answer[CONFIGURATION] = *configuration;
	if (information != NULL)
		drive.answer[INFORMATION] = *information;
	if (atip != NULL)
		drive.answer[ATIP] = *atip;
}

static struct device
disc(void)
{
	struct device d = { .name = "sr0", .kind = DEVICE_DISC };

	memset(drive.sent, 0, sizeof drive.sent);
	assert_int_equal(device_scsi_disc(&d, FD, NULL), OK);
	return d;
}

static const struct answer
    cd_rom = { 8, { 0, 0, 0, 4, 0, 0, 0, 0x08 }, 0 },
    cd_r = { 8, { 0, 0, 0, 4, 0, 0, 0, 0x09 }, 0 },
    cd_rw = { 8, { 0, 0, 0, 4, 0, 0, 0, 0x0a }, 0 },
    dvd_rom = { 8, { 0, 0, 0, 4, 0, 0, 0, 0x10 }, 0 },
    dvd_r = { 8, { 0, 0, 0, 4, 0, 0, 0, 0x11 }, 0 },
    bd_rom = { 8, { 0, 0, 0, 4, 0, 0, 0, 0x40 }, 0 },
    /* what QEMU's drive says of every disc: complete, one session */
    closed = { 34, { 0, 32, 0x0e, 1, 1, 1, 1, 0x20 }, 0 },
    /* a CD-R of 97:15:00 to 79:59:74 */
    atip = { 28, { 0, 26, 0, 0, 0xd0, 0, 0xa0, 0, 97, 15, 0, 0, 79, 59, 74 }, 0 };

static void
discs(void **state)
{
	static const struct {
		const struct answer *configuration;
		uint8_t status, sessions, more_sessions;
		enum device_disc want;
		bool rewritable;
		uint16_t want_sessions;
	} table[] = {
		{ &cd_rom, 0x0e, 1, 0, DISC_CLOSED, false, 1 },
		{ &cd_r, 0x0e, 1, 0, DISC_CLOSED, false, 1 },
		{ &cd_r, 0x00, 1, 0, DISC_BLANK, false, 1 },
		{ &cd_r, 0x01, 2, 0, DISC_APPENDABLE, false, 2 },
		{ &cd_r, 0x0d, 2, 1, DISC_APPENDABLE, false, 258 },
		{ &cd_rw, 0x1e, 1, 0, DISC_CLOSED, true, 1 },
		{ &cd_rw, 0x10, 1, 0, DISC_BLANK, true, 1 },
		{ &dvd_r, 0x03, 1, 0, DISC_UNKNOWN, false, 1 },
		{ &dvd_rom, 0x03, 1, 0, DISC_CLOSED, false, 1 },	/* pressed */
		{ &bd_rom, 0x0e, 0, 1, DISC_CLOSED, false, 256 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct answer information = closed;
		struct device d;

		information.bytes[2] = table[i].status;
		information.bytes[4] = table[i].sessions;
		information.bytes[9] = table[i].more_sessions;
		drive_with(table[i].configuration, &information, NULL);
		d = disc();
		assert_int_equal(d.profile, table[i].configuration->bytes[7]);
		assert_int_equal(d.disc, table[i].want);
		assert_int_equal(d.rewritable, table[i].rewritable);
		assert_int_equal(d.sessions, table[i].want_sessions);
		assert_string_equal(d.disc_id, "");
	}
}

static void
identities(void **state)
{
	struct answer information = closed, other = atip;

	(void)state;
	memcpy(information.bytes + 12, "\x1a\x2b\x3c\xff", 4);
	drive_with(&cd_r, &information, &atip);
	assert_string_equal(disc().disc_id, "atip=610f004f3b4a");	/* its bit is not set */
	information.bytes[7] |= 0x80;
	drive_with(&cd_r, &information, &atip);
	assert_string_equal(disc().disc_id, "disc=1a2b3cff atip=610f004f3b4a");
	drive_with(&cd_rw, &information, NULL);
	assert_string_equal(disc().disc_id, "disc=1a2b3cff");
	assert_int_equal(drive.sent[ATIP], 1);
	drive_with(&dvd_r, &information, &atip);	/* there is none on a DVD */
	assert_string_equal(disc().disc_id, "disc=1a2b3cff");
	assert_int_equal(drive.sent[ATIP], 0);
	memset(information.bytes + 12, 0, 4);		/* says nothing */
	drive_with(&dvd_r, &information, &atip);
	assert_string_equal(disc().disc_id, "");
	for (size_t len = 0; len <= 28; len++) {	/* by what came, and by what is stated */
		other = atip;
		other.len = len;
		drive_with(&cd_r, &closed, &other);
		assert_string_equal(disc().disc_id, len < 15 ? "" : "atip=610f004f3b4a");
		other = atip;
		other.bytes[1] = (uint8_t)len;
		drive_with(&cd_r, &closed, &other);
		assert_string_equal(disc().disc_id, len < 13 ? "" : "atip=610f004f3b4a");
	}
}

static void
information_cut(void **state)
{
	struct answer information = closed;

	(void)state;
	information.bytes[7] |= 0x80;
	memcpy(information.bytes + 12, "\x1a\x2b\x3c\xff", 4);
	for (unsigned how = 0; how < 2; how++)
		for (size_t len = 0; len <= 34; len++) {
			struct answer cut = information;
			struct device d;

			if (how == 0)
				cut.len = len;
			else if (len >= 2)
				cut.bytes[1] = (uint8_t)(len - 2);
			else
				continue;
			drive_with(&dvd_r, &cut, NULL);
			d = disc();
			assert_int_equal(d.disc, len < 10 ? DISC_UNKNOWN : DISC_CLOSED);
			assert_int_equal(d.sessions, len < 10 ? 0 : 1);
			assert_string_equal(d.disc_id, len < 16 ? "" : "disc=1a2b3cff");
		}
	information.bytes[0] = 0xff;	/* far more than came */
	drive_with(&dvd_r, &information, NULL);
	assert_string_equal(disc().disc_id, "disc=1a2b3cff");
	for (size_t len = 0; len < 8; len++) {
		struct answer configuration = cd_r;

		configuration.len = len;
		drive_with(&configuration, &closed, &atip);
		assert_int_equal(disc().profile, 0);
	}
}

/* Where the drive does not tell, what the kernel knows. */
static void
from_the_kernel(void **state)
{
	static const struct {
		int disc_status, last_session;
		uint16_t want;
	} table[] = {
		{ -1, 0, 0 },
		{ CDS_NO_INFO, 0, 0 },
		{ CDS_NO_DISC, 0, 0 },
		{ CDS_DATA_1, -1, 0 },
		{ CDS_DATA_1, 0, 1 },
		{ CDS_XA_2_1, 0, 1 },
		{ CDS_DATA_1, 11700, 2 },
		{ CDS_MIXED, 1, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device d;

		drive_with(NULL, NULL, NULL);
		drive.no_sg = i % 2 == 0;
		drive.disc_status = table[i].disc_status;
		drive.last_session = table[i].last_session;
		d = disc();
		assert_int_equal(d.sessions, table[i].want);
		assert_int_equal(d.disc, DISC_UNKNOWN);
	}
	drive_with(&cd_r, &closed, NULL);	/* it tells: the kernel is not asked */
	drive.disc_status = CDS_DATA_1;
	drive.last_session = 11700;
	assert_int_equal(disc().sessions, 1);
	drive_with(&cd_rom, NULL, NULL);
	assert_int_equal(disc().disc, DISC_CLOSED);
}

static void
no_disc(void **state)
{
	static const struct { int status; enum err want; const char *words; } table[] = {
		{ -1, OK, "" },
		{ CDS_NO_INFO, OK, "" },
		{ CDS_NO_DISC, ERR_NO_MEDIUM, "sr0: insert a disc" },
		{ CDS_TRAY_OPEN, ERR_NO_MEDIUM, "sr0: close the tray" },
		{ CDS_DRIVE_NOT_READY, OK, "" },	/* wait for it */
		{ CDS_DISC_OK, OK, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct device d = { .name = "sr0", .kind = DEVICE_DISC };
		struct fault f = { .at = "" };

		drive_with(&cd_r, &closed, &atip);
		drive.drive_status = table[i].status;
		assert_int_equal(device_scsi_disc(&d, FD, &f), table[i].want);
		assert_int_equal(f.err, table[i].want);
		assert_string_equal(f.at, table[i].words);
		assert_int_equal(d.sessions, table[i].want == OK ? 1 : 0);
	}
}

/* After a change of discs the first answers are no answers. */
static void
patience(void **state)
{
	(void)state;
	for (unsigned format = 0; format < 2; format++) {
		drive_with(&cd_r, &closed, &atip);
		drive.descriptor_sense = format == 1;
		drive.attention = 2;
		drive.becoming_ready = 2;
		assert_int_equal(disc().disc, DISC_CLOSED);
		assert_int_equal(drive.sent[INFORMATION], 5);
		drive_with(&cd_r, &closed, &atip);
		drive.descriptor_sense = format == 1;
		drive.no_medium = true;
		assert_int_equal(disc().disc, DISC_UNKNOWN);
		assert_int_equal(drive.sent[INFORMATION], 1);
		drive_with(&cd_r, &closed, NULL);
		drive.descriptor_sense = format == 1;
		assert_string_equal(disc().disc_id, "");
		assert_int_equal(drive.sent[ATIP], 1);	/* refused once is refused */
	}
	drive_with(&cd_r, &closed, NULL);
	drive.attention = UINT32_MAX;	/* without end */
	assert_int_equal(disc().disc, DISC_UNKNOWN);
	assert_in_range(drive.sent[INFORMATION], 2, 100);
}

static void
transport(void **state)
{
	static const int residues[] = { -1, INT32_MIN, INT32_MAX, 97 };
	struct device d;

	(void)state;
	drive_with(&cd_r, &closed, &atip);
	standard("QEMU    QEMU HARDDISK   2.5+");
	drive.host_status = 3;	/* timed out */
	d = look();
	assert_string_equal(d.scsi_vendor, "");
	assert_int_equal(disc().profile, 0);
	drive.host_status = 0;
	drive.lies_about_residue = true;
	for (size_t i = 0; i < COUNT(residues); i++) {
		drive.residue = residues[i];
		assert_string_equal(look().scsi_vendor, "");
	}
	drive.residue = 96;	/* nothing came */
	assert_string_equal(look().scsi_vendor, "");
	drive.residue = 0;	/* all came, it says */
	assert_string_equal(look().scsi_revision, "2.5+");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inquiry),
		cmocka_unit_test(inquiry_cut),
		cmocka_unit_test(unit_serial),
		cmocka_unit_test(discs),
		cmocka_unit_test(identities),
		cmocka_unit_test(information_cut),
		cmocka_unit_test(from_the_kernel),
		cmocka_unit_test(no_disc),
		cmocka_unit_test(patience),
		cmocka_unit_test(transport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * device_scsi: see device_scsi.h.  SPC-4 for INQUIRY and sense data, MMC-6 for discs.
 */
#include "verify/device_scsi.h"

#include <limits.h>
#include <linux/cdrom.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

enum {
	TIMEOUT = 5000,			/* milliseconds a command */
	PATIENCE = 40,			/* times 250 ms until a new disc has spun up */
	SENSE_NOT_READY = 2, SENSE_UNIT_ATTENTION = 6,
	PAGE_SUPPORTED = 0x00, PAGE_UNIT_SERIAL = 0x80,
	PROFILE_CD_ROM = 0x08, PROFILE_CD_R = 0x09, PROFILE_CD_RW = 0x0a, PROFILE_DVD_ROM = 0x10,
	PROFILE_BD_ROM = 0x40,
};

struct sense {
	uint8_t key, code, qualifier;
};

/* Fixed or descriptor format.  SPC-4, 4.5. */
static struct sense
parse_sense(const uint8_t raw[static 32])
{
	if ((raw[0] & 0x7e) == 0x72)
		return (struct sense){ raw[1] & 0xf, raw[2], raw[3] };
	return (struct sense){ raw[2] & 0xf, raw[12], raw[13] };
}

/* Bytes of ${reply}; 0 if the device does not carry it out, with why in ${sense} if it tells. */
static size_t
send(int fd, const uint8_t *command, size_t len, uint8_t *reply, size_t cap, struct sense *sense)
{
	uint8_t bytes[16] = { 0 }, raw[32] = { 0 };
	struct sg_io_hdr io = { .interface_id = 'S', .dxfer_direction = SG_DXFER_FROM_DEV,
		.cmd_len = (unsigned char)len, .cmdp = bytes, .dxfer_len = (unsigned)cap,
		.dxferp = reply, .mx_sb_len = sizeof(raw), .sbp = raw, .timeout = TIMEOUT };

	memcpy(bytes, command, len);
	memset(reply, 0, cap);
	*sense = (struct sense){ 0 };
	if (ioctl(fd, SG_IO, &io) == -1 || io.host_status != 0)
		return 0;
	if (io.status != 0) {
		*sense = parse_sense(raw);
		return 0;
	}
	return io.resid < 0 || (size_t)io.resid > cap ? 0 : cap - (size_t)io.resid;
}

/* A drive with a new disc says first that it is new, and then that it becomes ready. */
static size_t
ask(int fd, const uint8_t *command, size_t len, uint8_t *reply, size_t cap)
{
	const struct timespec pause = { 0, 250000000 };
	struct sense s;
	unsigned i;
	size_t n;

	for (i = 0; i < PATIENCE; i++) {
		n = send(fd, command, len, reply, cap, &s);
		if (n > 0 || (s.key != SENSE_UNIT_ATTENTION && s.key != SENSE_NOT_READY))
			return n;
		if (s.key == SENSE_NOT_READY && (s.code != 4 || s.qualifier != 1))
			return 0;
		if (s.key == SENSE_NOT_READY)
			(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ${max} bytes of ${reply} from ${at}, as far as there are so many, without spaces around them. */
static void
take_text(char out[static DEVICE_TEXT], const uint8_t *reply, size_t n, size_t at, size_t max)
{
	size_t len;

	if (n <= at)
		return;
	max = smaller(smaller(max, n - at), LIMIT_DEVICE_TEXT);
	reply += at;
	for (; max > 0 && *reply == ' '; reply++)
		max--;
	len = strnlen((const char *)reply, max);
	while (len > 0 && reply[len - 1] == ' ')
		len--;
	memcpy(out, reply, len);
	out[len] = '\0';
}

/* A vital product data page; ${n} counts it whole, with its 4 bytes of head. */
static size_t
ask_page(int fd, uint8_t page, uint8_t reply[static 255])
{
	const uint8_t command[6] = { 0x12, 1, page, 0, 255, 0 };
	size_t n = ask(fd, command, sizeof(command), reply, 255);

	/* Some devices answer with the standard data, whatever they are asked for. */
	if (n < 4 || reply[1] != page || reply[2] != 0)
		return 0;
	return smaller(n, 4u + reply[3]);
}

void
device_scsi_look(struct device *d, int fd)
{
	const uint8_t inquiry[6] = { 0x12, 0, 0, 0, 96, 0 };
	uint8_t reply[255];
	size_t n = ask(fd, inquiry, sizeof(inquiry), reply, 96);

	if (n < 5)
		return;
	n = smaller(n, 5u + reply[4]);
	take_text(d->scsi_vendor, reply, n, 8, 8);
	take_text(d->scsi_model, reply, n, 16, 16);
	take_text(d->scsi_revision, reply, n, 32, 4);
	/* Sticks are known that lock up over a page they do not have: ask which there are. */
	n = ask_page(fd, PAGE_SUPPORTED, reply);
	if (n <= 4 || memchr(reply + 4, PAGE_UNIT_SERIAL, n - 4) == NULL)
		return;
	n = ask_page(fd, PAGE_UNIT_SERIAL, reply);
	take_text(d->scsi_serial, reply, n, 4, 251);
}

static void
ask_profile(struct device *d, int fd)
{
	const uint8_t get_configuration[10] = { 0x46, 2, 0, 0, 0, 0, 0, 0, 8, 0 };
	uint8_t reply[8];

	if (ask(fd, get_configuration, sizeof(get_configuration), reply, sizeof(reply)) == 8)
		d->profile = (uint16_t)(reply[6] << 8 | reply[7]);
}

/* One more fact to tell this disc from others: "disc=HEX atip=HEX". */
static void
add_id(struct device *d, const char *what, const uint8_t *bytes, size_t len)
{
	const size_t cap = LIMIT_DEVICE_TEXT + 1;
	size_t i, used = strlen(d->disc_id);

	used += (size_t)snprintf(d->disc_id + used, cap - used, "%s%s=", used == 0 ? "" : " ",
	    what);
	for (i = 0; i < len; i++, used += 2)
		(void)snprintf(d->disc_id + used, cap - used, "%02x", bytes[i]);
}

/* READ DISC INFORMATION, standard.  MMC-6, 6.21. */
static void
ask_state(struct device *d, int fd)
{
	static const enum device_disc states[] = {
		DISC_BLANK, DISC_APPENDABLE, DISC_CLOSED, DISC_UNKNOWN
	};
	static const uint8_t nothing[4];
	const uint8_t command[10] = { 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0 };
	uint8_t reply[34];
	size_t n = ask(fd, command, sizeof(command), reply, sizeof(reply));

	if (n < 2)
		return;
	n = smaller(n, (size_t)(reply[0] << 8 | reply[1]) + 2);
	if (n >= 10) {
		d->disc = states[reply[2] & 3];
		d->rewritable = (reply[2] & 0x10) != 0;
		d->sessions = (uint16_t)(reply[9] << 8 | reply[4]);
	}
	if (n >= 16 && (reply[7] & 0x80) != 0 && memcmp(reply + 12, nothing, 4) != 0)
		add_id(d, "disc", reply + 12, 4);
}

/*
 * The absolute time in the pregroove of a blank: begin of lead-in and last lead-out, which together
 * stand for a maker and a kind of blank.  MMC-6, 6.25.3.6.
 */
static void
ask_atip(struct device *d, int fd)
{
	const uint8_t read_atip[10] = { 0x43, 2, 4, 0, 0, 0, 0, 0, 28, 0 };
	uint8_t reply[28], times[6];
	size_t n = ask(fd, read_atip, sizeof(read_atip), reply, sizeof(reply));

	if (n < 15 || (reply[0] << 8 | reply[1]) < 13)
		return;
	memcpy(times, reply + 8, 3);
	memcpy(times + 3, reply + 12, 3);
	add_id(d, "atip", times, sizeof(times));
}

/* Where the drive does not tell, the kernel may know from the table of contents. */
static void
ask_kernel(struct device *d, int fd)
{
	struct cdrom_multisession last = { .addr_format = CDROM_LBA };
	int status = ioctl(fd, CDROM_DISC_STATUS, 0);

	if (status < CDS_AUDIO || ioctl(fd, CDROMMULTISESSION, &last) == -1)
		return;
	d->sessions = last.addr.lba > 0 ? 2 : 1;	/* two or more */
}

enum err
device_scsi_disc(struct device *d, int fd, struct fault *f)
{
	int status = ioctl(fd, CDROM_DRIVE_STATUS, CDSL_CURRENT);

	if (status == CDS_NO_DISC || status == CDS_TRAY_OPEN)
		return err_fault(f, ERR_NO_MEDIUM, "%s: %s", d->name,
		    status == CDS_NO_DISC ? "insert a disc" : "close the tray");
	ask_profile(d, fd);
	ask_state(d, fd);
	if (d->profile == PROFILE_CD_R || d->profile == PROFILE_CD_RW)
		ask_atip(d, fd);
	if (d->disc == DISC_UNKNOWN && d->sessions == 0)
		ask_kernel(d, fd);
	if (d->disc == DISC_UNKNOWN && (d->profile == PROFILE_CD_ROM ||
	    d->profile == PROFILE_DVD_ROM || d->profile == PROFILE_BD_ROM))
		d->disc = DISC_CLOSED;	/* nothing can be added to what was pressed */
	return OK;
}

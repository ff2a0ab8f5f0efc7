/*
 * usbstick: a USB stick in user space, for the guest: a bulk-only SCSI disk over a file, carried
 * by FunctionFS, so that every byte on the wire can be a lie.  Its identity is configfs's; see
 * gadget.sh.
 *
 *	usbstick [-w] [-i INQUIRY] [-u UNIT-SERIAL] [-l LIE@SECTOR] FUNCTIONFS-DIRECTORY FILE
 *
 * -w: may be written.  -i: vendor, product, revision as in INQUIRY, 28 bytes.  -u: its unit serial.
 * A LIE is told whenever SECTOR is read (or written):
 *	toctou		after the first time its bytes are others
 *	capacity	from the second question on the stick is twice as large; SECTOR plays
 *			no part
 *	badcsw		the status belongs to another command
 *	short		half of the data, and the status denies it
 *	eject		the medium is gone from then on
 *	hang		no answer, ever again
 *	forget		what is written there is not kept, and nobody is told
 * It prints "ready" when the gadget can be plugged in, and "read FIRST COUNT" for the sectors that it
 * is asked for.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECTOR 512u
#define TRANSFER (1u << 20)	/* the most that one command moves */
#define PACKET 512u		/* of a high-speed bulk endpoint */

#define REQUEST_MAX_LUN 0xfe	/* USB mass storage, bulk only, 3.2; 3.1 is the reset */
#define STATUS_PASSED 0
#define STATUS_FAILED 1

/* sense key, additional sense code */
#define SENSE_NO_MEDIUM 0x023a
#define SENSE_UNREADABLE 0x0311
#define SENSE_UNKNOWN_COMMAND 0x0520
#define SENSE_OUT_OF_RANGE 0x0521
#define SENSE_WRONG_FIELD 0x0524
#define SENSE_WRITE_PROTECTED 0x0727

enum lie { HONEST, TOCTOU, CAPACITY, BADCSW, SHORT, EJECT, HANG, FORGET };
static const char *const lies[] = { "honest", "toctou", "capacity", "badcsw", "short", "eject",
	"hang", "forget" };

struct stick {
	int control, in, out;	/* endpoints */
	int file;
	uint64_t sectors;
	bool writable;
	char inquiry[29];
	const char *serial;
	enum lie lie;
	uint64_t lie_at;

	unsigned asked_capacity, read_there;
	bool gone;		/* the medium */
	unsigned sense;		/* of the command before */
	uint8_t data[TRANSFER];
};

/* A command block wrapper, and what comes of it. */
struct command {
	uint32_t tag, length;
	bool to_host;
	uint8_t block[16];

	uint32_t answered;	/* bytes of stick.data to send */
	bool lying;		/* the sector of the lie is among them */
};

/* ---- descriptors ---- */

struct function {
	struct usb_interface_descriptor interface;
	struct usb_endpoint_descriptor_no_audio in, out;
} __attribute__((packed));

static struct usb_endpoint_descriptor_no_audio
bulk(uint8_t address, uint16_t packet)
{
	return (struct usb_endpoint_descriptor_no_audio){
		.bLength = USB_DT_ENDPOINT_SIZE, .bDescriptorType = USB_DT_ENDPOINT,
		.bEndpointAddress = address, .bmAttributes = USB_ENDPOINT_XFER_BULK,
		.wMaxPacketSize = htole16(packet),
	};
}

static struct function
function(uint16_t packet)
{
	return (struct function){
		.interface = {
			.bLength = USB_DT_INTERFACE_SIZE,
			.bDescriptorType = USB_DT_INTERFACE,
			.bNumEndpoints = 2,
			.bInterfaceClass = USB_CLASS_MASS_STORAGE,
			.bInterfaceSubClass = 6,	/* transparent SCSI */
			.bInterfaceProtocol = 0x50,	/* bulk only */
		},
		.in = bulk(1 | USB_DIR_IN, packet), .out = bulk(2 | USB_DIR_OUT, packet),
	};
}

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static int
open_endpoint(const char *dir, const char *name)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR);
	if (fd == -1)
		fail(path);
	return fd;
}

static void
describe(struct stick *s, const char *dir)
{
	struct {
		struct usb_functionfs_descs_head_v2 head;
		uint32_t full_count, high_count;
		struct function full, high;
	} __attribute__((packed)) d = {
		.head = { .magic = htole32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2),
		    .length = htole32(sizeof(d)),
		    .flags = htole32(FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC) },
		.full_count = htole32(3), .high_count = htole32(3),
		.full = function(64), .high = function(PACKET),
	};
	struct usb_functionfs_strings_head no_strings = {
		.magic = htole32(FUNCTIONFS_STRINGS_MAGIC), .length = htole32(sizeof(no_strings)),
	};

	s->control = open_endpoint(dir, "ep0");
	if (write(s->control, &d, sizeof(d)) == -1 ||
	    write(s->control, &no_strings, sizeof(no_strings)) == -1)
		fail("descriptors");
	s->in = open_endpoint(dir, "ep1");
	s->out = open_endpoint(dir, "ep2");
}

/*
 * Requests on the control pipe; everything but these two is stalled, by moving data the wrong way.
 */
static void *
serve_control(void *arg)
{
	const struct stick *s = arg;
	struct usb_functionfs_event e;
	const uint8_t max_lun = 0;
	ssize_t n;

	while (read(s->control, &e, sizeof(e)) == sizeof(e)) {
		if (e.type != FUNCTIONFS_SETUP)
			continue;
		if ((e.u.setup.bRequestType & USB_DIR_IN) == 0)
			n = read(s->control, NULL, 0);
		else if (e.u.setup.bRequest == REQUEST_MAX_LUN)
			n = write(s->control, &max_lun, 1);
		else
			n = read(s->control, NULL, 0);
		if (n == -1 && errno != EL2HLT && errno != EIDRM)
			fail("control");
	}
	return NULL;
}

/* ---- SCSI ---- */

static uint32_t
be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void
put_be32(uint8_t *b, uint64_t v)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint8_t
refuse(struct stick *s, unsigned sense)
{
	s->sense = sense;
	return STATUS_FAILED;
}

static uint8_t
inquiry(struct stick *s, struct command *c)
{
	size_t n = strlen(s->serial);
	uint8_t *b = s->data;

	if ((c->block[1] & 1) == 0) {
		b[1] = 0x80;		/* removable */
		b[2] = 4, b[3] = 2;	/* SPC-2 */
		b[4] = 31;
		memcpy(b + 8, s->inquiry, 28);
		c->answered = 36;
	} else if (c->block[2] == 0) {	/* the pages that there are */
		b[3] = 2, b[5] = 0x80;
		c->answered = 6;
	} else if (c->block[2] == 0x80) {
		b[1] = 0x80, b[3] = (uint8_t)n;
		memcpy(b + 4, s->serial, n);
		c->answered = (uint32_t)(4 + n);
	} else {
		return refuse(s, SENSE_WRONG_FIELD);
	}
	return STATUS_PASSED;
}

static uint8_t
request_sense(struct stick *s, struct command *c)
{
	s->data[0] = 0x70;
	s->data[2] = (uint8_t)(s->sense >> 8);
	s->data[7] = 10;
	s->data[12] = (uint8_t)s->sense;
	s->sense = 0;
	c->answered = 18;
	return STATUS_PASSED;
}

static uint8_t
read_capacity(struct stick *s, struct command *c)
{
	uint64_t sectors = s->sectors;

	if (s->gone)
		return refuse(s, SENSE_NO_MEDIUM);
	if (s->lie == CAPACITY && s->asked_capacity++ > 0)
		sectors *= 2;
	put_be32(s->data, sectors - 1);
	put_be32(s->data + 4, SECTOR);
	c->answered = 8;
	return STATUS_PASSED;
}

/* Where READ(10) or WRITE(10) begins, and how much it moves; or a refusal. */
static uint8_t
extent(struct stick *s, const struct command *c, uint64_t *first, uint64_t *count)
{
	uint64_t end = s->lie == CAPACITY ? s->sectors * 2 : s->sectors;

	*first = be32(c->block + 2);
	*count = (uint64_t)c->block[7] << 8 | c->block[8];
	if (s->gone)
		return refuse(s, SENSE_NO_MEDIUM);
	if (*first + *count > end || *count * SECTOR > TRANSFER)
		return refuse(s, SENSE_OUT_OF_RANGE);
	return STATUS_PASSED;
}

static void
change_sector(uint8_t *b)
{
	unsigned i;

	for (i = 0; i < SECTOR; i++)
		b[i] ^= 0xff;
}

static uint8_t
read_sectors(struct stick *s, struct command *c)
{
	uint64_t first, count;

	if (extent(s, c, &first, &count) != STATUS_PASSED)
		return STATUS_FAILED;
	(void)printf("read %llu %llu\n", (unsigned long long)first, (unsigned long long)count);
	(void)fflush(stdout);
	c->answered = (uint32_t)(count * SECTOR);
	if (pread(s->file, s->data, c->answered, (off_t)(first * SECTOR)) == -1)
		return refuse(s, SENSE_UNREADABLE);
	c->lying = s->lie != HONEST && s->lie_at >= first && s->lie_at < first + count;
	if (!c->lying)
		return STATUS_PASSED;
	if (s->lie == TOCTOU && s->read_there++ > 0)
		change_sector(s->data + (s->lie_at - first) * SECTOR);
	if (s->lie == SHORT)
		c->answered /= 2;
	if (s->lie == HANG)
		for (;;)
			(void)pause();
	if (s->lie == EJECT) {
		s->gone = true;
		c->answered = 0;
		return refuse(s, SENSE_NO_MEDIUM);
	}
	return STATUS_PASSED;
}

static uint8_t
write_sectors(struct stick *s, struct command *c)
{
	uint64_t first, count, left;
	uint8_t *at = s->data;
	ssize_t n;

	if (extent(s, c, &first, &count) != STATUS_PASSED)
		return STATUS_FAILED;
	for (left = count * SECTOR; left > 0; left -= (uint64_t)n, at += n)
		if ((n = read(s->out, at, left)) <= 0)
			return refuse(s, SENSE_UNREADABLE);
	if (!s->writable)
		return refuse(s, SENSE_WRITE_PROTECTED);
	if (s->lie == FORGET && s->lie_at >= first && s->lie_at < first + count)
		return STATUS_PASSED;
	if (pwrite(s->file, s->data, count * SECTOR, (off_t)(first * SECTOR)) !=
	    (ssize_t)(count * SECTOR))
		return refuse(s, SENSE_UNREADABLE);
	return STATUS_PASSED;
}

static uint8_t
execute(struct stick *s, struct command *c)
{
	memset(s->data, 0, 256);
	switch (c->block[0]) {
	case 0x00:	/* TEST UNIT READY */
		return s->gone ? refuse(s, SENSE_NO_MEDIUM) : STATUS_PASSED;
	case 0x03:
		return request_sense(s, c);
	case 0x12:
		return inquiry(s, c);
	case 0x1a:	/* MODE SENSE(6): the header says whether it may be written */
		s->data[0] = 3;
		s->data[2] = s->writable ? 0 : 0x80;
		c->answered = 4;
		return STATUS_PASSED;
	case 0x25:
		return read_capacity(s, c);
	case 0x28:
		return read_sectors(s, c);
	case 0x2a:
		return write_sectors(s, c);
	case 0x1b:	/* START STOP UNIT */
	case 0x1e:	/* PREVENT ALLOW MEDIUM REMOVAL */
	case 0x35:	/* SYNCHRONIZE CACHE */
		return STATUS_PASSED;
	default:
		return refuse(s, SENSE_UNKNOWN_COMMAND);
	}
}

/* ---- bulk only ---- */

/* The data stage; less than was asked for ends with a short packet. */
static bool
send_data(const struct stick *s, const struct command *c)
{
	uint32_t n = c->answered;

	if (!c->to_host || c->length == 0)
		return true;
	if (n > 0 && write(s->in, s->data, n) == -1)
		return false;
	return n == c->length || n % PACKET != 0 || write(s->in, "", 0) != -1;
}

static bool
send_status(const struct stick *s, const struct command *c, uint8_t status)
{
	uint32_t tag = htole32(c->tag), residue = htole32(c->length - c->answered);
	uint8_t wrapper[13] = "USBS";

	if (c->lying && s->lie == BADCSW)
		tag = ~tag;
	if (!c->to_host || (c->lying && s->lie == SHORT))
		residue = 0;
	memcpy(wrapper + 4, &tag, 4);
	memcpy(wrapper + 8, &residue, 4);
	wrapper[12] = status;
	return write(s->in, wrapper, sizeof(wrapper)) != -1;
}

static bool
serve_one(struct stick *s)
{
	uint8_t wrapper[PACKET];
	struct command c = { .tag = 0 };
	ssize_t n = read(s->out, wrapper, sizeof(wrapper));
	uint8_t status;

	if (n == -1)
		return false;
	if (n != 31 || memcmp(wrapper, "USBC", 4) != 0) {
		fprintf(stderr, "%zd bytes that are no command\n", n);
		return true;
	}
	memcpy(&c.tag, wrapper + 4, 4);
	memcpy(&c.length, wrapper + 8, 4);
	c.tag = le32toh(c.tag);
	c.length = le32toh(c.length);
	c.to_host = (wrapper[12] & 0x80) != 0;
	memcpy(c.block, wrapper + 15, sizeof(c.block));
	status = execute(s, &c);
	if (c.answered > c.length)
		c.answered = c.length;
	return send_data(s, &c) && send_status(s, &c, status);
}

static void
parse_lie(struct stick *s, char *text)
{
	char *at = strchr(text, '@');
	size_t i;

	if (at != NULL) {
		*at = '\0';
		s->lie_at = strtoull(at + 1, NULL, 10);
	}
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		if (strcmp(text, lies[i]) == 0) {
			s->lie = (enum lie)i;
			return;
		}
	fprintf(stderr, "usbstick: there is no lie %s\n", text);
	exit(2);
}

static void
parse_options(struct stick *s, int argc, char **argv)
{
	int option;

	(void)snprintf(s->inquiry, sizeof(s->inquiry), "%-28s", "Lab     User-space stick1.00");
	s->serial = "";
	while ((option = getopt(argc, argv, "wi:u:l:")) != -1)
		if (option == 'w')
			s->writable = true;
		else if (option == 'i')
			(void)snprintf(s->inquiry, sizeof(s->inquiry), "%-28s", optarg);
		else if (option == 'u' && strlen(optarg) <= 200)
			s->serial = optarg;
		else if (option == 'l')
			parse_lie(s, optarg);
		else
			exit(2);
	if (argc - optind != 2)
		exit(2);
}

int
main(int argc, char **argv)
{
	static struct stick s;
	const struct timespec pause = { 0, 10000000 };
	struct stat st;
	pthread_t thread;

	parse_options(&s, argc, argv);
	s.file = open(argv[optind + 1], s.writable ? O_RDWR : O_RDONLY);
	if (s.file == -1 || fstat(s.file, &st) == -1 || st.st_size < (off_t)SECTOR)
		fail(argv[optind + 1]);
	s.sectors = (uint64_t)st.st_size / SECTOR;
	describe(&s, argv[optind]);
	if (pthread_create(&thread, NULL, serve_control, &s) != 0)
		fail("thread");
	(void)puts("ready");
	(void)fflush(stdout);
	for (;;)	/* not plugged in, or reset by the host: the next command will come */
		if (!serve_one(&s))
			(void)nanosleep(&pause, NULL);
}

/*
 * limits: every maximum, in one place.  SPEC.md has the same table with the reasons.
 */
#ifndef FORMATS_LIMITS_H
#define FORMATS_LIMITS_H

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

/* Image geometry (SPEC, "The image"). */
#define BLOCK_SIZE		65536u
#define SEAL_OFFSET		16384u
#define SEAL_SIZE		16384u
#define ISO_START		32768u
#define SECTOR_SIZE		2048u
#define BACKUP_ALIGN		(1 * MIB)
#define TAIL_ZEROS		(150u * SECTOR_SIZE)
#define LIMIT_IMAGE		(UINT64_C(1) << 43)	/* 8 TiB */

/* Documents. */
#define LIMIT_HEADER_LINE	512u
#define LIMIT_SIGNATURES	8u
#define LIMIT_ARMOR		2048u		/* one armored signature */
#define LIMIT_TRUST		(64 * KIB)	/* one trust document */
#define LIMIT_RELEASE		(1 * MIB)	/* one release document */
#define LIMIT_NOTICE		(256 * KIB)	/* one notice */
#define LIMIT_CATALOGUE		(16 * MIB)	/* one catalogue */
#define LIMIT_DOCUMENT		(1 * MIB)	/* any other document */
#define LIMIT_SUMS		(64 * MIB)	/* one SHA256SUMS */
#define LIMIT_README		(64 * KIB)
#define LIMIT_KEY_LINE		1024u		/* one public key line */
#define LIMIT_KEY_ID		32u		/* bytes of a key's id in a trust document */

/* JSON. */
#define LIMIT_JSON_DEPTH	16u
#define LIMIT_INTEGER		((UINT64_C(1) << 53) - 1)
#define LIMIT_KEY		64u		/* bytes of an object key */
#define LIMIT_TEXT		256u		/* a name, a title, a place */
#define LIMIT_LONG_TEXT		8192u		/* notes, an address */
#define LIMIT_LIST		1024u		/* entries of any list without a limit of its own */

/* Trust. */
#define LIMIT_CHAIN		1024u		/* trust documents in a chain */
#define LIMIT_CHAIN_BYTES	(16 * MIB)
#define LIMIT_TRUST_KEYS	64u
#define LIMIT_REVOKED		1024u		/* of each kind */
#define LIMIT_ANCHORS		256u		/* vendors that a reader trusts */

/* Consignments. */
#define LIMIT_RELEASES		64u		/* releases in one consignment */
#define LIMIT_CATALOGUE_RELEASES 16384u		/* in a catalogue */
#define LIMIT_NOTICES		20u		/* notices on a medium */
#define LIMIT_NUMBER		((UINT64_C(1) << 30) - 1)
#define LIMIT_NUMBER_JUMP	1000u
#define LIMIT_VOLUMES		99u		/* what a seal of 16 KiB can name */
#define LIMIT_RECOVERY		40u		/* percent of parity */
#define LIMIT_FLOOR_STEP	(INT64_C(400) * 86400)	/* seconds the time floor moves at once */

/* Names and contents. */
#define LIMIT_ID		27u		/* vendor, customer, site */
#define LIMIT_RELEASE_ID	64u
#define LIMIT_NAME		255u		/* bytes of one path component */
#define LIMIT_DEPTH		32u		/* components of a payload path */
#define LIMIT_PATH		4000u		/* bytes of a payload path */
#define LIMIT_FILES		UINT64_C(4000000)	/* files of one release */
#define LIMIT_EXECUTABLES	10000u
#define LIMIT_ALL_SUMS		(128 * MIB)	/* all SHA256SUMS on a medium */
#define LIMIT_NAMES		(128 * MIB)	/* all names on a medium, 67 bytes more for each */
/*
 * Sectors of files that an image is built from: libisofs counts KiB in 32 bits and divides by the
 * total, which is 0 for a volume of exactly 4 TiB.  64 GiB are left for the directories of
 * LIMIT_FILES files.
 */
#define LIMIT_SECTORS		(((UINT64_C(4) << 40) - (UINT64_C(64) << 30)) / SECTOR_SIZE)

/* Encryption. */
#define LIMIT_AGE_HEADER	(64 * KIB)	/* header of an encrypted file */
#define LIMIT_AGE_STANZAS	64u		/* recipients of an encrypted file */
#define LIMIT_AGE_IDENTITIES	16u		/* identities that are tried on a file */

/* Versions and packages. */
#define LIMIT_VERSION		128u		/* bytes of a version */
#define LIMIT_RANGE		2048u		/* bytes of a range of versions */
#define LIMIT_CONSTRAINTS	64u		/* versions that a range names */
#define LIMIT_PURL		2048u		/* bytes of a package URL */
#define LIMIT_QUALIFIERS	32u		/* of a package URL */

/* Passports. */
#define LIMIT_PASSPORT		(8 * MIB)	/* one passport, signed */
#define LIMIT_COMPONENTS	20000u		/* of one passport */
#define LIMIT_IMPORT		(64 * MIB)	/* a list of components that others made */
#define LIMIT_IMPORT_DEPTH	64u		/* of its JSON */
#define LIMIT_STATUS		(256 * MIB)	/* dpkg's list of packages */
#define LIMIT_RPM_DATABASE	(4096 * MIB)	/* all files of an rpm database */
#define LIMIT_RPM_OUTPUT	(64 * MIB)	/* what rpm says is in it */
#define LIMIT_RPM_SECONDS	120		/* that rpm may take */
#define LIMIT_SYSTEMS		1024u		/* systems of one site */
#define LIMIT_SENT		(32 * MIB)	/* what a site sends to a vendor in one file */

/* News. */
#define LIMIT_EVALUATION	35		/* days between looking at what a vendor has */

/* Devices. */
#define LIMIT_DEVICE_TEXT	126u		/* bytes of a string that a device says of itself */
#define LIMIT_INTERFACES	64u		/* USB interfaces with all alternate settings */

/* Ledger. */
#define LIMIT_ENTRY		(64 * KIB)	/* one line */
#define LIMIT_LEDGER		(UINT64_C(4) << 30)

/* Behaviour. */
#define LIMIT_SILENCE		60u		/* seconds without a sign of the reader */
#define LIMIT_PARSING		20u		/* seconds that the parser takes for a chunk */
#define LIMIT_HANG		25u		/* seconds; the kernel gives a command 30 */
#define LIMIT_RETRIES		3u		/* attempts at a block that does not read */
#define LIMIT_PATIENCE		300u		/* seconds of failing reads in one pass */
#define LIMIT_ANSWER		600u		/* seconds without a step of what was asked for */
#define LIMIT_READER_TIME	86400u		/* seconds of its processor time */
#define LIMIT_PARSER_TIME	3600u		/* the same */
#define LIMIT_CONFINING		5u		/* the same, of each until it is confined */
#define LIMIT_PARSER_MEMORY	(1536 * MIB)	/* addresses; LIMIT_NAMES takes 720 MiB of it */
#define LIMIT_READER_MEMORY	(65536 * MIB)	/* the same: the largest map, and threads */
#define LIMIT_PROBE_MEMORY	(4096 * MIB)	/* the same: what was inherited, and buffers */
#define LIMIT_PROBING		5u		/* seconds for an answer of libblkid */
#define RING_SIZE		(16 * MIB)
#define CHUNK_SIZE		(1 * MIB)

#endif

/*
 * What a USB device says of itself.  The first byte says whether the rest are its descriptors or a
 * string.
 */
#include "formats/name.h"
#include "formats/scan.h"
#include "tests/fuzz/fuzz.h"
#include "verify/device.h"
#include "verify/device_descriptors.h"

/* Every interface descriptor there is, wherever it stands: none may be left out unsaid. */
static uint32_t
count_interfaces(const uint8_t *raw, size_t len)
{
	uint32_t n = 0;
	size_t at;

	for (at = 0; at + 1 < len && raw[at] >= 2; at += raw[at])
		n += raw[at + 1] == 4;
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device d = { .kind = DEVICE_STICK, .is_usb = true };
	char text[DEVICE_TEXT], shown[4 * DEVICE_TEXT];
	struct fault f;

	if (size == 0)
		return 0;
	if ((data[0] & 1) != 0) {
		if (device_descriptors_string(text, data + 1, size - 1))
			HOLD(strlen(text) <= LIMIT_DEVICE_TEXT);
		HOLD(scan_utf8(name_escape(shown, sizeof(shown), text, strlen(text)),
		    strlen(shown)));
		return 0;
	}
	device_descriptors_parse(&d, data + 1, size - 1);
	HOLD(d.interface_count <= LIMIT_INTERFACES);
	if (!d.interfaces_cut)
		HOLD(d.interface_count == count_interfaces(data + 1, size - 1));
	if (device_check(&d, &f) == OK)
		for (uint32_t i = 0; i < d.interface_count; i++)
			HOLD(d.interface[i].class == 8 && !d.interfaces_cut);
	(void)device_describe(&d, shown, sizeof(shown));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: the input is a sequence of packets, each behind its length in two bytes. A fault of
 * the extension is a finding.
 */
#include <stdlib.h>

#include "extrun.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct ashlar_ext_entry *hook = er_entry(NULL, ASHLAR_EXT_ENTRY_HOOK);

	if (!hook || !er_instance_init())
		return 0;
	while (size > 2 && !er_dead) {
		u32 len = (data[0] << 8 | data[1]) % 2048;

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		er_run_packet(hook, data, len, ~0U, 1, 2, 0);
		er_clock += 1000000;
		er_sync_run();
		data += len;
		size -= len;
	}
	if (er_dead)
		abort();
	er_instance_fini();
	return 0;
}

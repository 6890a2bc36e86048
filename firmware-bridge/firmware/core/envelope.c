#include "envelope.h"

#include <stddef.h>

#include "bytes.h"
#include "crc32c.h"

static const uint32_t CAPS[] = {CAP_LIST};

uint32_t envelope_hash(void)
{
    uint32_t running = CRC32C_INIT;

    for (size_t i = 0; i < sizeof CAPS / sizeof CAPS[0]; i++) {
        uint8_t bytes[4];

        put_u32(bytes, CAPS[i]);
        running = crc32c_update(running, bytes, sizeof bytes);
    }
    return crc32c_finish(running);
}

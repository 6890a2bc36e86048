#include "envelope.h"

#include <stddef.h>

#include "bytes.h"
#include "crc32c.h"

static const uint32_t CAPS[] = {
    LIGHT_SLEW_PPM_PER_MS,
    RED_RATIO_PERCENT,
    VIBRATION_DHZ_MIN,
    VIBRATION_DHZ_MAX,
    VIBRATION_LIMIT_MM_S2,
    VIBRATION_LIMIT_30HZ_MM_S2,
    SOUND_LIMIT_DDBA,
    RISE_MS,
    FALL_MS,
    UNCALIBRATED_CEILING_PERMILLE,
    SESSION_LIMIT_S,
    SESSION_WINDOW_MIN,
    LEASE_MS,
    SETPOINT_TTL_MAX_MS,
    OVER_CURRENT_MA,
};

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

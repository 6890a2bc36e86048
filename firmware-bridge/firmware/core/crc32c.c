#include "crc32c.h"

#define POLYNOMIAL_REFLECTED UINT32_C(0x82F63B78)

/* Bit by bit: a table would cost the ATmega 1 KiB, and 60 bytes take it well under half a
 * millisecond this way. */
uint32_t crc32c_update(uint32_t running, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        running ^= bytes[i];
        for (uint8_t bit = 0; bit < 8; bit++) {
            uint32_t mask = 0u - (running & 1u);
            running = (running >> 1) ^ (POLYNOMIAL_REFLECTED & mask);
        }
    }
    return running;
}

uint32_t crc32c_finish(uint32_t running)
{
    return ~running;
}

uint32_t crc32c(const uint8_t *bytes, size_t size)
{
    return crc32c_finish(crc32c_update(CRC32C_INIT, bytes, size));
}

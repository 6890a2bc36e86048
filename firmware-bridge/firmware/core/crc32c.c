#include "crc32c.h"

#define POLYNOMIAL_REFLECTED UINT32_C(0x82F63B78)

/* Bit by bit: a table would cost the ATmega 1 KiB, and 60 bytes take it half a millisecond this way.
 * A branch on the low byte alone is twice as fast there as a mask of 32 bits. */
uint32_t crc32c_update(uint32_t running, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        running ^= bytes[i];
        for (uint8_t bit = 0; bit < 8; bit++) {
            uint8_t low = (uint8_t)running;

            running >>= 1;
            if ((low & 1u) != 0) {
                running ^= POLYNOMIAL_REFLECTED;
            }
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

/* On the build machine: the checksum of a flash image, which selftest.c computes again on the chip.
 *
 * Reads the image from stdin and writes the sum to stdout, two bytes, little-endian. */
#include <stdint.h>
#include <stdio.h>

#define SUM_AT 0x7FFEL
#define SUM_INIT 0xFFFFu

/* As _crc_ccitt_update of avr-libc's <util/crc16.h>: x^16 + x^12 + x^5 + 1, reflected. */
static uint16_t update(uint16_t sum, uint8_t byte)
{
    byte = (uint8_t)(byte ^ (sum & 0xFFu));
    byte = (uint8_t)(byte ^ (byte << 4));
    return (uint16_t)(((byte << 8) | (sum >> 8)) ^ (byte >> 4) ^ (byte << 3));
}

int main(void)
{
    uint16_t sum = SUM_INIT;
    long size = 0;
    int byte;

    for (; (byte = getchar()) != EOF; size++) {
        sum = update(sum, (uint8_t)byte);
    }
    if (size != SUM_AT) {
        fprintf(stderr, "stamp: the image has %ld bytes, not %ld: pad it with 0xFF\n", size,
                SUM_AT);
        return 1;
    }
    putchar(sum & 0xFF);
    putchar(sum >> 8);
    return 0;
}

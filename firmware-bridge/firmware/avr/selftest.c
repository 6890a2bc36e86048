#include "selftest.h"

#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/wdt.h>
#include <util/crc16.h>

/* stamp.c, which writes the sum, has the same numbers. */
#define SUM_AT (FLASHEND - 1u)
#define SUM_INIT 0xFFFFu

bool selftest_memory(void)
{
    return GPIOR1 == 1u;
}

bool selftest_flash(void)
{
    uint16_t sum = SUM_INIT;

    for (uint16_t at = 0; at < SUM_AT; at++) {
        sum = _crc_ccitt_update(sum, pgm_read_byte(at));
        if ((at & 0x3FFu) == 0) {
            wdt_reset();
        }
    }
    return sum == pgm_read_word(SUM_AT);
}

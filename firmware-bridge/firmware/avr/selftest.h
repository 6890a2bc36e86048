/* What is tested before the chair may leave BOOT, besides the ADC (sense_init). */
#ifndef CALMLOOP_SELFTEST_H
#define CALMLOOP_SELFTEST_H

#include <stdbool.h>

/* Every byte of memory held what start.S wrote to it. */
bool selftest_memory(void);

/* The whole flash has the checksum that the build put into its last two bytes. Takes 70 ms. */
bool selftest_flash(void);

#endif

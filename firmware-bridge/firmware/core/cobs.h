/* Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999) for frames shorter than 254 bytes:
 * the result holds no zero, so that a zero on the wire always ends a frame. */
#ifndef CALMLOOP_COBS_H
#define CALMLOOP_COBS_H

#include <stddef.h>
#include <stdint.h>

/* Stuff `size` (at most 253) bytes into `out`, which has room for size + 1. Returns size + 1. */
size_t cobs_encode(const uint8_t *in, size_t size, uint8_t *out);

/* Undo cobs_encode. `out` has room for `size` bytes. Returns the number of bytes, or 0 when `in` is
 * not the stuffing of at least one byte. */
size_t cobs_decode(const uint8_t *in, size_t size, uint8_t *out);

#endif

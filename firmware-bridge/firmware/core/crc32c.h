/* CRC-32C (Castagnoli, RFC 3720 section 12.1): guards frames, leases and stored records. */
#ifndef CALMLOOP_CRC32C_H
#define CALMLOOP_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#define CRC32C_INIT UINT32_C(0xFFFFFFFF)

/* Feed bytes into a running value that began as CRC32C_INIT. */
uint32_t crc32c_update(uint32_t running, const uint8_t *bytes, size_t size);

/* The finished checksum of a running value. */
uint32_t crc32c_finish(uint32_t running);

/* The checksum of one buffer. */
uint32_t crc32c(const uint8_t *bytes, size_t size);

#endif

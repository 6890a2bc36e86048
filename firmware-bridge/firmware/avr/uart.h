/* The serial line at 250000 baud, 8N1: interrupts move bytes, rings hold them. */
#ifndef CALMLOOP_UART_H
#define CALMLOOP_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void uart_init(void);

/* Bytes that have come, at most `size`. What comes while the ring is full is lost: the frame that
 * it belonged to fails its checksum. */
size_t uart_read(uint8_t *bytes, size_t size);

/* Whether `size` bytes fit into the ring. */
bool uart_has_room(size_t size);

/* Send; there must be room. */
void uart_write(const uint8_t *bytes, size_t size);

#endif

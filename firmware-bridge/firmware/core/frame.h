/* Frames on the wire: COBS(version, type, sequence, boot id, payload, CRC-32C) and a zero. */
#ifndef CALMLOOP_FRAME_H
#define CALMLOOP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

#define FRAME_HEADER_SIZE 8u
#define FRAME_CRC_SIZE 4u
#define FRAME_RAW_MAX (FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX + FRAME_CRC_SIZE)
#define FRAME_STUFFED_MAX (FRAME_RAW_MAX + 1u)
#define FRAME_WIRE_MAX (FRAME_STUFFED_MAX + 1u)

struct frame {
    uint8_t version;
    uint8_t type;
    uint16_t seq;
    uint32_t boot_id;
    uint8_t size; /* of the payload, 0 to FRAME_PAYLOAD_MAX */
    uint8_t payload[FRAME_PAYLOAD_MAX];
};

enum frame_result {
    FRAME_NONE, /* no frame has ended yet */
    FRAME_GOOD,
    FRAME_BAD /* stuffing, length or checksum is wrong */
};

/* Encode a frame with its closing zero. Returns the number of bytes to send. */
size_t frame_encode(const struct frame *frame, uint8_t wire[FRAME_WIRE_MAX]);

/* Decode the bytes before a closing zero. `size` is at most FRAME_STUFFED_MAX. */
enum frame_result frame_decode(const uint8_t *stuffed, size_t size, struct frame *frame);

/* Collects bytes until a frame ends. An overlong run is dropped up to the next zero. */
struct frame_receiver {
    uint8_t held[FRAME_STUFFED_MAX];
    uint8_t size;
    bool overlong;
};

void frame_receiver_init(struct frame_receiver *receiver);

/* Take one byte; on FRAME_GOOD `frame` is filled. A zero after a zero is no frame at all. */
enum frame_result frame_receiver_push(struct frame_receiver *receiver, uint8_t byte,
                                      struct frame *frame);

#endif

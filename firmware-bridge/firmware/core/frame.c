#include "frame.h"

#include <string.h>

#include "bytes.h"
#include "cobs.h"
#include "crc32c.h"

size_t frame_encode(const struct frame *frame, uint8_t wire[FRAME_WIRE_MAX])
{
    uint8_t raw[FRAME_RAW_MAX];
    size_t body = FRAME_HEADER_SIZE + (size_t)frame->size;

    raw[0] = frame->version;
    raw[1] = frame->type;
    put_u16(raw + 2, frame->seq);
    put_u32(raw + 4, frame->boot_id);
    memcpy(raw + FRAME_HEADER_SIZE, frame->payload, frame->size);
    put_u32(raw + body, crc32c(raw, body));

    size_t stuffed = cobs_encode(raw, body + FRAME_CRC_SIZE, wire);
    wire[stuffed] = 0;
    return stuffed + 1;
}

enum frame_result frame_decode(const uint8_t *stuffed, size_t size, struct frame *frame)
{
    uint8_t raw[FRAME_STUFFED_MAX];
    size_t raw_size = cobs_decode(stuffed, size, raw);

    if (raw_size < FRAME_HEADER_SIZE + FRAME_CRC_SIZE) {
        return FRAME_BAD;
    }
    size_t body = raw_size - FRAME_CRC_SIZE;
    if (crc32c(raw, body) != get_u32(raw + body)) {
        return FRAME_BAD;
    }
    frame->version = raw[0];
    frame->type = raw[1];
    frame->seq = get_u16(raw + 2);
    frame->boot_id = get_u32(raw + 4);
    frame->size = (uint8_t)(body - FRAME_HEADER_SIZE);
    memcpy(frame->payload, raw + FRAME_HEADER_SIZE, frame->size);
    return FRAME_GOOD;
}

void frame_receiver_init(struct frame_receiver *receiver)
{
    receiver->size = 0;
    receiver->overlong = false;
}

static enum frame_result end_of_frame(struct frame_receiver *receiver, struct frame *frame)
{
    enum frame_result result = FRAME_NONE;

    if (receiver->overlong || receiver->size > FRAME_STUFFED_MAX) {
        result = FRAME_BAD;
    } else if (receiver->size > 0) {
        result = frame_decode(receiver->held, receiver->size, frame);
    }
    frame_receiver_init(receiver);
    return result;
}

enum frame_result frame_receiver_push(struct frame_receiver *receiver, uint8_t byte,
                                      struct frame *frame)
{
    if (byte == 0) {
        return end_of_frame(receiver, frame);
    }
    if (receiver->size >= FRAME_STUFFED_MAX) {
        receiver->overlong = true;
    } else {
        receiver->held[receiver->size++] = byte;
    }
    return FRAME_NONE;
}

/* Fuzzer of the decoder: whatever arrives, a frame that is taken for good is one. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "cobs.h"
#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct frame *a, const struct frame *b)
{
    CHECK(a->version == b->version && a->type == b->type && a->seq == b->seq &&
              a->boot_id == b->boot_id && a->size == b->size &&
              memcmp(a->payload, b->payload, a->size) == 0,
          "a frame is the same after encoding and decoding");
}

static void check_round_trip(const struct frame *frame)
{
    uint8_t wire[FRAME_WIRE_MAX];
    struct frame again;
    size_t size = frame_encode(frame, wire);

    CHECK(size <= FRAME_WIRE_MAX && wire[size - 1] == 0, "a frame ends with its only zero");
    CHECK(memchr(wire, 0, size - 1) == NULL, "a frame ends with its only zero");
    CHECK(frame_decode(wire, size - 1, &again) == FRAME_GOOD, "what is encoded is decoded");
    check_same(frame, &again);
}

/* Some inputs are a frame's content, so that its checksum is right. Then one byte of it is changed,
 * which CRC-32C notices for certain: a burst of at most 32 bits. */
static void check_content(const uint8_t *data, size_t size)
{
    struct frame frame = {.version = FRAME_VERSION};
    uint8_t wire[FRAME_WIRE_MAX];
    uint8_t raw[FRAME_WIRE_MAX];

    memcpy(&frame.type, data, 1);
    memcpy(&frame.boot_id, data + 1, 4);
    frame.size = (uint8_t)(size - 7 < FRAME_PAYLOAD_MAX ? size - 7 : FRAME_PAYLOAD_MAX);
    memcpy(frame.payload, data + 7, frame.size);
    check_round_trip(&frame);

    size_t stuffed = frame_encode(&frame, wire) - 1;
    size_t raw_size = cobs_decode(wire, stuffed, raw);
    raw[data[5] % raw_size] ^= data[6] == 0 ? 1 : data[6];
    stuffed = cobs_encode(raw, raw_size, wire);
    CHECK(frame_decode(wire, stuffed, &frame) == FRAME_BAD, "one wrong byte is noticed");
}

static void check_stream(const uint8_t *data, size_t size)
{
    struct frame_receiver receiver;
    struct frame frame;

    frame_receiver_init(&receiver);
    for (size_t i = 0; i < size; i++) {
        enum frame_result result = frame_receiver_push(&receiver, data[i], &frame);

        CHECK(receiver.size <= FRAME_STUFFED_MAX, "the receiver holds no more than a frame");
        CHECK(result == FRAME_NONE || data[i] == 0, "only a zero ends a frame");
        if (result == FRAME_GOOD) {
            CHECK(frame.size <= FRAME_PAYLOAD_MAX, "a payload fits");
            check_round_trip(&frame);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 8 && data[0] % 2 == 0) {
        check_content(data + 1, size - 1);
    } else {
        check_stream(data, size);
    }
    return 0;
}

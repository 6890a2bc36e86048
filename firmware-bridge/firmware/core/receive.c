/* What arrives: a frame is taken, refused and counted, or no frame at all. */
#include <string.h>

#include "chair.h"
#include "envelope.h"

static void count(uint16_t *counter)
{
    if (*counter < UINT16_MAX) {
        (*counter)++;
    }
}

static void take_bad_frame(struct chair *chair)
{
    count(&chair->bad_frames);
    machine_bad_frame(&chair->machine);
}

static void take_identify(struct chair *chair, const struct frame *frame)
{
    struct identify expected = identify_read(frame->payload);

    machine_identify(&chair->machine,
                     expected.protocol == FRAME_VERSION &&
                         expected.firmware_major == FIRMWARE_MAJOR &&
                         expected.cap_hash == envelope_hash() &&
                         expected.calibration_hash == chair->machine.calibration.hash);
    chair->identity_due = true;
}

static void acknowledge(struct chair *chair, const struct frame *frame, uint8_t result)
{
    chair->ack = (struct ack){frame->type, frame->seq, result};
    chair->ack_due = true;
}

static void take_arm(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct arm arm = arm_read(frame->payload);

    acknowledge(chair, frame, (uint8_t)machine_arm(&chair->machine, &arm, now_ms));
}

/* A new table is answered once it is stored; until then, every CALIBRATE waits. */
static void take_calibrate(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct calibration table;

    if (chair->table_due || chair->table_taken) {
        return;
    }
    (void)calibration_read(&table, frame->payload); /* none, if it is not plausible */
    bool is_new = table.hash != chair->machine.calibration.hash;
    enum calibrate_result result = machine_calibrate(&chair->machine, &table, now_ms);

    if (is_new && result == CALIBRATE_OK) {
        memcpy(chair->table, frame->payload, CALIBRATION_RECORD_SIZE);
        chair->table_seq = frame->seq;
        chair->table_due = true;
    } else {
        acknowledge(chair, frame, (uint8_t)result);
    }
}

static bool take_setpoint(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct setpoint setpoint = setpoint_read(frame->payload);

    return machine_setpoint(&chair->machine, &setpoint, now_ms);
}

static bool take_lease(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct lease_answer answer = lease_answer_read(frame->payload);

    return machine_lease(&chair->machine, &answer, now_ms);
}

static void take_stop(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct stop stop = stop_read(frame->payload);

    machine_stop(&chair->machine, &stop, now_ms);
    chair->status_due = true;
}

/* The size that a payload of this type has, or 0 for a type that no host sends. */
static uint8_t payload_size(uint8_t type)
{
    switch (type) {
    case MESSAGE_IDENTIFY:
        return IDENTIFY_SIZE;
    case MESSAGE_ARM:
        return ARM_SIZE;
    case MESSAGE_SETPOINT:
        return SETPOINT_SIZE;
    case MESSAGE_LEASE:
        return LEASE_SIZE;
    case MESSAGE_STOP:
        return STOP_SIZE;
    case MESSAGE_CALIBRATE:
        return CALIBRATE_SIZE;
    default:
        return 0;
    }
}

/* What may raise an output, now or later, is meant for this boot and speaks this version. */
static bool take_driving_frame(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    if (frame->boot_id != chair->boot_id || frame->version != FRAME_VERSION) {
        return false;
    }
    if (frame->type == MESSAGE_ARM) {
        take_arm(chair, frame, now_ms);
        return true;
    }
    if (frame->type == MESSAGE_CALIBRATE) {
        take_calibrate(chair, frame, now_ms);
        return true;
    }
    return frame->type == MESSAGE_SETPOINT ? take_setpoint(chair, frame, now_ms)
                                           : take_lease(chair, frame, now_ms);
}

static void take_frame(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    uint8_t size = payload_size(frame->type);

    if (size == 0 || frame->size != size) {
        take_bad_frame(chair);
    } else if (frame->type == MESSAGE_STOP) {
        take_stop(chair, frame, now_ms);
    } else if (frame->type == MESSAGE_IDENTIFY) {
        take_identify(chair, frame);
    } else if (!take_driving_frame(chair, frame, now_ms)) {
        count(&chair->refused);
    }
}

void chair_receive(struct chair *chair, const uint8_t *bytes, size_t size, uint32_t now_ms)
{
    struct frame frame;

    for (size_t i = 0; i < size; i++) {
        enum frame_result result = frame_receiver_push(&chair->receiver, bytes[i], &frame);

        if (result == FRAME_GOOD) {
            take_frame(chair, &frame, now_ms);
        } else if (result == FRAME_BAD) {
            take_bad_frame(chair);
        }
    }
}

/* What arrives: a frame is accepted, refused and counted, or no frame at all. */
#include "chair.h"
#include "envelope.h"

enum reception {
    ACCEPTED,
    REFUSED, /* whole and known, but not for now */
    UNKNOWN, /* of no type that a host sends, or of another size */
};

static void count(uint16_t *counter)
{
    if (*counter < UINT16_MAX) {
        (*counter)++;
    }
}

static void handle_bad_frame(struct chair *chair)
{
    count(&chair->bad_frames);
    machine_bad_frame(&chair->machine);
}

static void handle_identify(struct chair *chair, const struct frame *frame)
{
    struct identify expected = identify_read(frame->payload);

    machine_identify(&chair->machine, expected.protocol == FRAME_VERSION &&
                                          expected.firmware_major == FIRMWARE_MAJOR &&
                                          expected.cap_hash == envelope_hash() &&
                                          expected.calibration_hash ==
                                              calibration_hash(&chair->machine.calibration));
    chair->identity_due = true;
}

static void acknowledge(struct chair *chair, const struct frame *frame, uint8_t result)
{
    chair->ack = (struct ack){frame->type, frame->seq, result};
    chair->ack_due = true;
}

static enum reception handle_arm(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct arm arm = arm_read(frame->payload);

    acknowledge(chair, frame, (uint8_t)machine_arm(&chair->machine, &arm, now_ms));
    return ACCEPTED;
}

/* A new table is answered once it is stored; until then, every CALIBRATE waits. */
static enum reception handle_calibrate(struct chair *chair, const struct frame *frame)
{
    struct calibrate asked = calibrate_read(frame->payload);
    struct calibration table;

    if (chair->table_due || chair->storing == RECORD_TABLE) {
        return ACCEPTED;
    }
    (void)calibration_read(&table, asked.record); /* none, if it is not plausible */
    bool is_new = calibration_hash(&table) != calibration_hash(&chair->machine.calibration);
    enum calibrate_result result = machine_calibrate(&chair->machine, &table, asked.may_jump);

    if (is_new && result == CALIBRATE_OK) {
        chair->table_seq = frame->seq;
        chair->table_due = true;
    } else {
        acknowledge(chair, frame, (uint8_t)result);
    }
    return ACCEPTED;
}

static enum reception handle_setpoint(struct chair *chair, const struct frame *frame,
                                      uint32_t now_ms)
{
    struct setpoint setpoint = setpoint_read(frame->payload);

    return machine_setpoint(&chair->machine, &setpoint, now_ms) ? ACCEPTED : REFUSED;
}

static enum reception handle_lease(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct lease_answer answer = lease_answer_read(frame->payload);

    return machine_lease(&chair->machine, &answer, now_ms) ? ACCEPTED : REFUSED;
}

/* What may raise an output, now or later, is meant for this boot and speaks this version. */
static bool is_for_this_boot(const struct chair *chair, const struct frame *frame)
{
    return frame->boot_id == chair->boot_id && frame->version == FRAME_VERSION;
}

static void handle_stop(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct stop stop = stop_read(frame->payload);

    machine_stop(&chair->machine, &stop, now_ms);
    if (stop.reason == STOP_ORDER_CHILD_SEEN && is_for_this_boot(chair, frame)) {
        machine_child_seen(&chair->machine);
    }
    chair->status_due = true;
}

static enum reception handle_by_type(struct chair *chair, const struct frame *frame,
                                     uint32_t now_ms)
{
    bool mine = is_for_this_boot(chair, frame);

    switch (frame->type) {
    case MESSAGE_STOP:
        handle_stop(chair, frame, now_ms);
        return ACCEPTED;
    case MESSAGE_IDENTIFY:
        handle_identify(chair, frame);
        return ACCEPTED;
    case MESSAGE_ARM:
        return mine ? handle_arm(chair, frame, now_ms) : REFUSED;
    case MESSAGE_CALIBRATE:
        return mine ? handle_calibrate(chair, frame) : REFUSED;
    case MESSAGE_SETPOINT:
        return mine ? handle_setpoint(chair, frame, now_ms) : REFUSED;
    case MESSAGE_LEASE:
        return mine ? handle_lease(chair, frame, now_ms) : REFUSED;
    default:
        return UNKNOWN;
    }
}

static void handle_frame(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    enum reception reception = UNKNOWN;

    if (frame->size == host_payload_size(frame->type)) {
        reception = handle_by_type(chair, frame, now_ms);
    }
    if (reception == UNKNOWN) {
        handle_bad_frame(chair);
    } else if (reception == REFUSED) {
        count(&chair->refused);
    }
}

void chair_receive(struct chair *chair, const uint8_t *bytes, size_t size, uint32_t now_ms)
{
    struct frame frame;

    for (size_t i = 0; i < size; i++) {
        enum frame_result result = frame_receiver_push(&chair->receiver, bytes[i], &frame);

        if (result == FRAME_GOOD) {
            handle_frame(chair, &frame, now_ms);
        } else if (result == FRAME_BAD) {
            handle_bad_frame(chair);
        }
    }
}

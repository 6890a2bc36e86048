#include "chair.h"

#include <string.h>

#include "envelope.h"
#include "report.h"

/* --- start ---------------------------------------------------------------------------------- */

/* A fault kept through the reset stays the first one; else what this reset shows counts. */
static enum fault_code fault_at_start(const struct chair_boot *boot, enum store_result fault_slots,
                                      enum store_result calibration_slots, uint8_t stored)
{
    if (fault_slots == STORE_GOOD && stored != FAULT_NONE) {
        return (enum fault_code)stored;
    }
    if (!boot->self_test_ok) {
        return FAULT_SELF_TEST;
    }
    if (fault_slots == STORE_CORRUPT || calibration_slots == STORE_CORRUPT) {
        return FAULT_STORE;
    }
    return fault_of_reset(boot->reset_flags);
}

static enum store_result load_calibration(struct calibration *calibration, const uint8_t *image)
{
    struct store_pair pair = store_calibration_pair();
    uint8_t record[CALIBRATION_RECORD_SIZE];
    enum store_result result = store_read(&pair, image, record);

    calibration_none(calibration);
    if (result == STORE_GOOD && !calibration_read(calibration, record)) {
        return STORE_CORRUPT;
    }
    return result;
}

void chair_init(struct chair *chair, const struct chair_boot *boot, uint32_t now_ms)
{
    struct calibration calibration;
    uint8_t stored = FAULT_NONE;

    memset(chair, 0, sizeof *chair);
    chair->boot_id = boot->boot_id;
    memcpy(chair->serial, boot->serial, SERIAL_SIZE);
    chair->fault_store = store_fault_pair();
    frame_receiver_init(&chair->receiver);

    enum store_result fault_slots = store_read(&chair->fault_store, boot->store, &stored);
    enum store_result calibration_slots = load_calibration(&calibration, boot->store);
    chair->stored_fault = (enum fault_code)stored;
    machine_init(&chair->machine, boot->boot_id,
                 fault_at_start(boot, fault_slots, calibration_slots, stored), &calibration, now_ms);
    chair->machine.fault.self_test_failed = !boot->self_test_ok;
    chair->reported_state = STATE_BOOT;
    chair->nonce_due = true;
    chair->status_due = true;
    timer_start(&chair->status_period, now_ms, STATUS_PERIOD_MS);
}

/* --- time ----------------------------------------------------------------------------------- */

static void schedule_status(struct chair *chair, uint32_t now_ms)
{
    const struct machine *machine = &chair->machine;

    timer_poll(&chair->status_quiet, now_ms);
    if (timer_left_ms(&chair->status_period, now_ms) == 0) {
        timer_start(&chair->status_period, now_ms, STATUS_PERIOD_MS);
        chair->nonce_due = true;
        chair->status_due = true;
    }
    if (machine->state != chair->reported_state) {
        chair->status_due = true;
    }
    if (machine->applied_tag != chair->reported_tag &&
        timer_left_ms(&chair->status_quiet, now_ms) == 0) {
        chair->status_due = true;
    }
}

void chair_tick(struct chair *chair, const struct inputs *inputs, uint32_t now_ms)
{
    machine_tick(&chair->machine, inputs, now_ms);
    schedule_status(chair, now_ms);
}

/* --- receiving ------------------------------------------------------------------------------ */

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

static void take_arm(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    struct arm arm = arm_read(frame->payload);
    enum arm_result result = machine_arm(&chair->machine, &arm, now_ms);

    chair->ack = (struct ack){MESSAGE_ARM, frame->seq, (uint8_t)result};
    chair->ack_due = true;
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
    default:
        return 0;
    }
}

/* What may raise an output is meant for this boot and speaks this version. */
static bool take_driving_frame(struct chair *chair, const struct frame *frame, uint32_t now_ms)
{
    if (frame->boot_id != chair->boot_id || frame->version != FRAME_VERSION) {
        return false;
    }
    if (frame->type == MESSAGE_ARM) {
        take_arm(chair, frame, now_ms);
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

/* --- sending -------------------------------------------------------------------------------- */

static void fill_status(struct chair *chair, struct frame *frame, uint32_t now_ms)
{
    struct status status = report_status(&chair->machine, now_ms);

    status.bad_frames = chair->bad_frames;
    status.refused = chair->refused;
    if (chair->nonce_due) {
        lease_issue(&chair->machine.lease, now_ms);
        status.flags |= FLAG_FRESH_NONCE;
    }
    status.nonce = lease_nonce(&chair->machine.lease);

    chair->status_due = false;
    chair->nonce_due = false;
    chair->reported_state = chair->machine.state;
    chair->reported_tag = chair->machine.applied_tag;
    timer_start(&chair->status_quiet, now_ms, STATUS_QUIET_MS);
    frame->type = MESSAGE_STATUS;
    frame->size = STATUS_SIZE;
    status_write(&status, frame->payload);
}

static void fill_identity(struct chair *chair, struct frame *frame)
{
    struct identity identity = report_identity(&chair->machine);

    memcpy(identity.serial, chair->serial, SERIAL_SIZE);
    chair->identity_due = false;
    frame->type = MESSAGE_IDENTITY;
    frame->size = IDENTITY_SIZE;
    identity_write(&identity, frame->payload);
}

static void fill_ack(struct chair *chair, struct frame *frame)
{
    chair->ack_due = false;
    frame->type = MESSAGE_ACK;
    frame->size = ACK_SIZE;
    ack_write(&chair->ack, frame->payload);
}

size_t chair_transmit(struct chair *chair, uint8_t wire[FRAME_WIRE_MAX], uint32_t now_ms)
{
    struct frame frame = {
        .version = FRAME_VERSION, .seq = chair->seq, .boot_id = chair->boot_id};

    if (chair->ack_due) {
        fill_ack(chair, &frame);
    } else if (chair->status_due) {
        fill_status(chair, &frame, now_ms);
    } else if (chair->identity_due) {
        fill_identity(chair, &frame);
    } else {
        return 0;
    }
    chair->seq++;
    return frame_encode(&frame, wire);
}

/* --- outputs and store ---------------------------------------------------------------------- */

const struct gate *chair_gate(const struct chair *chair)
{
    return &chair->machine.gate;
}

bool chair_amplifier_enabled(const struct chair *chair)
{
    return machine_amplifier_enabled(&chair->machine);
}

bool chair_take_store_write(struct chair *chair, struct store_write *write)
{
    uint8_t code = (uint8_t)chair->machine.fault.code;

    if (chair->machine.fault.code == chair->stored_fault) {
        return false;
    }
    chair->stored_fault = chair->machine.fault.code;
    *write = store_prepare(&chair->fault_store, &code);
    return true;
}

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

static enum store_result load_calibration(struct calibration *calibration,
                                          struct store_pair *pair, const uint8_t *image)
{
    uint8_t record[CALIBRATION_RECORD_SIZE];
    enum store_result result = store_read(&STORE_CALIBRATION, pair, image, record);

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
    frame_receiver_init(&chair->receiver);

    enum store_result fault_slots =
        store_read(&STORE_FAULT, &chair->fault_store, boot->store, &stored);
    enum store_result calibration_slots =
        load_calibration(&calibration, &chair->calibration_store, boot->store);
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

    if (chair->machine.fault.code != chair->stored_fault) {
        chair->stored_fault = chair->machine.fault.code;
        *write = store_prepare(&STORE_FAULT, &chair->fault_store, &code);
        return true;
    }
    if (chair->table_due) {
        chair->table_due = false;
        chair->table_taken = true;
        *write = store_prepare(&STORE_CALIBRATION, &chair->calibration_store, chair->table);
        return true;
    }
    return false;
}

void chair_store_written(struct chair *chair, bool good)
{
    if (!chair->table_taken) {
        return;
    }
    chair->table_taken = false;
    if (!good) {
        machine_lose_calibration(&chair->machine);
    }
    chair->ack = (struct ack){MESSAGE_CALIBRATE, chair->table_seq,
                              good ? CALIBRATE_OK : CALIBRATE_NOT_STORED};
    chair->ack_due = true;
}

#include "chair.h"

#include <string.h>

#include "envelope.h"
#include "report.h"

/* --- start ---------------------------------------------------------------------------------- */

#define LATCHES_TRIES 2u /* each in the other slot */

/* A fault kept through the reset stays the first one; else what this reset shows counts. */
static enum fault_code fault_at_start(const struct chair_boot *boot, bool store_is_good,
                                      enum fault_code stored)
{
    if (stored != FAULT_NONE) {
        return stored;
    }
    if (!boot->self_test_ok) {
        return FAULT_SELF_TEST;
    }
    return store_is_good ? fault_of_reset(boot->reset_flags) : FAULT_STORE;
}

/* What the machine begins with, from the store and from what the reset shows. */
static struct machine_start load(struct chair *chair, const struct chair_boot *boot)
{
    struct machine_start start = {.boot_id = boot->boot_id, .entropy = boot->entropy};
    uint8_t stored = 0;
    enum store_result latches =
        store_read(&STORE_LATCHES, &chair->latches_store, boot->store + STORE_LATCHES_AT, &stored);
    bool good = latches != STORE_CORRUPT && boot->boot_id_kept;

    start.latches = latches_unpack(stored);
    start.latches.fault = fault_at_start(boot, good, start.latches.fault);
    return start;
}

void chair_init(struct chair *chair, const struct chair_boot *boot, uint32_t now_ms)
{
    memset(chair, 0, sizeof *chair);
    chair->boot_id = boot->boot_id;
    memcpy(chair->serial, boot->serial, SERIAL_SIZE);
    frame_receiver_init(&chair->receiver);

    struct machine_start start = load(chair, boot);

    machine_init(&chair->machine, &start, now_ms);
    chair->machine.fault.self_test_failed = !boot->self_test_ok;
    chair->machine.fault.store_failed = !boot->boot_id_kept;
    chair->latches_due = true;
    chair->reported_state = STATE_BOOT;
    chair->nonce_due = true;
    chair->status_due = true;
    timer_start(&chair->status_period, now_ms, STATUS_PERIOD_MS);
}

/* One that was read is of either kind. */
static bool is_good(const struct calibration *calibration, bool simulated)
{
    return simulated || calibration_kind(calibration) == CALIBRATION_MEASURED;
}

void chair_restore_calibration(struct chair *chair, const uint8_t slots[STORE_CALIBRATION_SIZE],
                               bool simulated)
{
    struct calibration *calibration = &chair->machine.calibration;
    uint8_t record[CALIBRATION_RECORD_SIZE];
    enum store_result result =
        store_read(&STORE_CALIBRATION, &chair->calibration_store, slots, record);

    if (result == STORE_GOOD && calibration_read(calibration, record) &&
        is_good(calibration, simulated)) {
        return;
    }
    if (result != STORE_BLANK) {
        machine_lose_calibration(&chair->machine);
    }
}

void chair_restore_minute(struct chair *chair, uint8_t step,
                          const uint8_t record[STORE_MINUTE_SIZE])
{
    session_restore(&chair->machine.session, step, record);
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

    memcpy(identity.serial_bytes, chair->serial, SERIAL_SIZE);
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
    struct frame frame = {.version = FRAME_VERSION, .seq = chair->seq, .boot_id = chair->boot_id};

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

/* Neither slot keeps what is written: the fault that says so and the count, so that no flipped bit alone
 * forgets what happens from then on. */
static bool is_given_up(const struct chair *chair)
{
    return chair->latches_failures >= LATCHES_TRIES && chair->machine.fault.store_failed;
}

static bool pop_latches(struct chair *chair, struct store_write *write)
{
    struct latches latches = machine_latches(&chair->machine);
    uint8_t now = latches_pack(&latches);
    bool due = chair->latches_due || now != chair->stored_latches;

    if (!due || is_given_up(chair)) {
        return false;
    }
    chair->latches_due = false;
    chair->stored_latches = now;
    *write = store_prepare(&STORE_LATCHES, &chair->latches_store, &now);
    return true;
}

/* One that may be stored: only damaged memory asks for another. */
static bool has_table(const struct calibration *calibration)
{
    return calibration_kind(calibration) == CALIBRATION_MEASURED &&
           calibration_record_is_kept(calibration);
}

static bool pop_table(struct chair *chair, struct store_write *write)
{
    bool due = chair->table_due;

    chair->table_due = false;
    if (!due || !has_table(&chair->machine.calibration)) {
        return false;
    }
    *write = store_prepare(&STORE_CALIBRATION, &chair->calibration_store,
                           chair->machine.calibration.record);
    return true;
}

bool chair_pop_store_write(struct chair *chair, struct store_write *write)
{
    if (pop_latches(chair, write)) {
        chair->storing = RECORD_LATCHES;
    } else if (pop_table(chair, write)) {
        chair->storing = RECORD_TABLE;
    } else if (session_pop_write(&chair->machine.session, write)) {
        chair->storing = RECORD_MINUTE;
    } else {
        return false;
    }
    return true;
}

/* A latch that one slot does not keep goes to the other; one that neither keeps is not pretended. */
static void end_latches(struct chair *chair, bool good)
{
    if (good) {
        chair->latches_failures = 0;
        chair->latches_proved = true;
        return;
    }
    chair->latches_due = true;
    chair->latches_failures++;
    machine_lose_store(&chair->machine, chair->latches_failures >= LATCHES_TRIES);
}

static void end_table(struct chair *chair, bool good)
{
    if (!good) {
        machine_lose_calibration(&chair->machine);
    }
    chair->ack = (struct ack){MESSAGE_CALIBRATE, chair->table_seq,
                              good ? CALIBRATE_OK : CALIBRATE_NOT_STORED};
    chair->ack_due = true;
}

void chair_store_written(struct chair *chair, bool good)
{
    enum chair_record ended = chair->storing;

    chair->storing = RECORD_NONE;
    if (ended == RECORD_LATCHES) {
        end_latches(chair, good);
    } else if (ended == RECORD_TABLE) {
        end_table(chair, good);
    } else if (!good) {
        machine_lose_store(&chair->machine, false);
    }
}

bool chair_reset_is_kept(const struct chair *chair)
{
    return chair->latches_proved;
}

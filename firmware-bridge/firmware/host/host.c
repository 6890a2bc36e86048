#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "report.h"

#define STATUS_FLAGS_AT 5u
#define STATUS_NONCE_AT 18u

struct chair *host_new(uint32_t boot_id, uint8_t reset_flags, uint8_t self_test_ok,
                       uint8_t boot_id_kept, uint32_t entropy, uint8_t simulated,
                       const uint8_t *store, uint32_t now_ms)
{
    struct chair *chair = malloc(sizeof *chair);
    struct chair_boot boot = {
        .boot_id = boot_id,
        .reset_flags = reset_flags,
        .self_test_ok = self_test_ok != 0,
        .boot_id_kept = boot_id_kept != 0,
        .entropy = entropy,
        .serial = "HOST",
        .store = store,
    };

    if (chair != NULL) {
        chair_init(chair, &boot, now_ms);
        chair_restore_calibration(chair, store + STORE_CALIBRATION_AT, simulated != 0);
        for (uint8_t step = 0; step < SESSION_RESTORE_STEPS; step++) {
            chair_restore_minute(chair, step, store + store_minute_at(step));
        }
    }
    return chair;
}

void host_free(struct chair *chair)
{
    free(chair);
}

static struct inputs inputs_of(uint8_t bits, uint16_t current_ma, uint16_t supply_mv)
{
    return (struct inputs){
        .estop_open = (bits & INPUT_ESTOP_OPEN) != 0,
        .ack_pressed = (bits & INPUT_ACK_PRESSED) != 0,
        .seat_occupied = (bits & INPUT_SEAT_OCCUPIED) != 0,
        .enclosure_open = (bits & INPUT_ENCLOSURE_OPEN) != 0,
        .child_button_pressed = (bits & INPUT_CHILD_BUTTON) != 0,
        .contactor_closed = (bits & INPUT_CONTACTOR_CLOSED) != 0,
        .child_second_pressed = (bits & INPUT_CHILD_SECOND) != 0,
        .current_ma = current_ma,
        .supply_mv = supply_mv,
    };
}

void host_tick(struct chair *chair, uint8_t input_bits, uint16_t current_ma, uint16_t supply_mv,
               uint32_t now_ms)
{
    struct inputs inputs = inputs_of(input_bits, current_ma, supply_mv);

    chair_tick(chair, &inputs, now_ms);
}

/* --- turns ----------------------------------------------------------------------------------- */

static void answer(struct chair *chair, uint32_t nonce, uint32_t now_ms)
{
    uint8_t wire[FRAME_WIRE_MAX];
    struct frame frame = {.version = FRAME_VERSION,
                          .type = MESSAGE_LEASE,
                          .boot_id = chair->boot_id,
                          .size = LEASE_SIZE};

    put_u32(frame.payload, nonce);
    put_u32(frame.payload + 4, lease_proof(chair->boot_id, nonce));
    chair_receive(chair, wire, frame_encode(&frame, wire), now_ms);
}

uint32_t host_fresh_nonce(const uint8_t *wire, size_t size)
{
    struct frame frame;

    if (frame_decode(wire, size - 1, &frame) != FRAME_GOOD || frame.type != MESSAGE_STATUS ||
        (frame.payload[STATUS_FLAGS_AT] & FLAG_FRESH_NONCE) == 0) {
        return 0;
    }
    return get_u32(frame.payload + STATUS_NONCE_AT);
}

static void hear(struct chair *chair, const struct host_row *row, uint32_t now_ms,
                 struct host_turns *turns)
{
    size_t size;

    while (turns->wire_size <= HOST_WIRE_MAX - FRAME_WIRE_MAX &&
           (size = chair_transmit(chair, turns->wire + turns->wire_size, now_ms)) > 0) {
        uint32_t nonce = host_fresh_nonce(turns->wire + turns->wire_size, size);

        turns->wire_size = (uint16_t)(turns->wire_size + size);
        if (row->leases != 0 && nonce != 0) {
            answer(chair, nonce, now_ms);
        }
    }
}

static void pop_store_write(struct chair *chair, struct host_turns *turns)
{
    struct store_write write;

    if (chair_pop_store_write(chair, &write)) {
        turns->store_at = write.at;
        turns->store_size = write.size;
        memcpy(turns->store, write.bytes, write.size);
    }
}

/* Room for all that one turn may send. */
#define WIRE_OF_A_TURN (8u * FRAME_WIRE_MAX)

uint32_t host_run(struct chair *chair, const struct host_row *row, struct host_turns *turns)
{
    uint32_t now_ms = row->now_ms;
    uint32_t done = 0;

    turns->wire_size = 0;
    turns->store_size = 0;
    while (done < row->count && turns->store_size == 0 &&
           turns->wire_size <= HOST_WIRE_MAX - WIRE_OF_A_TURN) {
        now_ms += row->step_ms;
        host_tick(chair, row->inputs, row->current_ma, row->supply_mv, now_ms);
        hear(chair, row, now_ms, turns);
        if (row->stores != 0) {
            pop_store_write(chair, turns);
        }
        done++;
    }
    return done;
}

void host_view(const struct chair *chair, uint32_t now_ms, struct host_view *view)
{
    const struct machine *machine = &chair->machine;
    const struct gate *gate = chair_gate(chair);
    struct status status = report_status(machine, now_ms);

    *view = (struct host_view){
        .state = status.state,
        .fault = status.fault,
        .stop_reason = status.stop_reason,
        .arm_block = status.arm_block,
        .identified = machine->identified,
        .lease_alive = lease_alive(&machine->lease, now_ms),
        .lease_left_ms = status.lease_left_ms,
        .lockout_ms = status.lockout_ms,
        .session_left_s = status.session_left_s,
        .session_budget_s = session_budget_s(&machine->session),
        .applied_tag = status.setpoint_tag,
        .arm_id = status.arm_id,
        .nonce = lease_nonce(&machine->lease),
        .bad_frames = chair->bad_frames,
        .refused = chair->refused,
        .amplifier_enabled = chair_amplifier_enabled(chair),
        .vibration_ppm = gate->vibration_ppm,
        .vibration_mhz = gate->vibration_mhz,
        .sound_ppm = gate->sound_ppm,
        .red_ppm = gate->light.red_ppm,
        .green_ppm = gate->light.green_ppm,
        .blue_ppm = gate->light.blue_ppm,
        .calibration_hash = calibration_hash(&machine->calibration),
        .child_latched = machine->child_latched,
        .reset_is_kept = chair_reset_is_kept(chair),
    };
}

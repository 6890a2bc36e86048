#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

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

void host_run(struct chair *chair, uint8_t input_bits, uint16_t current_ma, uint16_t supply_mv,
              uint32_t now_ms, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        host_tick(chair, input_bits, current_ma, supply_mv, now_ms + i);
    }
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

uint8_t host_take_store_write(struct chair *chair, uint16_t *at, uint8_t bytes[STORE_WRITE_MAX])
{
    struct store_write write;

    if (!chair_take_store_write(chair, &write)) {
        return 0;
    }
    *at = write.at;
    memcpy(bytes, write.bytes, write.size);
    return write.size;
}

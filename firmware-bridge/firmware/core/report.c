#include "report.h"

#include "envelope.h"
#include "frame.h"

/* What IDENTITY calls the vibration ceiling is the one at 40 Hz, where the limit is defined. */
#define REFERENCE_MHZ UINT32_C(40000)

static uint8_t flag_if(bool condition, uint8_t flag)
{
    return condition ? flag : 0;
}

static uint8_t flags(const struct machine *machine, enum arm_result block, uint32_t now_ms)
{
    return (uint8_t)(flag_if(block == ARM_OK, FLAG_ARM_READY) |
                     flag_if(machine->identified, FLAG_IDENTIFIED) |
                     flag_if(lease_alive(&machine->lease, now_ms), FLAG_LEASE_ALIVE) |
                     flag_if(machine_amplifier_enabled(machine), FLAG_AMPLIFIER_ENABLED) |
                     flag_if(machine->child_latched, FLAG_CHILD_LATCHED));
}

static void report_outputs(struct status *status, const struct gate *gate)
{
    status->vibration_permille = gate_round_up(gate->vibration_ppm, FULL_PERMILLE);
    status->vibration_dhz = (uint16_t)(gate->vibration_mhz / MHZ_PER_DHZ);
    status->sound_permille = gate_round_up(gate->sound_ppm, FULL_PERMILLE);
    status->red_permille = gate_round_down(gate->light.red_ppm, FULL_PERMILLE);
    status->green_permille = gate_round_up(gate->light.green_ppm, FULL_PERMILLE);
    status->blue_permille = gate_round_up(gate->light.blue_ppm, FULL_PERMILLE);
}

struct status report_status(const struct machine *machine, uint32_t now_ms)
{
    enum arm_result block = machine_arm_block(machine, now_ms);
    struct status status = {
        .state = (uint8_t)machine->state,
        .fault = (uint8_t)machine->fault.code,
        .stop_reason = (uint8_t)machine->stop_reason,
        .arm_block = (uint8_t)block,
        .inputs = inputs_bits(&machine->inputs),
        .flags = flags(machine, block, now_ms),
        .lockout_ms = (uint16_t)timer_left_ms(&machine->lockout, now_ms),
        .setpoint_tag = machine->applied_tag,
        .arm_id = machine->arm_id,
        .stop_tag = machine->stop_tag,
        .session_left_s = session_left_s(&machine->session),
        .supply_mv = machine->inputs.supply_mv,
        .current_ma = machine->inputs.current_ma,
        .uptime_ms = now_ms - machine->boot_ms,
        .lease_left_ms = (uint16_t)timer_left_ms(&machine->lease.alive, now_ms),
    };

    report_outputs(&status, &machine->gate);
    return status;
}

struct identity report_identity(const struct machine *machine)
{
    const struct calibration *calibration = &machine->calibration;

    return (struct identity){
        .protocol = FRAME_VERSION,
        .firmware_major = FIRMWARE_MAJOR,
        .firmware_minor = FIRMWARE_MINOR,
        .firmware_patch = FIRMWARE_PATCH,
        .cap_hash = envelope_hash(),
        .calibration_hash = calibration_hash(calibration),
        .calibration = (uint8_t)calibration_kind(calibration),
        .matched = machine->identified,
        .vibration_ceiling_permille =
            gate_round_down(calibration_vibration_ppm(calibration, REFERENCE_MHZ), FULL_PERMILLE),
        .sound_ceiling_permille =
            gate_round_down(calibration_sound_ppm(calibration), FULL_PERMILLE),
    };
}

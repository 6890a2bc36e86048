#include "fault.h"

#include "envelope.h"

enum fault_code fault_of_reset(uint8_t reset_flags)
{
    if ((reset_flags & RESET_POWER_ON) != 0) {
        return FAULT_NONE;
    }
    if ((reset_flags & RESET_WATCHDOG) != 0) {
        return FAULT_WATCHDOG;
    }
    if ((reset_flags & RESET_BROWN_OUT) != 0) {
        return FAULT_BROWN_OUT;
    }
    return FAULT_NONE;
}

void fault_init(struct fault_monitor *monitor, enum fault_code stored)
{
    *monitor = (struct fault_monitor){.code = stored};
    monitor->contactor_unproved = stored == FAULT_CONTACTOR;
}

void fault_latch(struct fault_monitor *monitor, enum fault_code code)
{
    if (monitor->code == FAULT_NONE) {
        monitor->code = code;
    }
}

static void poll_current(struct fault_monitor *monitor, const struct inputs *inputs,
                         uint32_t now_ms)
{
    monitor->over_current = inputs->current_ma > OVER_CURRENT_MA;
    if (hold_poll(&monitor->current_high, monitor->over_current, now_ms, OVER_CURRENT_MS)) {
        fault_latch(monitor, FAULT_OVER_CURRENT);
    }
}

static void poll_current_sensor(struct fault_monitor *monitor, const struct inputs *inputs,
                                uint32_t vibration_ppm, uint32_t now_ms)
{
    bool missing = vibration_ppm >= CURRENT_EXPECTED_PPM && inputs->current_ma < CURRENT_SEEN_MA;

    if (hold_poll(&monitor->current_missing, missing, now_ms, CURRENT_DEAD_MS)) {
        fault_latch(monitor, FAULT_CURRENT_SENSOR);
    }
}

static void poll_contactor(struct fault_monitor *monitor, const struct inputs *inputs,
                           const struct buttons *buttons, uint32_t now_ms)
{
    bool still_closed = buttons->estop_is_open && inputs->contactor_closed;

    if (hold_poll(&monitor->contactor_late, still_closed, now_ms, CONTACTOR_DROP_MS)) {
        monitor->contactor_unproved = true;
        fault_latch(monitor, FAULT_CONTACTOR);
    }
    if (buttons->estop_is_open && !inputs->contactor_closed) {
        monitor->contactor_unproved = false;
    }
}

void fault_poll(struct fault_monitor *monitor, const struct inputs *inputs,
                const struct buttons *buttons, uint32_t vibration_ppm, uint32_t now_ms)
{
    poll_current(monitor, inputs, now_ms);
    poll_current_sensor(monitor, inputs, vibration_ppm, now_ms);
    poll_contactor(monitor, inputs, buttons, now_ms);
}

bool fault_cause_gone(const struct fault_monitor *monitor)
{
    return !(monitor->self_test_failed || monitor->store_failed || monitor->memory_failed ||
             monitor->contactor_unproved || monitor->over_current);
}

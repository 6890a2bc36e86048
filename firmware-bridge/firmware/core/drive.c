#include "drive.h"

#include "envelope.h"

static bool is_between(uint16_t value, uint16_t lowest, uint16_t highest)
{
    return value >= lowest && value <= highest;
}

static void poll_supply(struct drive *drive, uint16_t supply_mv, uint32_t now_ms)
{
    bool wrong = !is_between(supply_mv, SUPPLY_MIN_MV, SUPPLY_MAX_MV);
    bool right = is_between(supply_mv, SUPPLY_MIN_MV + SUPPLY_HYSTERESIS_MV,
                            SUPPLY_MAX_MV - SUPPLY_HYSTERESIS_MV);

    if (hold_poll(&drive->supply_wrong, wrong, now_ms, DRIVE_LOST_MS)) {
        drive->supply_lost = true;
    }
    if (hold_poll(&drive->supply_right, right, now_ms, SUPPLY_BACK_MS)) {
        drive->supply_lost = false;
    }
}

void drive_poll(struct drive *drive, const struct inputs *inputs, const struct buttons *buttons,
                uint32_t now_ms)
{
    bool open = buttons->estop_is_closed && !inputs->contactor_closed;

    poll_supply(drive, inputs->supply_mv, now_ms);
    drive->contactor_open = hold_poll(&drive->open, open, now_ms, DRIVE_LOST_MS);
}

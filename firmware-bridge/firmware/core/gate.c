#include "gate.h"

#include <stdbool.h>

#include "envelope.h"

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a < b ? b - a : a - b;
}

static uint32_t greater(uint32_t a, uint32_t b)
{
    return a < b ? b : a;
}

void gate_init(struct gate *gate)
{
    gate_cut(gate);
    gate->vibration_mhz = VIBRATION_DHZ_MIN * MHZ_PER_DHZ;
    gate->light = (struct light){0, 0, 0};
}

void gate_cut(struct gate *gate)
{
    gate->vibration_ppm = 0;
    gate->sound_ppm = 0;
}

struct light gate_project(struct light light)
{
    light.green_ppm = lesser(light.green_ppm, FULL_PPM);
    light.blue_ppm = lesser(light.blue_ppm, FULL_PPM);

    uint32_t red_max_ppm = (light.green_ppm + light.blue_ppm) * 100u / RED_RATIO_PERCENT;

    light.red_ppm = lesser(light.red_ppm, lesser(red_max_ppm, FULL_PPM));
    return light;
}

static uint32_t approach(uint32_t level, uint32_t target, uint32_t rise, uint32_t fall)
{
    if (level < target) {
        return level + lesser(rise, target - level);
    }
    return level - lesser(fall, level - target);
}

/* A level below its ceiling, rising so that zero to ceiling takes RISE_MS. */
static uint32_t step_level(uint32_t level, uint32_t target, uint32_t ceiling, uint32_t elapsed_ms)
{
    uint32_t rise = ceiling * elapsed_ms / RISE_MS;
    uint32_t fall = FULL_PPM / FALL_MS * elapsed_ms;

    return approach(lesser(level, ceiling), lesser(target, ceiling), rise, fall);
}

/* The machine asks for nothing outside of it: only damaged memory does. */
static uint32_t in_band(uint32_t frequency_mhz)
{
    return lesser(greater(frequency_mhz, VIBRATION_DHZ_MIN * MHZ_PER_DHZ),
                  VIBRATION_DHZ_MAX * MHZ_PER_DHZ);
}

/* Nothing is heard of a change of frequency while the level is zero; else the sine glides. */
static uint32_t step_frequency(const struct gate *gate, uint32_t target_mhz, uint32_t elapsed_ms)
{
    uint32_t glide_mhz = VIBRATION_GLIDE_MHZ_PER_MS * elapsed_ms;

    if (gate->vibration_ppm == 0) {
        return in_band(target_mhz);
    }
    return approach(in_band(gate->vibration_mhz), in_band(target_mhz), glide_mhz, glide_mhz);
}

/* One channel's part of a step of `step` along a line whose longest channel is `longest` away. Red is
 * rounded down and the others up, so that the point keeps the ratio that both ends of the line have. */
static uint32_t along_line(uint32_t level, uint32_t target, uint32_t step, uint32_t longest,
                           bool round_up)
{
    uint32_t product = distance(level, target) * step;
    bool rising = level < target;
    uint32_t move = (product + (rising == round_up ? longest - 1u : 0u)) / longest;

    return rising ? level + move : level - move;
}

static struct light step_light(struct light light, struct light target, uint32_t step)
{
    uint32_t longest = greater(distance(light.red_ppm, target.red_ppm),
                               greater(distance(light.green_ppm, target.green_ppm),
                                       distance(light.blue_ppm, target.blue_ppm)));

    if (longest <= step) {
        return target;
    }
    light.red_ppm = along_line(light.red_ppm, target.red_ppm, step, longest, false);
    light.green_ppm = along_line(light.green_ppm, target.green_ppm, step, longest, true);
    light.blue_ppm = along_line(light.blue_ppm, target.blue_ppm, step, longest, true);
    return light;
}

void gate_step(struct gate *gate, const struct gate_target *target, struct calibration *calibration,
               uint32_t elapsed_ms)
{
    uint32_t step_ms = lesser(elapsed_ms, GATE_STEP_MAX_MS);
    uint32_t light_ppm = LIGHT_SLEW_PPM_PER_MS * lesser(elapsed_ms, LIGHT_STEP_MAX_MS);

    gate->vibration_mhz = step_frequency(gate, target->vibration_mhz, step_ms);
    gate->vibration_ppm =
        step_level(gate->vibration_ppm, target->vibration_ppm,
                   calibration_follow_ppm(calibration, gate->vibration_mhz), step_ms);
    gate->sound_ppm =
        step_level(gate->sound_ppm, target->sound_ppm, calibration_sound_ppm(calibration), step_ms);
    gate->light = step_light(gate_project(gate->light), gate_project(target->light), light_ppm);
}

uint16_t gate_round_down(uint32_t level_ppm, uint16_t full_scale)
{
    return (uint16_t)(level_ppm * full_scale / FULL_PPM);
}

uint16_t gate_round_up(uint32_t level_ppm, uint16_t full_scale)
{
    return (uint16_t)((level_ppm * full_scale + FULL_PPM - 1u) / FULL_PPM);
}

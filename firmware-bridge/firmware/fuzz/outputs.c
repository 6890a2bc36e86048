#include "outputs.h"

#include "check.h"
#include "envelope.h"

bool is_latched(enum state state)
{
    return state == STATE_FAULT || state == STATE_ESTOP;
}

bool is_felt(const struct gate *gate)
{
    return gate->vibration_ppm > 0 || gate->sound_ppm > 0;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a < b ? b - a : a - b;
}

static uint32_t rise(uint32_t before, uint32_t after)
{
    return after > before ? after - before : 0;
}

static void never_above_cap(const struct world *world, const struct gate *gate)
{
    const struct calibration *table = &world->chair.machine.calibration;

    CHECK(gate->vibration_mhz >= VIBRATION_DHZ_MIN * MHZ_PER_DHZ, "frequency in range");
    CHECK(gate->vibration_mhz <= VIBRATION_DHZ_MAX * MHZ_PER_DHZ, "frequency in range");
    CHECK(gate->vibration_ppm <= calibration_vibration_ppm(table, gate->vibration_mhz),
          "vibration below its ceiling");
    CHECK(gate->sound_ppm <= calibration_sound_ppm(table), "sound below its ceiling");
    CHECK(gate->light.red_ppm <= FULL_PPM && gate->light.green_ppm <= FULL_PPM &&
              gate->light.blue_ppm <= FULL_PPM,
          "light below full scale");
    CHECK((gate->light.green_ppm + gate->light.blue_ppm) * 100u >=
              gate->light.red_ppm * RED_RATIO_PERCENT,
          "green + blue >= 0.43 red");
}

static void never_faster_than_slew(const struct world *world, const struct gate *was,
                                   const struct gate *now, uint32_t elapsed_ms)
{
    const struct calibration *table = &world->chair.machine.calibration;
    uint32_t light = LIGHT_SLEW_PPM_PER_MS * lesser(elapsed_ms, LIGHT_STEP_MAX_MS);
    uint32_t ceiling = calibration_vibration_ppm(table, now->vibration_mhz);
    uint32_t fall = FULL_PPM / FALL_MS * elapsed_ms;

    CHECK(distance(was->light.red_ppm, now->light.red_ppm) <= light, "red slew");
    CHECK(distance(was->light.green_ppm, now->light.green_ppm) <= light, "green slew");
    CHECK(distance(was->light.blue_ppm, now->light.blue_ppm) <= light, "blue slew");
    CHECK(rise(was->vibration_ppm, now->vibration_ppm) <= ceiling * elapsed_ms / RISE_MS,
          "vibration rise");
    CHECK(rise(was->sound_ppm, now->sound_ppm) <=
              calibration_sound_ppm(table) * elapsed_ms / RISE_MS,
          "sound rise");
    CHECK(was->vibration_ppm == 0 || distance(was->vibration_mhz, now->vibration_mhz) <=
                                         VIBRATION_GLIDE_MHZ_PER_MS * elapsed_ms,
          "frequency glide");
    if (!is_latched(world->chair.machine.state)) {
        CHECK(rise(now->sound_ppm, was->sound_ppm) <= fall, "sound fall");
        CHECK(rise(now->vibration_ppm, lesser(was->vibration_ppm, ceiling)) <= fall,
              "vibration fall");
    }
}

static void felt_only_when_active(const struct world *world, const struct view *now)
{
    bool may_be_felt = now->state == STATE_ACTIVE || now->state == STATE_RAMPDOWN;

    CHECK(may_be_felt || !is_felt(&now->gate), "felt only in ACTIVE and RAMPDOWN");
    CHECK(chair_amplifier_enabled(&world->chair) == is_felt(&now->gate),
          "the amplifier is enabled just while something is felt");
    CHECK(now->state != STATE_BOOT || (now->gate.light.red_ppm == 0 &&
                                       now->gate.light.green_ppm == 0 &&
                                       now->gate.light.blue_ppm == 0),
          "dark in BOOT");
}

void check_outputs(const struct world *world, const struct view *was, const struct view *now,
                   uint32_t elapsed_ms)
{
    never_above_cap(world, &now->gate);
    never_faster_than_slew(world, &was->gate, &now->gate, elapsed_ms);
    felt_only_when_active(world, now);
}

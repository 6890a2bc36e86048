#include "flip.h"

#include <stddef.h>
#include <string.h>

#include "bytes.h"
#include "envelope.h"
#include "host.h"

#define STEP_MS 5u
#define DRIVEN_MS 1400u
#define AFTER_MS 1400u
#define SEND_MS 100u
#define FIRST_SEND_MS 50u /* what has flipped in the setpoint and its TTL acts until then */
#define GLIDE_MS 400u
#define ARM_ID 99u

struct scene {
    struct chair chair;
    struct calibration table; /* as it was */
    uint32_t boot_id;
    uint32_t now_ms;
    uint32_t nonce;
    uint16_t seq;
    bool leases;
    struct flip_outcome *outcome;
};

uint32_t host_size(void)
{
    return sizeof(struct chair);
}

#define PLACE(name) \
    { \
        offsetof(struct chair, name), sizeof((struct chair *)0)->name \
    }

static const struct host_place PLACES[FIELDS] = {
    [FIELD_CALIBRATION] = PLACE(machine.calibration),
    [FIELD_STATE] = PLACE(machine.state),
    [FIELD_FAULT] = PLACE(machine.fault.code),
    [FIELD_SETPOINT_DEADLINE] = PLACE(machine.setpoint_ttl.deadline_ms),
    [FIELD_LEASE_DEADLINE] = PLACE(machine.lease.alive.deadline_ms),
    [FIELD_LOCKOUT_DEADLINE] = PLACE(machine.lockout.deadline_ms),
    [FIELD_LOCKOUT_RUNNING] = PLACE(machine.lockout.running),
    [FIELD_LOCKOUT_IS_LONG] = PLACE(machine.lockout_is_long),
    [FIELD_CHILD_LATCHED] = PLACE(machine.child_latched),
    [FIELD_ESTOP_LATCHED] = PLACE(machine.estop_latched),
    [FIELD_HOUR_TOTAL] = PLACE(machine.session.active_s.total),
    [FIELD_HOUR_MINUTES] = PLACE(machine.session.minutes),
    [FIELD_HOUR_NEWEST] = PLACE(machine.session.active_s.newest),
    [FIELD_HOUR_AGE] = PLACE(machine.session.active_s.age_ms),
    [FIELD_HOUR_PART] = PLACE(machine.session.part_ms),
    [FIELD_HOUR_SEQ] = PLACE(machine.session.seq),
    [FIELD_HOUR_CLAIM] = PLACE(machine.session.claimed_s),
    [FIELD_LATCHES_FAILURES] = PLACE(latches_failures),
    [FIELD_TABLE_DUE] = PLACE(table_due),
    [FIELD_RECEIVED_SIZE] = PLACE(receiver.size),
    [FIELD_HOUR_RECORD_DUE] = PLACE(machine.session.record_due),
    [FIELD_TABLE_GENERATION] = PLACE(calibration_store.generation),
};

struct host_place host_place_of(uint32_t field)
{
    return PLACES[field];
}

static void post(struct scene *scene, uint8_t type, const uint8_t *payload, uint8_t size)
{
    uint8_t wire[FRAME_WIRE_MAX + 1] = {0}; /* a zero first, as a host sends it */
    struct frame frame = {.version = FRAME_VERSION,
                          .type = type,
                          .seq = scene->seq++,
                          .boot_id = scene->boot_id,
                          .size = size};

    memcpy(frame.payload, payload, size);
    chair_receive(&scene->chair, wire, frame_encode(&frame, wire + 1) + 1, scene->now_ms);
}

static void post_setpoint(struct scene *scene)
{
    uint16_t dhz = scene->now_ms / GLIDE_MS % 2u == 0 ? 400 : 450;
    const uint16_t fields[] = {1, dhz, 1000, 1000, 200, 200, 200, SETPOINT_TTL_MAX_MS};
    uint8_t payload[SETPOINT_SIZE];

    for (uint8_t i = 0; i < SETPOINT_SIZE / 2u; i++) {
        put_u16(payload + 2 * i, fields[i]);
    }
    post(scene, MESSAGE_SETPOINT, payload, SETPOINT_SIZE);
}

static void post_pair(struct scene *scene, uint8_t type, uint32_t first, uint32_t second)
{
    uint8_t payload[8];

    put_u32(payload, first);
    put_u32(payload + 4, second);
    post(scene, type, payload, sizeof payload);
}

static void post_stop(struct scene *scene)
{
    const uint8_t payload[STOP_SIZE] = {1, 7, 0};

    post(scene, MESSAGE_STOP, payload, STOP_SIZE);
}

static void hear(struct scene *scene)
{
    uint8_t wire[FRAME_WIRE_MAX];
    size_t size;

    while ((size = chair_transmit(&scene->chair, wire, scene->now_ms)) > 0) {
        uint32_t nonce = host_fresh_nonce(wire, size);

        if (nonce == 0) {
            continue;
        }
        scene->nonce = nonce;
        if (scene->leases) {
            post_pair(scene, MESSAGE_LEASE, nonce, lease_proof(scene->boot_id, nonce));
        }
    }
}

static bool is_over(const struct scene *scene, const struct gate *gate)
{
    const struct calibration *table = &scene->table;

    return gate->vibration_mhz < VIBRATION_DHZ_MIN * MHZ_PER_DHZ ||
           gate->vibration_mhz > VIBRATION_DHZ_MAX * MHZ_PER_DHZ ||
           gate->vibration_ppm > calibration_vibration_ppm(table, gate->vibration_mhz) ||
           gate->sound_ppm > calibration_sound_ppm(table) || gate->light.red_ppm > FULL_PPM ||
           gate->light.green_ppm > FULL_PPM || gate->light.blue_ppm > FULL_PPM ||
           (uint64_t)gate->light.red_ppm * RED_RATIO_PERCENT >
               (gate->light.green_ppm + gate->light.blue_ppm) * UINT64_C(100);
}

static void turn(struct scene *scene)
{
    const struct inputs inputs = {
        .seat_occupied = true, .contactor_closed = true, .current_ma = 150, .supply_mv = 12000};

    scene->now_ms += STEP_MS;
    chair_tick(&scene->chair, &inputs, scene->now_ms);
    if (is_over(scene, chair_gate(&scene->chair))) {
        scene->outcome->over_ms += STEP_MS;
    }
    hear(scene);
}

static void keep(struct scene *scene)
{
    struct store_write write;

    if (chair_pop_store_write(&scene->chair, &write)) {
        chair_store_written(&scene->chair, true);
    }
}

static void drive(struct scene *scene)
{
    for (uint32_t at_ms = 0; at_ms < DRIVEN_MS; at_ms += STEP_MS) {
        if (at_ms % SEND_MS == 0) {
            post_pair(scene, MESSAGE_ARM, ARM_ID, scene->nonce);
        }
        if (at_ms % SEND_MS == FIRST_SEND_MS) {
            post_setpoint(scene);
        }
        turn(scene);
        keep(scene);
    }
}

static void wait_for_quiet(struct scene *scene, bool drives)
{
    for (uint32_t at_ms = 0; at_ms < AFTER_MS; at_ms += STEP_MS) {
        if (drives && at_ms % SEND_MS == FIRST_SEND_MS) {
            post_setpoint(scene);
        }
        turn(scene);
        keep(scene);
        if (chair_amplifier_enabled(&scene->chair)) {
            scene->outcome->quiet_ms = at_ms + STEP_MS;
        }
    }
}

void host_flip(const struct chair *whole, uint32_t now_ms, uint32_t bit, uint32_t way,
               struct flip_outcome *outcome)
{
    struct scene scene = {.chair = *whole,
                          .table = whole->machine.calibration,
                          .boot_id = whole->boot_id,
                          .now_ms = now_ms,
                          .nonce = lease_nonce(&whole->machine.lease),
                          .leases = way != FLIP_UNLEASED,
                          .outcome = outcome};

    uint32_t had_s = session_budget_s(&whole->machine.session);

    *outcome = (struct flip_outcome){0};
    ((uint8_t *)&scene.chair)[bit / 8u] ^= (uint8_t)(1u << bit % 8u);
    if (way == FLIP_DRIVEN) {
        drive(&scene);
    }
    if (way == FLIP_DRIVEN || way == FLIP_STOPPED) {
        post_stop(&scene);
    }
    wait_for_quiet(&scene, way != FLIP_SILENT);
    outcome->fault = (uint32_t)scene.chair.machine.fault.code;
    uint32_t budget_s = session_budget_s(&scene.chair.machine.session);
    if (outcome->fault == FAULT_NONE && budget_s > had_s) {
        outcome->gained_s = budget_s - had_s;
    }
}

#include "acts.h"

#include <string.h>

#include "bytes.h"
#include "envelope.h"

struct world world;

uint8_t script_next(struct script *script)
{
    if (script->left == 0) {
        return 0;
    }
    script->left--;
    return *script->at++;
}

#define MAY_JUMP 0x01u /* the bit of CALIBRATE */

/* --- the host ------------------------------------------------------------------------------- */

static struct frame frame_of(uint8_t type, uint8_t size)
{
    return (struct frame){
        .version = FRAME_VERSION, .type = type, .boot_id = world.chair.boot_id, .size = size};
}

void act_identify(bool rightly)
{
    struct frame frame = frame_of(MESSAGE_IDENTIFY, IDENTIFY_SIZE);

    frame.payload[0] = FRAME_VERSION;
    frame.payload[1] = FIRMWARE_MAJOR;
    put_u32(frame.payload + 2, envelope_hash());
    put_u32(frame.payload + 6, calibration_hash(&world.chair.machine.calibration) + (rightly ? 0 : 1));
    world_send(&world, frame);
}

void act_arm(uint32_t id, uint32_t nonce)
{
    struct frame frame = frame_of(MESSAGE_ARM, ARM_SIZE);

    put_u32(frame.payload, id);
    put_u32(frame.payload + 4, nonce);
    world_send(&world, frame);
}

void act_stop(uint8_t tag, uint8_t reason)
{
    struct frame frame = frame_of(MESSAGE_STOP, STOP_SIZE);

    frame.payload[0] = reason;
    frame.payload[1] = tag;
    world_send(&world, frame);
}

static void lease(uint32_t nonce, uint32_t proof)
{
    struct frame frame = frame_of(MESSAGE_LEASE, LEASE_SIZE);

    put_u32(frame.payload, nonce);
    put_u32(frame.payload + 4, proof);
    world_send(&world, frame);
}

/* A level from a byte: 0 and 1000 are easy to hit, 1001 and more are there too. */
static uint16_t level(uint8_t byte)
{
    return (uint16_t)(byte >= 250 && byte < 254 ? 1000 : byte * 4);
}

void act_setpoint(struct script *script, bool raw)
{
    struct frame frame = frame_of(MESSAGE_SETPOINT, SETPOINT_SIZE);

    if (raw) {
        for (size_t i = 0; i < SETPOINT_SIZE; i++) {
            frame.payload[i] = script_next(script);
        }
    } else {
        put_u16(frame.payload, (uint16_t)(world.seq | 1u));
        put_u16(frame.payload + 2, (uint16_t)(300 + 2 * script_next(script)));
        for (size_t i = 4; i < 14; i += 2) {
            put_u16(frame.payload + i, level(script_next(script)));
        }
        put_u16(frame.payload + 14, (uint16_t)(script_next(script) * 4 + 1));
    }
    world_send(&world, frame);
}

static void any_frame(struct script *script)
{
    uint8_t type = script_next(script);
    uint8_t odd = script_next(script);
    struct frame frame = frame_of(type, (uint8_t)(script_next(script) % (FRAME_PAYLOAD_MAX + 1)));

    frame.boot_id += odd & 1u;
    frame.version = (uint8_t)(frame.version + (odd >> 1 & 1u));
    for (size_t i = 0; i < frame.size; i++) {
        frame.payload[i] = script_next(script);
    }
    world_send(&world, frame);
}

static void noise(struct script *script)
{
    uint8_t bytes[96];
    uint8_t size = script_next(script) % 24;
    uint8_t times = script_next(script) % 4 == 3 ? 4 : 1;
    size_t length = 0;

    for (uint8_t i = 0; i < size; i++) {
        bytes[length++] = script_next(script);
    }
    for (uint8_t i = 1; i < times; i++) {
        memcpy(bytes + i * size, bytes, size);
        length += size;
    }
    world_noise(&world, bytes, length);
}

/* A table of two to six points, from a byte each: plausible for the most part, and one in sixteen
 * simulated. */
static struct frame table_of(struct script *script)
{
    struct frame frame = frame_of(MESSAGE_CALIBRATE, CALIBRATE_SIZE);
    uint8_t *record = frame.payload + 1;
    uint8_t how = script_next(script);

    frame.payload[0] = how & MAY_JUMP;
    record[0] = how / 2 % 16 == 0 ? CALIBRATION_SIMULATED : CALIBRATION_MEASURED;
    record[1] = (uint8_t)(2 + how % 5);
    put_u16(record + 2, (uint16_t)(398 + 4 * script_next(script)));
    for (uint8_t i = 0; i < record[1]; i++) {
        uint8_t *point = record + CALIBRATION_POINTS_AT + CALIBRATION_POINT_SIZE * i;

        point[0] = (uint8_t)(30 + 50 * i / (record[1] - 1));
        put_u16(point + 1, (uint16_t)(45 + 79 * script_next(script)));
    }
    return frame;
}

static void calibrate(struct script *script)
{
    world_send(&world, table_of(script));
}

/* --- hands and hardware --------------------------------------------------------------------- */

static void set_inputs(uint8_t bits)
{
    world.inputs.estop_open = (bits & INPUT_ESTOP_OPEN) != 0;
    world.inputs.ack_pressed = (bits & INPUT_ACK_PRESSED) != 0;
    world.inputs.seat_occupied = (bits & INPUT_SEAT_OCCUPIED) != 0;
    world.inputs.contactor_closed = (bits & INPUT_CONTACTOR_CLOSED) != 0;
    world.inputs.child_button_pressed = (bits & INPUT_CHILD_BUTTON) != 0;
    world.inputs.child_second_pressed = (bits & INPUT_CHILD_SECOND) != 0;
}

/* A person lets ACK go and presses it; how long each lasts is near what counts. */
static void press_ack(uint8_t how)
{
    world.inputs.ack_pressed = false;
    world_run(&world, 4 + how % 4, 10);
    world.inputs.ack_pressed = true;
    world_run(&world, 4 + how / 4 % 4, 10);
    world.inputs.ack_pressed = how % 32 == 0;
}

/* How long the child presses is near what counts; some presses never end. */
static void press_child(uint8_t how)
{
    world.inputs.child_button_pressed = true;
    world_run(&world, 1 + how % 16, 1);
    world.inputs.child_button_pressed = how % 64 == 63;
}

/* The supply and the current sensor, near what is allowed and far from it. */
static void fail_supply(uint8_t how)
{
    static const uint16_t SUPPLIES_MV[] = {12000, 0, 8999, 9000, 9500, 14500, 14501, 65535};

    world.inputs.supply_mv = SUPPLIES_MV[how % 8];
    world.inputs.current_ma = how / 8 % 4 == 3 ? 0 : 150;
    world_run(&world, 1 + how / 32, 10);
}

/* A person agrees to a table, or nearly so. */
static void hold_ack(uint8_t how)
{
    world.inputs.seat_occupied = how % 16 == 15;
    world.inputs.ack_pressed = false;
    world_run(&world, 4 + how % 4, 20);
    world.inputs.ack_pressed = true;
    world_run(&world, 29 + how / 4 % 4, 100);
}

/* A table that is agreed to once, and once more for those that jump. */
static void agree_twice(struct script *script)
{
    struct frame frame = table_of(script);

    act_identify(true);
    hold_ack(script_next(script));
    world_send(&world, frame);
    hold_ack(script_next(script));
    frame.payload[0] |= MAY_JUMP;
    world_send(&world, frame);
}

#define HELD_LONG_ENOUGH 10u

static void run(uint8_t how)
{
    static const uint8_t STEPS_MS[] = {1, 2, 5, 10};

    world_run(&world, 1 + (how >> 2) % 16, STEPS_MS[how % 4]);
}

static void reset(uint8_t how)
{
    world_boot(&world, world.chair.boot_id + 2, how & 0x0Fu, (how & 0x30u) != 0);
}

/* A table that is taken, if the chair is SAFE, and a reset while it is being stored. */
static void calibrate_and_reset(struct script *script)
{
    act_identify(true);
    hold_ack(HELD_LONG_ENOUGH);
    calibrate(script);
    world_run(&world, script_next(script) % 8, 1);
    reset(script_next(script));
}

void act_any(struct script *script)
{
    uint32_t nonce;

    switch (script_next(script) % 24) {
    case 0:
    case 1:
        run(script_next(script));
        break;
    case 2:
        world_tick(&world, script_next(script) % 251);
        break;
    case 3:
        act_setpoint(script, false);
        break;
    case 4:
        act_setpoint(script, true);
        break;
    case 5:
        act_arm(script_next(script) % 4, witness_nonce(&world.witness, 0));
        break;
    case 6:
        nonce = witness_nonce(&world.witness, script_next(script) % WITNESS_NONCES);
        act_arm(script_next(script) % 4, nonce);
        break;
    case 7:
        nonce = witness_nonce(&world.witness, script_next(script) % WITNESS_NONCES);
        lease(nonce, lease_proof(world.chair.boot_id, nonce));
        break;
    case 8:
        nonce = witness_nonce(&world.witness, 0);
        lease(nonce, nonce ^ script_next(script));
        break;
    case 9:
        nonce = script_next(script);
        act_stop((uint8_t)nonce, nonce % 8 == 7 ? STOP_ORDER_CHILD_SEEN : 0);
        break;
    case 10:
        act_identify(script_next(script) % 4 != 0);
        break;
    case 11:
        set_inputs(script_next(script));
        break;
    case 12:
        world.inputs.current_ma = (uint16_t)(3000 + script_next(script) * 8);
        break;
    case 13:
        world.leased = script_next(script) % 4 != 0;
        break;
    case 14:
        noise(script);
        break;
    case 15:
        any_frame(script);
        break;
    case 16:
        calibrate(script);
        break;
    case 17:
        press_ack(script_next(script));
        break;
    case 18:
        agree_twice(script);
        break;
    case 19:
        world.store_is_worn = script_next(script) % 4 == 3;
        break;
    case 20:
        calibrate_and_reset(script);
        break;
    case 21:
        press_child(script_next(script));
        break;
    case 22:
        fail_supply(script_next(script));
        break;
    default:
        reset(script_next(script));
        break;
    }
}

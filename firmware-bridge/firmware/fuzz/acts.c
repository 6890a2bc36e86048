#include "acts.h"

#include "envelope.h"

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
    struct frame frame = host_table(script);

    host_identify(true);
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
    host_identify(true);
    hold_ack(HELD_LONG_ENOUGH);
    host_calibrate(script);
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
        host_setpoint(script, false);
        break;
    case 4:
        host_setpoint(script, true);
        break;
    case 5:
        host_arm(script_next(script) % 4, witness_nonce(&world.witness, 0));
        break;
    case 6:
        nonce = witness_nonce(&world.witness, script_next(script) % WITNESS_NONCES);
        host_arm(script_next(script) % 4, nonce);
        break;
    case 7:
        nonce = witness_nonce(&world.witness, script_next(script) % WITNESS_NONCES);
        host_lease(nonce, lease_proof(world.chair.boot_id, nonce));
        break;
    case 8:
        nonce = witness_nonce(&world.witness, 0);
        host_lease(nonce, nonce ^ script_next(script));
        break;
    case 9:
        nonce = script_next(script);
        host_stop((uint8_t)nonce, nonce % 8 == 7 ? STOP_ORDER_CHILD_SEEN : 0);
        break;
    case 10:
        host_identify(script_next(script) % 4 != 0);
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
        host_noise(script);
        break;
    case 15:
        host_any_frame(script);
        break;
    case 16:
        host_calibrate(script);
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

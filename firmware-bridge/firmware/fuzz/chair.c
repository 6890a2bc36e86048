/* Fuzzer of the whole core: an input is a play of what hands, host, line and hardware do.
 *
 * Its first byte chooses how it begins (a state, a calibration, a clock that soon wraps), so that no
 * input spends its length on getting there. Each act is one byte and the bytes that it takes; what
 * the chair must never do is in witness.c. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bytes.h"
#include "check.h"
#include "envelope.h"
#include "witness.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOOT_ID UINT32_C(0x1A2B3C4D)
#define TABLES 3u
#define BEGINNINGS 7u
#define ACTS_MAX 40u

static struct world world;
static struct world beginnings[TABLES][BEGINNINGS];

struct script {
    const uint8_t *at;
    size_t left;
};

static uint8_t next(struct script *script)
{
    if (script->left == 0) {
        return 0;
    }
    script->left--;
    return *script->at++;
}

/* --- the host ------------------------------------------------------------------------------- */

static struct frame frame_of(uint8_t type, uint8_t size)
{
    return (struct frame){
        .version = FRAME_VERSION, .type = type, .boot_id = world.chair.boot_id, .size = size};
}

static void identify(bool rightly)
{
    struct frame frame = frame_of(MESSAGE_IDENTIFY, IDENTIFY_SIZE);

    frame.payload[0] = FRAME_VERSION;
    frame.payload[1] = FIRMWARE_MAJOR;
    put_u32(frame.payload + 2, envelope_hash());
    put_u32(frame.payload + 6, world.chair.machine.calibration.hash + (rightly ? 0 : 1));
    world_send(&world, frame);
}

static void arm(uint32_t id, uint32_t nonce)
{
    struct frame frame = frame_of(MESSAGE_ARM, ARM_SIZE);

    put_u32(frame.payload, id);
    put_u32(frame.payload + 4, nonce);
    world_send(&world, frame);
}

static void stop(uint8_t tag)
{
    struct frame frame = frame_of(MESSAGE_STOP, STOP_SIZE);

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

static void setpoint(struct script *script, bool raw)
{
    struct frame frame = frame_of(MESSAGE_SETPOINT, SETPOINT_SIZE);

    if (raw) {
        for (size_t i = 0; i < SETPOINT_SIZE; i++) {
            frame.payload[i] = next(script);
        }
    } else {
        put_u16(frame.payload, (uint16_t)(world.seq | 1u));
        put_u16(frame.payload + 2, (uint16_t)(300 + 2 * next(script)));
        for (size_t i = 4; i < 14; i += 2) {
            put_u16(frame.payload + i, level(next(script)));
        }
        put_u16(frame.payload + 14, (uint16_t)(next(script) * 4 + 1));
    }
    world_send(&world, frame);
}

static void any_frame(struct script *script)
{
    uint8_t type = next(script);
    uint8_t odd = next(script);
    struct frame frame = frame_of(type, (uint8_t)(next(script) % (FRAME_PAYLOAD_MAX + 1)));

    frame.boot_id += odd & 1u;
    frame.version = (uint8_t)(frame.version + (odd >> 1 & 1u));
    for (size_t i = 0; i < frame.size; i++) {
        frame.payload[i] = next(script);
    }
    world_send(&world, frame);
}

static void noise(struct script *script)
{
    uint8_t bytes[96];
    uint8_t size = next(script) % 24;
    uint8_t times = next(script) % 4 == 3 ? 4 : 1;
    size_t length = 0;

    for (uint8_t i = 0; i < size; i++) {
        bytes[length++] = next(script);
    }
    for (uint8_t i = 1; i < times; i++) {
        memcpy(bytes + i * size, bytes, size);
        length += size;
    }
    world_noise(&world, bytes, length);
}

/* --- hands and hardware --------------------------------------------------------------------- */

static void set_inputs(uint8_t bits)
{
    world.inputs.estop_open = (bits & INPUT_ESTOP_OPEN) != 0;
    world.inputs.ack_pressed = (bits & INPUT_ACK_PRESSED) != 0;
    world.inputs.contactor_closed = (bits & INPUT_CONTACTOR_CLOSED) != 0;
}

static void run(uint8_t how)
{
    static const uint8_t STEPS_MS[] = {1, 2, 5, 10};

    world_run(&world, 1 + (how >> 2) % 16, STEPS_MS[how % 4]);
}

static void reset(uint8_t how)
{
    world_boot(&world, world.chair.boot_id + 2, how & 0x0Fu, (how & 0x30u) != 0);
}

static void act(struct script *script)
{
    uint32_t nonce;

    switch (next(script) % 17) {
    case 0:
    case 1:
        run(next(script));
        break;
    case 2:
        world_tick(&world, next(script) % 251);
        break;
    case 3:
        setpoint(script, false);
        break;
    case 4:
        setpoint(script, true);
        break;
    case 5:
        arm(next(script) % 4, world_nonce(&world, 0));
        break;
    case 6:
        arm(next(script) % 4, world_nonce(&world, next(script) % WITNESS_NONCES));
        break;
    case 7:
        nonce = world_nonce(&world, next(script) % WITNESS_NONCES);
        lease(nonce, lease_proof(world.chair.boot_id, nonce));
        break;
    case 8:
        nonce = world_nonce(&world, 0);
        lease(nonce, nonce ^ next(script));
        break;
    case 9:
        stop(next(script));
        break;
    case 10:
        identify(next(script) % 4 != 0);
        break;
    case 11:
        set_inputs(next(script));
        break;
    case 12:
        world.inputs.current_ma = (uint16_t)(3000 + next(script) * 8);
        break;
    case 13:
        world.leased = next(script) % 4 != 0;
        break;
    case 14:
        noise(script);
        break;
    case 15:
        any_frame(script);
        break;
    default:
        reset(next(script));
        break;
    }
}

/* --- beginnings ----------------------------------------------------------------------------- */

static const uint8_t FULL_ON[] = {50, 250, 250, 250, 0, 0, 250};

static void drive(uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        struct script script = {FULL_ON, sizeof FULL_ON};

        setpoint(&script, false);
        world_run(&world, 10, 10);
    }
}

static void put_table(uint32_t table)
{
    struct store_pair pair = store_calibration_pair();
    uint8_t record[CALIBRATION_RECORD_SIZE];

    memset(world.store, 0xFF, sizeof world.store);
    if (table == 0) {
        return;
    }
    calibration_simulated(record);
    if (table == 2) {
        record[0] = CALIBRATION_MEASURED;
        put_u16(record + 1, 5000);
        put_u16(record + 3, 700);
        put_u16(record + 13, 812);
    }
    struct store_write write = store_prepare(&pair, record);
    memcpy(world.store + write.at, write.bytes, write.size);
}

/* The seven states in their order; the clock wraps a moment after the beginning. */
static void begin(uint32_t table, uint32_t beginning)
{
    memset(&world, 0, sizeof world);
    put_table(table);
    world.inputs.contactor_closed = true;
    world.now_ms = UINT32_MAX - (beginning == STATE_BOOT ? 100u : beginning * 1000u + 3600u);
    world_boot(&world, BOOT_ID, RESET_POWER_ON, true);
    world_run(&world, 1, 0);
    if (beginning == STATE_BOOT) {
        return;
    }
    identify(true);
    world.leased = true;
    world_run(&world, 350, 10);
    if (beginning == STATE_ARMED || beginning == STATE_ACTIVE || beginning == STATE_RAMPDOWN) {
        arm(1, world_nonce(&world, 0));
    }
    if (beginning == STATE_ACTIVE || beginning == STATE_RAMPDOWN) {
        drive(55);
    }
    if (beginning == STATE_RAMPDOWN) {
        stop(1);
    } else if (beginning == STATE_FAULT) {
        world.inputs.current_ma = 5000;
        world_run(&world, 12, 1);
        world.inputs.current_ma = 150;
    } else if (beginning == STATE_ESTOP) {
        world.inputs.estop_open = true;
        world.inputs.contactor_closed = false;
        world_run(&world, 12, 1);
    }
    CHECK(world.chair.machine.state == (enum state)beginning, "every state can be reached");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    for (uint32_t table = 0; table < TABLES; table++) {
        for (uint32_t beginning = 0; beginning < BEGINNINGS; beginning++) {
            begin(table, beginning);
            beginnings[table][beginning] = world;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data, size};
    uint8_t how = next(&script);

    world = beginnings[how / BEGINNINGS % TABLES][how % BEGINNINGS];
    for (uint32_t acts = 0; acts < ACTS_MAX && script.left > 0; acts++) {
        act(&script);
    }
    world_run(&world, 4, 10);
    return 0;
}

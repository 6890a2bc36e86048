/* Fuzzer of the whole core: an input is a play of what hands, host, line and hardware do.
 *
 * Its first byte chooses how it begins (a state, a calibration, a clock that soon wraps), so that no
 * input spends its length on getting there. Each act is one byte and the bytes that it takes; what
 * the chair must never do is in invariants.c. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "acts.h"
#include "bytes.h"
#include "check.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOOT_ID UINT32_C(0x1A2B3C4D)
#define TABLES 3u
#define BEGINNINGS 7u
#define ACTS_MAX 40u

static struct world beginnings[TABLES][BEGINNINGS];

/* --- beginnings ----------------------------------------------------------------------------- */

static const uint8_t FULL_ON[] = {50, 250, 250, 250, 0, 0, 250};

static void drive(uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        struct script script = {FULL_ON, sizeof FULL_ON};

        host_setpoint(&script, false);
        world_run(&world, 10, 10);
    }
}

static void put_table(uint32_t table)
{
    struct store_pair pair = {.second_is_newest = true};
    uint8_t record[CALIBRATION_RECORD_SIZE];

    memset(world.store, 0xFF, sizeof world.store);
    if (table == 0) {
        return;
    }
    calibration_simulated(record);
    if (table == 2) {
        record[0] = CALIBRATION_MEASURED;
        put_u16(record + 2, 812);
        put_u16(record + CALIBRATION_POINTS_AT + 1, 5000);
        put_u16(record + CALIBRATION_POINTS_AT + CALIBRATION_POINT_SIZE + 1, 700);
    }
    struct store_write write = store_prepare(&STORE_CALIBRATION, &pair, record);
    memcpy(world.store + write.at, write.bytes, write.size);
}

/* The seven states in their order; the clock wraps a moment after the beginning. */
static void begin(uint32_t table, uint32_t beginning)
{
    memset(&world, 0, sizeof world);
    put_table(table);
    world.inputs.contactor_closed = true;
    world.inputs.supply_mv = 12000;
    world.inputs.current_ma = 150;
    world.now_ms = UINT32_MAX - (beginning == STATE_BOOT ? 100u : beginning * 1000u + 3600u);
    world_boot(&world, BOOT_ID, RESET_POWER_ON, true);
    world.kept_hash = calibration_hash(&world.chair.machine.calibration);
    world.kept_is_known = true;
    world.hour_is_known = true;
    world_run(&world, 1, 0);
    if (beginning == STATE_BOOT) {
        return;
    }
    host_identify(true);
    world.leased = true;
    world_run(&world, 350, 10);
    if (beginning == STATE_ARMED || beginning == STATE_ACTIVE || beginning == STATE_RAMPDOWN) {
        host_arm(1, witness_nonce(&world.witness, 0));
    }
    if (beginning == STATE_ACTIVE || beginning == STATE_RAMPDOWN) {
        drive(55);
    }
    if (beginning == STATE_RAMPDOWN) {
        host_stop(1, 0);
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
    uint8_t how = script_next(&script);

    world = beginnings[how / BEGINNINGS % TABLES][how % BEGINNINGS];
    for (uint32_t acts = 0; acts < ACTS_MAX && script.left > 0; acts++) {
        act_any(&script);
    }
    world_run(&world, 4, 10);
    return 0;
}

#include "memory.h"

#include "envelope.h"

static bool is_latched(const struct machine *machine)
{
    return machine->fault.code != FAULT_NONE || machine->estop_latched;
}

/* One that exists, and FAULT and ESTOP with what keeps them. */
static bool state_is_sound(const struct machine *machine)
{
    return machine->fault.code <= FAULT_LAST &&
           (machine->state < STATE_FAULT || (machine->state <= STATE_ESTOP && is_latched(machine)));
}

/* An unknown code gives way to the one that is known. */
static void fail(struct machine *machine)
{
    if (machine->fault.code > FAULT_LAST) {
        machine->fault.code = FAULT_NONE;
    }
    machine->fault.memory_failed = true;
    fault_latch(&machine->fault, FAULT_MEMORY);
}

static bool judge(struct machine *machine, bool kept)
{
    if (!kept) {
        fail(machine);
    }
    return kept;
}

static uint8_t held_check_of(const struct machine *machine)
{
    return (uint8_t) ~(timer_check(&machine->lockout) ^ machine->child_latched ^
                       machine->estop_latched ^ machine->lockout_is_long);
}

void memory_seal(struct machine *machine)
{
    machine->held_check = held_check_of(machine);
}

/* What is looked at on every tick. */
static bool what_acts_now_is_kept(const struct machine *machine)
{
    return state_is_sound(machine) && calibration_followed_is_kept(&machine->calibration) &&
           machine->held_check == held_check_of(machine) &&
           session_clock_is_kept(&machine->session);
}

bool memory_prove(struct machine *machine)
{
    machine->unproved_ms = 0;
    return judge(machine, what_acts_now_is_kept(machine) &&
                              calibration_record_is_kept(&machine->calibration) &&
                              session_total_is_kept(&machine->session));
}

void memory_poll(struct machine *machine, uint16_t elapsed_ms)
{
    machine->unproved_ms = (uint16_t)(machine->unproved_ms + elapsed_ms);
    if (machine->unproved_ms >= MEMORY_PROOF_MS) {
        (void)memory_prove(machine);
    } else {
        (void)judge(machine, what_acts_now_is_kept(machine));
    }
}

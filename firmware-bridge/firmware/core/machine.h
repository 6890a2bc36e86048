/* The chair's states: who may do what, when everything ends, and what each state puts out.
 *
 * It decides alone. Nothing that arrives over the link can lengthen a lease, raise a cap, shorten a
 * lockout, or leave FAULT or ESTOP. */
#ifndef CALMLOOP_MACHINE_H
#define CALMLOOP_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "calibration.h"
#include "drive.h"
#include "fault.h"
#include "gate.h"
#include "inputs.h"
#include "latches.h"
#include "lease.h"
#include "protocol.h"
#include "session.h"
#include "timer.h"

/* Bad frames in a second, bad setpoints in ten: ten buckets, and one that is filling. */
#define WINDOW_BUCKETS 11u
extern const struct window_shape BAD_FRAME_WINDOW;
extern const struct window_shape BAD_SETPOINT_WINDOW;

/* A person who holds ACK agrees to a new calibration. */
struct agreement {
    bool may_begin;        /* ACK was seen released, in SAFE and with nobody in the chair */
    struct hold given;     /* ... and has been held since */
    uint32_t refused_hash; /* of the table that was agreed to and refused since it jumps; 0: none */
};

struct machine {
    enum state state;
    enum stop_reason stop_reason;
    uint32_t boot_ms;
    uint32_t last_tick_ms;
    uint16_t unproved_ms; /* since all of the calibration was last proved */
    struct timer dark;
    struct timer lockout;
    struct timer setpoint_ttl;
    struct timer armed_wait;
    struct agreement agreement;
    bool identified;
    bool estop_latched;
    bool child_latched;   /* the child has pressed its button, and the host has not seen it yet */
    bool lockout_is_long; /* the lockout that runs follows a fault */
    uint8_t held_check;   /* of the lockout and of what is latched */
    uint16_t stop_tag;
    uint16_t applied_tag;
    uint32_t arm_id;
    struct setpoint setpoint;
    struct inputs inputs;
    struct buttons buttons;
    struct fault_monitor fault;
    struct drive drive;
    struct lease lease;
    struct session session;
    struct calibration calibration;
    struct gate gate;
    struct window bad_frames;
    struct window bad_setpoints;
    uint8_t bad_frame_buckets[WINDOW_BUCKETS];
    uint8_t bad_setpoint_buckets[WINDOW_BUCKETS];
};

/* What the machine begins with, without a calibration. */
struct machine_start {
    uint32_t boot_id;
    uint32_t entropy;       /* that no earlier boot had: for the nonces */
    struct latches latches; /* kept through the reset, and what the reset itself means */
};

/* Begin in BOOT, locked out: what was owed before the reset is owed in full. */
void machine_init(struct machine *machine, const struct machine_start *start, uint32_t now_ms);

/* Let time pass, look at the inputs, decide, and move the outputs. At least every 10 ms, and before
 * anything that was received at the same time is handed over. */
void machine_tick(struct machine *machine, const struct inputs *inputs, uint32_t now_ms);

/* The host has shown that it knows this chair, or something else. */
void machine_identify(struct machine *machine, bool matched);

/* What an ARM would be told now, were its nonce fresh. */
enum arm_result machine_arm_block(const struct machine *machine, uint32_t now_ms);

/* Take an ARM. The same id again, while ARMED or ACTIVE by it, is ARM_OK and changes nothing; after
 * that the id is spent. */
enum arm_result machine_arm(struct machine *machine, const struct arm *arm, uint32_t now_ms);

/* Take a setpoint; false when it was refused. Outside the coded range it counts towards a fault. */
bool machine_setpoint(struct machine *machine, const struct setpoint *setpoint, uint32_t now_ms);

/* Take a lease; false when it was refused. */
bool machine_lease(struct machine *machine, const struct lease_answer *answer, uint32_t now_ms);

/* What a reset must not undo. */
struct latches machine_latches(const struct machine *machine);

/* The host has seen the child's press, and answers for it. A press that lasts is latched again. */
void machine_child_seen(struct machine *machine);

/* The store did not keep a latch or a minute, and that is a fault; `ever`: nor will it. */
void machine_lose_store(struct machine *machine, bool ever);

/* Take a STOP: never refused, in no state. */
void machine_stop(struct machine *machine, const struct stop *stop, uint32_t now_ms);

/* Take a table, in force at once, for which ACK is held. The host has to identify itself anew. The
 * table that is in force already is CALIBRATE_OK and changes nothing. One that jumps is refused the first
 * time that it is agreed to, and with `may_jump` taken the second time. */
enum calibrate_result machine_calibrate(struct machine *machine, const struct calibration *table,
                                        bool may_jump);

/* The table in force could not be kept: none is, and that is a fault. */
void machine_lose_calibration(struct machine *machine);

/* Count a frame that could not be read. */
void machine_bad_frame(struct machine *machine);

/* Vibration or sound is more than zero: the amplifier may be enabled. */
bool machine_amplifier_enabled(const struct machine *machine);

#endif

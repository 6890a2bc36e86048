/* The chair as its hardware sees it: bytes and inputs go in, outputs, frames and store writes come out.
 *
 * On every turn the hardware calls chair_tick, applies chair_gate, hands over what it received, and
 * sends and stores what it is given. Nothing here knows a register, a file or a clock. */
#ifndef CALMLOOP_CHAIR_H
#define CALMLOOP_CHAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "machine.h"
#include "store.h"

/* What is known when the chair comes out of reset. */
struct chair_boot {
    uint32_t boot_id;    /* another one after each reset, never 0 */
    uint8_t reset_flags; /* RESET_... */
    bool self_test_ok;
    bool boot_id_kept; /* the counter behind boot_id reads back: the next boot has another one */
    uint32_t entropy;  /* as good as the hardware has it: no earlier boot had the same */
    uint8_t serial[SERIAL_SIZE];
    const uint8_t *store; /* as it is now, up to the calibration at least */
};

enum chair_record { RECORD_NONE, RECORD_LATCHES, RECORD_TABLE, RECORD_MINUTE };

struct chair {
    struct machine machine;
    struct frame_receiver receiver;
    uint32_t boot_id;
    uint8_t serial[SERIAL_SIZE];
    struct store_pair latches_store;
    uint8_t stored_latches;    /* as they were last given to the hardware */
    uint8_t latches_failures;  /* of their writes, one after the other */
    bool latches_due;          /* though they have not changed: to prove the store */
    bool latches_proved;       /* since the reset */
    enum chair_record storing; /* by the hardware, which is storing it */
    struct store_pair calibration_store;
    uint16_t table_seq; /* of the CALIBRATE that brought it */
    bool table_due;     /* the one in force is to be stored */
    uint16_t seq;
    uint16_t bad_frames;
    uint16_t refused;
    struct timer status_period;
    struct timer status_quiet;
    bool status_due;
    bool nonce_due;
    bool identity_due;
    bool ack_due;
    struct ack ack;
    enum state reported_state;
    uint16_t reported_tag;
};

void chair_init(struct chair *chair, const struct chair_boot *boot, uint32_t now_ms);

/* The record of minute `step` % STORE_MINUTES as the store has it behind STORE_HOUR_AT: before the first tick,
 * with each step below SESSION_RESTORE_STEPS in turn. */
void chair_restore_minute(struct chair *chair, uint8_t step,
                          const uint8_t record[STORE_MINUTE_SIZE]);

/* The two slots of the calibration, after chair_init and before the first tick. A table of kind simulated
 * is as good as a damaged one unless the chair is `simulated` itself. */
void chair_restore_calibration(struct chair *chair, const uint8_t slots[STORE_CALIBRATION_SIZE],
                               bool simulated);

/* One turn. At least every 10 ms; with a given `now_ms`, before chair_receive. */
void chair_tick(struct chair *chair, const struct inputs *inputs, uint32_t now_ms);

/* Take bytes from the link. */
void chair_receive(struct chair *chair, const uint8_t *bytes, size_t size, uint32_t now_ms);

/* The next frame to send, as wire bytes. Returns its size, 0 when none is waiting. */
size_t chair_transmit(struct chair *chair, uint8_t wire[FRAME_WIRE_MAX], uint32_t now_ms);

/* The outputs to apply now. The amplifier comes first when it is to be disabled. */
const struct gate *chair_gate(const struct chair *chair);
bool chair_amplifier_enabled(const struct chair *chair);

/* Something is to be stored: true once for each write. Ask when the write before has ended. At each
 * start the latches are written whatever they are, which proves the store. */
bool chair_pop_store_write(struct chair *chair, struct store_write *write);

/* The last write has ended; `good`: it reads back as it was given. */
void chair_store_written(struct chair *chair, bool good);

/* What the reset meant is stored: the hardware may forget its flags. */
bool chair_reset_is_kept(const struct chair *chair);

#endif

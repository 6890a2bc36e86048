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
    uint8_t serial[SERIAL_SIZE];
    const uint8_t *store; /* STORE_SIZE bytes as they are now */
};

struct chair {
    struct machine machine;
    struct frame_receiver receiver;
    uint32_t boot_id;
    uint8_t serial[SERIAL_SIZE];
    struct store_pair fault_store;
    enum fault_code stored_fault;
    struct store_pair calibration_store;
    uint8_t table[CALIBRATION_RECORD_SIZE]; /* in force, and to be stored */
    uint16_t table_seq;                     /* of the CALIBRATE that brought it */
    bool table_due;
    bool table_taken; /* by the hardware, which is storing it */
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

/* One turn. At least every 10 ms; with a given `now_ms`, before chair_receive. */
void chair_tick(struct chair *chair, const struct inputs *inputs, uint32_t now_ms);

/* Take bytes from the link. */
void chair_receive(struct chair *chair, const uint8_t *bytes, size_t size, uint32_t now_ms);

/* The next frame to send, as wire bytes. Returns its size, 0 when none is waiting. */
size_t chair_transmit(struct chair *chair, uint8_t wire[FRAME_WIRE_MAX], uint32_t now_ms);

/* The outputs to apply now. The amplifier comes first when it is to be disabled. */
const struct gate *chair_gate(const struct chair *chair);
bool chair_amplifier_enabled(const struct chair *chair);

/* Fault code or calibration has changed and is to be stored: true once for each change. Ask when the
 * write taken before has ended. */
bool chair_take_store_write(struct chair *chair, struct store_write *write);

/* The write taken last has ended; `good`: it reads back as it was given. */
void chair_store_written(struct chair *chair, bool good);

#endif

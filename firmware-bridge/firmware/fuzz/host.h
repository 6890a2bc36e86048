/* What a host sends, and what the line makes of it, read from an input's bytes. */
#ifndef CALMLOOP_FUZZ_HOST_H
#define CALMLOOP_FUZZ_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "world.h"

#define MAY_JUMP 0x01u /* the bit of CALIBRATE */

/* The one on stage. */
extern struct world world;

/* What is left of an input. */
struct script {
    const uint8_t *at;
    size_t left;
};

/* Its next byte; 0 at the end. */
uint8_t script_next(struct script *script);

void host_identify(bool rightly);
void host_arm(uint32_t id, uint32_t nonce);
void host_stop(uint8_t tag, uint8_t reason);
void host_lease(uint32_t nonce, uint32_t proof);
void host_setpoint(struct script *script, bool raw);

/* A table of two to six points, from a byte each: plausible for the most part, and one in sixteen
 * simulated. */
struct frame host_table(struct script *script);
void host_calibrate(struct script *script);

/* A whole frame of any type, and bytes that are none. */
void host_any_frame(struct script *script);
void host_noise(struct script *script);

#endif

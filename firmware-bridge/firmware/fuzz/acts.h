/* What a play is made of: acts of people, host, line and hardware, read from an input's bytes. */
#ifndef CALMLOOP_FUZZ_ACTS_H
#define CALMLOOP_FUZZ_ACTS_H

#include <stddef.h>
#include <stdint.h>

#include "world.h"

/* The one on stage. */
extern struct world world;

/* What is left of an input. */
struct script {
    const uint8_t *at;
    size_t left;
};

/* Its next byte; 0 at the end. */
uint8_t script_next(struct script *script);

/* Whatever the next byte says. */
void act_any(struct script *script);

/* What the beginnings need as well. */
void act_identify(bool rightly);
void act_arm(uint32_t id, uint32_t nonce);
void act_stop(uint8_t tag, uint8_t reason);
void act_setpoint(struct script *script, bool raw);

#endif

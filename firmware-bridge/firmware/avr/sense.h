/* The inputs: switches, the contactor's mirror contact, and current and supply from the ADC. */
#ifndef CALMLOOP_SENSE_H
#define CALMLOOP_SENSE_H

#include <stdbool.h>

#include "inputs.h"

/* Start the ADC, and convert both channels and its own reference once. False: the reference reads
 * wrong, so neither the ADC nor its supply can be trusted. Takes 0.5 ms. */
bool sense_init(void);

/* Mix what is never quite still, the last bits of temperature, current and supply, into a running CRC-32C.
 * Before sense_init. Takes 2.5 ms. */
uint32_t sense_noise(uint32_t running);

/* Read everything. Starts one conversion a call; call on every turn. */
void sense_poll(struct inputs *inputs);

/* Both channels have been converted within the last 10 calls. */
bool sense_is_fresh(void);

#endif

/* The chair's inputs, as the hardware reads them and as the core believes them after filtering. */
#ifndef CALMLOOP_INPUTS_H
#define CALMLOOP_INPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "timer.h"

/* Raw readings of one tick. */
struct inputs {
    bool estop_open; /* the red button is pressed, or its wire is cut */
    bool ack_pressed;
    bool seat_occupied;
    bool enclosure_open;
    bool child_button_pressed;
    bool contactor_closed; /* read back from the contactor itself */
    uint16_t current_ma;   /* of the drivers */
    uint16_t supply_mv;
};

/* Bits of STATUS. */
#define INPUT_ESTOP_OPEN 0x01u
#define INPUT_ACK_PRESSED 0x02u
#define INPUT_SEAT_OCCUPIED 0x04u
#define INPUT_ENCLOSURE_OPEN 0x08u
#define INPUT_CHILD_BUTTON 0x10u
#define INPUT_CONTACTOR_CLOSED 0x20u

uint8_t inputs_bits(const struct inputs *inputs);

/* The red button and ACK, debounced. */
struct buttons {
    struct hold estop_open;
    struct hold estop_closed;
    struct hold ack_released;
    struct hold ack_pressed;
    bool ack_ready; /* was seen released since it last counted */
    bool estop_is_open;
    bool estop_is_closed;
    bool acknowledged; /* in this tick: pressed for 50 ms after a release */
};

void buttons_init(struct buttons *buttons);
void buttons_poll(struct buttons *buttons, const struct inputs *inputs, uint32_t now_ms);

#endif

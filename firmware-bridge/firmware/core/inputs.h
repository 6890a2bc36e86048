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
    bool child_second_pressed; /* the child's second button */
    bool contactor_closed;     /* read back from the contactor itself */
    uint16_t current_ma;       /* of the drivers */
    uint16_t supply_mv;
};

/* INPUT_... bits, as STATUS carries them. */
uint8_t inputs_bits(const struct inputs *inputs);

/* The red button, ACK and the child's button, debounced. */
struct buttons {
    uint32_t polled_ms;
    uint8_t estop_level; /* of a leaky counter, in quarters of a millisecond */
    bool estop_was_open;
    struct hold estop_closed;
    struct hold ack_released;
    struct hold ack_pressed;
    bool ack_ready; /* was seen released since it last counted */
    bool estop_is_open;
    bool estop_is_closed;
    bool acknowledged;          /* in this tick: pressed for 50 ms after a release */
    uint32_t child_released_ms; /* when the child's button was last seen released */
    bool child_is_pressed;      /* long enough to count */
};

void buttons_init(struct buttons *buttons, uint32_t now_ms);

/* Poll on every tick. Taps of the red button add up: a wire that chatters is open within 50 ms. */
void buttons_poll(struct buttons *buttons, const struct inputs *inputs, uint32_t now_ms);

#endif

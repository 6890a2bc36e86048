/* What the chair's wires bring to the chip: buttons, switches, contactor, current and supply. */
#ifndef CALMLOOP_BOARD_H
#define CALMLOOP_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "bench.h"
#include "chip.h"

struct board {
    struct chip *chip;
    struct bench bench;       /* as hands and hardware set it */
    uint64_t contactor_cycle; /* when the contactor follows its coil */
};

/* Someone sits in the chair, everything is closed and released. */
void board_init(struct board *board, struct chip *chip);

/* Put the inputs on the pins: after a change, and after power came. */
void board_apply(struct board *board);

/* The contactor takes 15 ms to follow the red button. */
void board_poll(struct board *board);

#endif

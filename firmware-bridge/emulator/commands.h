/* What hands, accidents and instruments would do to the emulated chair, as lines on the control socket.
 *
 * What hands do, as in firmware/posix/bench.h, and beyond it:
 *
 *   power cut-write N      the power goes in the middle of the Nth EEPROM byte from now; 0: it stays
 *   loop hang              the main loop's turn becomes a jump to itself, until the next reset
 *   register ADDRESS VALUE an upset: a register (by data address) changes as if written
 *   tick stop              Timer1 stands still, until the next reset
 *   eeprom wear            what is written to it from here on does not stay
 *   usb unplug             the serial port vanishes
 *   usb PATH               it comes back under this name
 *   peek SYMBOL OFFSET SIZE    bytes of memory, as hex
 *   poke SYMBOL OFFSET HEX     and written
 *   step MS HEX            with --stepped: 1 to 20 ms pass, in which the chip is sent these bytes ("-": none);
 *                          answers with the cycle reached and what the chip sent (and is itself no event)
 *   figures                what was measured so far, as JSON
 *   figures clear          the chip's are measured anew from here */
#ifndef CALMLOOP_COMMANDS_H
#define CALMLOOP_COMMANDS_H

#include <stddef.h>

#include "board.h"
#include "chip.h"
#include "control.h"
#include "line.h"
#include "pace.h"

#define STEP_MAX_MS 20

/* What the lines act on. */
struct commands {
    struct chip *chip;
    struct board *board;
    struct line *line;
    struct pace *pace;
    char usb_path[CONTROL_LINE];
    void (*pass_ms)(void *context); /* NULL: time passes by itself */
    void *context;
};

/* A control_handler, whose context is a struct commands. */
const char *commands_carry_out(void *context, const char *line, char more[CONTROL_ANSWER]);

/* What was measured so far, as JSON. */
void commands_figures(const struct commands *commands, char *text, size_t size);

#endif

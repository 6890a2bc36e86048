/* What hands, accidents and a bench would do to the chair, as lines of text on a Unix socket.
 *
 * As the simulated chair (firmware/posix/control.h):
 *
 *   estop press|release    ack press|release    child press|release
 *   child2 press|release   seat on|off           enclosure open|closed
 *   contactor weld|drop|free
 *   current MILLIAMPERES   supply MILLIVOLTS
 *   power off|on|cycle     reset watchdog|brown-out|external
 *
 * and beyond it:
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
 *   figures clear          the chip's are measured anew from here
 *
 * Each line is answered by "ok", with what was asked for behind it, or by "error: ...". */
#ifndef CALMLOOP_CONTROL_H
#define CALMLOOP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "board.h"
#include "chip.h"
#include "line.h"
#include "pace.h"

#define CONTROL_CLIENTS 4
#define CONTROL_LINE 1024
#define CONTROL_ANSWER 1024
#define STEP_MAX_MS 20

struct control_client {
    int fd;
    size_t held;
    char line[CONTROL_LINE];
};

struct control {
    int listener; /* -1: nobody can reach the bench */
    const char *path;
    struct control_client clients[CONTROL_CLIENTS];
    struct chip *chip;
    struct board *board;
    struct line *line;
    struct pace *pace;
    char usb_path[CONTROL_LINE];
    void (*pass_ms)(void *context); /* NULL: time passes by itself */
    void *context;
};

void control_init(struct control *control, struct chip *chip, struct board *board,
                  struct line *line, struct pace *pace);

/* Listen at `path`, replacing an older socket. False: errno says why. */
bool control_open(struct control *control, const char *path);

/* Return when there is something to take, or after a while. */
void control_wait(const struct control *control);

/* Take connections and lines. */
void control_poll(struct control *control);

void control_close(struct control *control);

/* What was measured so far, as JSON. */
void control_figures(const struct control *control, char *text, size_t size);

#endif

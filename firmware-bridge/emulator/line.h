/* The serial line: the chip's UART on one side; on the other a pty or, when the emulator is stepped, the
 * bytes that come with each step. */
#ifndef CALMLOOP_LINE_H
#define CALMLOOP_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chip.h"
#include "port.h"

#define LINE_STEP_BYTES 480u /* 20 ms of the line, either way */

struct line {
    struct chip *chip;
    struct port port;
    bool plugged;
    size_t sent;
    uint8_t sending[512];
    size_t given;
    uint8_t giving[LINE_STEP_BYTES];
};

void line_init(struct line *line, struct chip *chip);

/* Pull the cable; put it back under another name. False: errno says why. */
void line_unplug(struct line *line);
bool line_plug(struct line *line, const char *link_path);

/* Once a slice of 1 ms: bytes to the chip, at most as many as the line carries, and from it. Returns
 * true when a client has just opened the port. */
bool line_poll(struct line *line);

/* The same without a port: a slice of 1 ms begins. */
void line_poll_stepped(struct line *line);

/* Without a port: bytes for the chip, which it gets as fast as the line carries them. False: there are
 * too many. */
bool line_give(struct line *line, const uint8_t *bytes, size_t size);

/* Without a port: what the chip has sent since the last call, at most LINE_STEP_BYTES. */
size_t line_take(struct line *line, uint8_t bytes[LINE_STEP_BYTES]);

#endif

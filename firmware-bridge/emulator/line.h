/* The serial line: the chip's UART on one side, a pty or TCP port on the other. */
#ifndef CALMLOOP_LINE_H
#define CALMLOOP_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chip.h"
#include "port.h"

struct line {
    struct chip *chip;
    struct port port;
    bool plugged;
    size_t sent;
    uint8_t sending[512];
};

void line_init(struct line *line, struct chip *chip);

/* Pull the cable; put it back under another name. False: errno says why. */
void line_unplug(struct line *line);
bool line_plug(struct line *line, const char *link_path);

/* Once a slice of 1 ms: bytes to the chip, at most as many as the line carries, and from it. Returns
 * true when a client has just opened the port. */
bool line_poll(struct line *line);

#endif

/* Lines of text on a Unix socket, each answered: by "ok", with what was asked for behind it, once it has
 * taken effect, or by "error: ...". What the lines are is their owner's: bench.h, emulator/commands.h. */
#ifndef CALMLOOP_CONTROL_H
#define CALMLOOP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#define CONTROL_CLIENTS 4
#define CONTROL_LINE 1024
#define CONTROL_ANSWER 1024

/* Carries out one line. NULL when it was done, with an answer (or nothing) in `more`; else what was wrong
 * with it. */
typedef const char *control_handler(void *context, const char *line, char more[CONTROL_ANSWER]);

struct control_client {
    int fd;
    size_t held;
    char line[CONTROL_LINE];
};

struct control {
    int listener; /* -1: nobody can reach it */
    const char *path;
    control_handler *handler;
    void *context;
    struct control_client clients[CONTROL_CLIENTS];
};

void control_init(struct control *control, control_handler *handler, void *context);

/* Listen at `path`, replacing an older socket. False: errno says why. */
bool control_open(struct control *control, const char *path);

/* Return when there is something to receive, or after a while. */
void control_wait(const struct control *control);

/* Accept connections, and carry out the lines that have come. */
void control_poll(struct control *control);

void control_close(struct control *control);

#endif

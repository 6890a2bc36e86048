/* What the simulated chair is started with. */
#ifndef CALMLOOP_OPTIONS_H
#define CALMLOOP_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *pty;
    const char *tcp;
    const char *trace;
    const char *store;
    const char *control;
    const char *serial;
    bool reset_on_open;
    bool uncalibrated;
};

/* False: an option is unknown or missing. */
bool options_read(struct options *options, int argc, char **argv);

void options_print_usage(void);

#endif

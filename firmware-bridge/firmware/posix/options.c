#define _GNU_SOURCE
#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

void options_print_usage(void)
{
    fputs("usage: calmloop-chair (--pty LINK_PATH | --tcp HOST:PORT) [--trace FILE]\n"
          "                      [--store FILE] [--control SOCKET] [--serial TEXT]\n"
          "                      [--reset-on-open] [--uncalibrated]\n",
          stderr);
}

bool options_read(struct options *options, int argc, char **argv)
{
    enum { PTY, TCP, TRACE, STORE, CONTROL, SERIAL, RESET, UNCALIBRATED };
    static const struct option LONG[] = {
        {"pty", required_argument, NULL, PTY},
        {"tcp", required_argument, NULL, TCP},
        {"trace", required_argument, NULL, TRACE},
        {"store", required_argument, NULL, STORE},
        {"control", required_argument, NULL, CONTROL},
        {"serial", required_argument, NULL, SERIAL},
        {"reset-on-open", no_argument, NULL, RESET},
        {"uncalibrated", no_argument, NULL, UNCALIBRATED},
        {NULL, 0, NULL, 0},
    };
    const char **texts[] = {&options->pty,   &options->tcp,     &options->trace,
                            &options->store, &options->control, &options->serial};
    int found;

    *options = (struct options){.serial = "POSIX-CHAIR"};
    while ((found = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        if (found == '?') {
            return false;
        }
        if (found <= SERIAL) {
            *texts[found] = optarg;
        }
        options->reset_on_open = options->reset_on_open || found == RESET;
        options->uncalibrated = options->uncalibrated || found == UNCALIBRATED;
    }
    return (options->pty == NULL) != (options->tcp == NULL) && optind == argc;
}

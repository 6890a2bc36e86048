/* The chair's emulator: the release firmware on an emulated ATmega328P, in real time. */
#define _GNU_SOURCE
#include <avr_eeprom.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "board.h"
#include "chip.h"
#include "commands.h"
#include "control.h"
#include "eeprom.h"
#include "line.h"
#include "outputs.h"
#include "pace.h"
#include "record.h"
#include "store.h"

#include "avr/eeprom.h"

#define SLICE_CYCLES CYCLES_PER_MS
#define ERASED 0xFFu
#define PRIORITY (-10)

struct options {
    const char *firmware;
    const char *pty;
    const char *control;
    const char *store;
    const char *events;
    const char *trace;
    const char *samples;
    const char *bytes;
    const char *seed;
    bool reset_on_open;
    bool uncalibrated;
    bool unpowered;
    bool stepped;
};

struct emulator {
    struct options options;
    struct image image;
    struct pace pace;
    struct record record;
    struct chip chip;
    struct outputs outputs;
    struct board board;
    struct line line;
    struct commands commands;
    struct control control;
    uint64_t cycle; /* at which the next slice begins */
};

static volatile sig_atomic_t ending;

static void end(int signal_number)
{
    (void)signal_number;
    ending = 1;
}

static void at_reset(void *context)
{
    struct emulator *emulator = context;

    outputs_float(&emulator->outputs);
    board_apply(&emulator->board);
}

static void program(struct emulator *emulator, uint8_t *bytes, uint16_t at, uint8_t size)
{
    avr_eeprom_desc_t slot = {.ee = bytes, .offset = at, .size = size};

    avr_ioctl(emulator->chip.avr, AVR_IOCTL_EEPROM_SET, &slot);
    eeprom_note(&emulator->chip);
}

/* What a person does to a new chip with a programmer and instruments: a serial number, and a measured
 * calibration, here with the numbers of a simulated chair. A real chip takes none of kind simulated. */
static void commission(struct emulator *emulator)
{
    static uint8_t serial[SERIAL_SIZE] = "EMULATED-CHAIR";
    uint8_t image[STORE_IMAGE_SIZE];
    avr_eeprom_desc_t used = {.ee = image, .offset = 0, .size = STORE_IMAGE_SIZE};
    struct store_pair pair;
    uint8_t record[CALIBRATION_RECORD_SIZE];

    avr_ioctl(emulator->chip.avr, AVR_IOCTL_EEPROM_GET, &used);
    if (image[EEPROM_SERIAL_AT] == ERASED) {
        program(emulator, serial, EEPROM_SERIAL_AT, SERIAL_SIZE);
    }
    enum store_result found =
        store_read(&STORE_CALIBRATION, &pair, image + STORE_CALIBRATION_AT, record);
    if (found == STORE_BLANK && !emulator->options.uncalibrated) {
        calibration_simulated(record);
        record[0] = CALIBRATION_MEASURED;
        struct store_write write = store_prepare(&STORE_CALIBRATION, &pair, record);
        program(emulator, write.bytes, write.at, write.size);
    }
}

static void run_slice(struct emulator *emulator)
{
    board_poll(&emulator->board);
    emulator->cycle += SLICE_CYCLES;
    chip_run(&emulator->chip, emulator->cycle);
    outputs_poll(&emulator->outputs);
}

static void pass_ms(void *context)
{
    struct emulator *emulator = context;

    line_poll_stepped(&emulator->line);
    run_slice(emulator);
}

static bool set_up(struct emulator *emulator)
{
    const struct options *options = &emulator->options;
    uint32_t seed = options->seed == NULL ? 1u : (uint32_t)strtoul(options->seed, NULL, 0);

    emulator->record = (struct record){.events = record_open(options->events),
                                       .trace = record_open(options->trace),
                                       .samples = record_open(options->samples),
                                       .bytes = record_open(options->bytes),
                                       .pace = &emulator->pace};
    if (!image_read(&emulator->image, options->firmware) ||
        !chip_init(&emulator->chip, &emulator->image, &emulator->record, options->store, seed)) {
        return false;
    }
    commission(emulator);
    outputs_init(&emulator->outputs, &emulator->chip, &emulator->record);
    board_init(&emulator->board, &emulator->chip);
    line_init(&emulator->line, &emulator->chip);
    emulator->commands = (struct commands){.chip = &emulator->chip,
                                           .board = &emulator->board,
                                           .line = &emulator->line,
                                           .pace = &emulator->pace,
                                           .pass_ms = options->stepped ? pass_ms : NULL,
                                           .context = emulator};
    control_init(&emulator->control, commands_carry_out, &emulator->commands);
    emulator->chip.on_reset = at_reset;
    emulator->chip.context = emulator;
    if (options->control != NULL && !control_open(&emulator->control, options->control)) {
        perror(options->control);
        return false;
    }
    if (options->pty != NULL && !line_plug(&emulator->line, options->pty)) {
        perror(options->pty);
        return false;
    }
    return true;
}

static void turn(struct emulator *emulator)
{
    if (emulator->options.stepped) {
        control_wait(&emulator->control);
        control_poll(&emulator->control);
        return;
    }
    pace_wait(&emulator->pace, emulator->cycle);
    control_poll(&emulator->control);
    if (line_poll(&emulator->line) && emulator->options.reset_on_open) {
        chip_reset(&emulator->chip, RESET_BY_PIN);
    }
    run_slice(emulator);
}

static void run(struct emulator *emulator)
{
    pace_begin(&emulator->pace, emulator->options.stepped);
    if (!emulator->options.unpowered) {
        chip_power_on(&emulator->chip);
    }
    while (!ending) {
        turn(emulator);
    }
}

static void print_usage(void)
{
    fputs("usage: calmloop-emulator --firmware ELF [--pty LINK_PATH] [--control SOCKET]\n"
          "                         [--store FILE] [--events FILE] [--trace FILE]\n"
          "                         [--samples FILE] [--bytes FILE] [--seed NUMBER]\n"
          "                         [--reset-on-open] [--uncalibrated] [--unpowered] [--stepped]\n",
          stderr);
}

static bool read_options(struct options *options, int argc, char **argv)
{
    enum {
        FIRMWARE, PTY, CONTROL, STORE, EVENTS, TRACE, SAMPLES, BYTES, SEED, /* with a text */
        RESET, UNCALIBRATED, OFF, STEPPED
    };
    static const struct option LONG[] = {
        {"firmware", required_argument, NULL, FIRMWARE},
        {"pty", required_argument, NULL, PTY},
        {"control", required_argument, NULL, CONTROL},
        {"store", required_argument, NULL, STORE},
        {"events", required_argument, NULL, EVENTS},
        {"trace", required_argument, NULL, TRACE},
        {"samples", required_argument, NULL, SAMPLES},
        {"bytes", required_argument, NULL, BYTES},
        {"seed", required_argument, NULL, SEED},
        {"reset-on-open", no_argument, NULL, RESET},
        {"uncalibrated", no_argument, NULL, UNCALIBRATED},
        {"unpowered", no_argument, NULL, OFF},
        {"stepped", no_argument, NULL, STEPPED},
        {NULL, 0, NULL, 0},
    };
    const char **texts[] = {&options->firmware, &options->pty,    &options->control,
                            &options->store,    &options->events, &options->trace,
                            &options->samples,  &options->bytes,  &options->seed};
    int found;

    while ((found = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        if (found == '?') {
            return false;
        }
        if (found <= SEED) {
            *texts[found] = optarg;
        }
        options->reset_on_open = options->reset_on_open || found == RESET;
        options->uncalibrated = options->uncalibrated || found == UNCALIBRATED;
        options->unpowered = options->unpowered || found == OFF;
        options->stepped = options->stepped || found == STEPPED;
    }
    /* Steps come over the control socket, and bring their own bytes. */
    bool has_a_line = options->stepped ? options->control != NULL && options->pty == NULL : true;
    return options->firmware != NULL && has_a_line && optind == argc;
}

/* The chip shares no processor with the host: in real time it goes before everything there, as far as it
 * may. */
static void go_first(void)
{
    struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};

    if (sched_setscheduler(0, SCHED_FIFO, &lowest) != 0) {
        (void)setpriority(PRIO_PROCESS, 0, PRIORITY);
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = end};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
    static struct emulator emulator;
    char figures[CONTROL_ANSWER];

    if (!read_options(&emulator.options, argc, argv)) {
        print_usage();
        return 2;
    }
    catch_signals();
    if (!emulator.options.stepped) {
        go_first();
    }
    if (!set_up(&emulator)) {
        return 1;
    }
    run(&emulator);

    commands_figures(&emulator.commands, figures, sizeof figures);
    printf("%s\n", figures);
    eeprom_store(&emulator.chip);
    control_close(&emulator.control);
    line_unplug(&emulator.line);
    return 0;
}

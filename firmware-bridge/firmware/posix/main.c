/* A simulated chair: the firmware's core as a process, with a pty or a TCP port for its serial line.
 *
 * Time, outputs and buttons are simulated; every decision is the core's own, the same code that runs
 * on the microcontroller. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "chair.h"
#include "control.h"
#include "eeprom.h"
#include "options.h"
#include "port.h"
#include "trace.h"

#define TICK_NS 1000000L
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define READ_SIZE 512

struct simulator {
    struct chair chair;
    struct bench bench;
    struct port port;
    struct control control;
    struct trace trace;
    struct eeprom eeprom;
    struct options options;
    bool powered;
};

static volatile sig_atomic_t ending;

static void end(int signal_number)
{
    (void)signal_number;
    ending = 1;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint32_t now_ms(void)
{
    return (uint32_t)(now_ns() / NS_PER_MS);
}

static uint32_t random_number(void)
{
    uint32_t number = 0;

    while (number == 0) {
        if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
            number = 0;
        }
    }
    return number;
}

static void boot(struct simulator *simulator, uint8_t reset_flags)
{
    struct chair_boot start = {
        .boot_id = random_number(),
        .boot_id_kept = true,
        .entropy = random_number(),
        .reset_flags = reset_flags,
        .self_test_ok = true,
        .store = simulator->eeprom.image,
    };

    memcpy(start.serial, simulator->options.serial,
           strnlen(simulator->options.serial, sizeof start.serial));
    chair_init(&simulator->chair, &start, now_ms());
    chair_restore_calibration(&simulator->chair, start.store + STORE_CALIBRATION_AT, true);
    for (uint8_t step = 0; step < SESSION_RESTORE_STEPS; step++) {
        chair_restore_minute(&simulator->chair, step,
                             simulator->eeprom.image + store_minute_at(step));
    }
    simulator->powered = true;
}

static void power_off(struct simulator *simulator)
{
    simulator->powered = false;
    trace_power_off(&simulator->trace, now_ns());
}

static void serve_power(struct simulator *simulator)
{
    enum power_request request = simulator->bench.power;

    simulator->bench.power = POWER_KEEP;
    if (request == POWER_OFF || request == POWER_CYCLE) {
        power_off(simulator);
    }
    if (request == POWER_CYCLE || (request == POWER_ON && !simulator->powered)) {
        boot(simulator, RESET_POWER_ON);
    }
    if (request == POWER_RESET && simulator->powered) {
        power_off(simulator);
        boot(simulator, simulator->bench.reset_flags);
    }
}

static const char *carry_out(void *context, const char *line, char more[CONTROL_ANSWER])
{
    struct simulator *simulator = context;
    const char *wrong = bench_command(&simulator->bench, line);

    (void)more;
    simulator->bench.inputs.contactor_closed = bench_contactor_is_held(&simulator->bench);
    serve_power(simulator);
    return wrong;
}

static void receive(struct simulator *simulator)
{
    uint8_t bytes[READ_SIZE];
    size_t size;

    while ((size = port_read(&simulator->port, bytes, sizeof bytes)) > 0) {
        if (simulator->powered) {
            chair_receive(&simulator->chair, bytes, size, now_ms());
        }
    }
}

static void transmit(struct simulator *simulator)
{
    uint8_t wire[FRAME_WIRE_MAX];
    size_t size;

    while ((size = chair_transmit(&simulator->chair, wire, now_ms())) > 0) {
        port_write(&simulator->port, wire, size);
    }
}

static void turn(struct simulator *simulator)
{
    struct store_write write;

    control_poll(&simulator->control);
    if (port_poll(&simulator->port) && simulator->options.reset_on_open && simulator->powered) {
        boot(simulator, RESET_EXTERNAL);
    }
    if (simulator->powered) {
        chair_tick(&simulator->chair, &simulator->bench.inputs, now_ms());
        trace_outputs(&simulator->trace, &simulator->chair, now_ns());
    }
    receive(simulator);
    if (simulator->powered) {
        transmit(simulator);
        if (chair_pop_store_write(&simulator->chair, &write)) {
            chair_store_written(&simulator->chair, eeprom_write(&simulator->eeprom, &write));
        }
    }
}

static int make_tick(void)
{
    struct itimerspec every = {.it_interval = {.tv_nsec = TICK_NS}, .it_value = {.tv_nsec = 1}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    if (fd >= 0) {
        (void)timerfd_settime(fd, 0, &every, NULL);
    }
    return fd;
}

static void run(struct simulator *simulator, int tick)
{
    while (!ending) {
        struct pollfd waits[] = {{.fd = tick, .events = POLLIN},
                                 {.fd = port_wait_fd(&simulator->port), .events = POLLIN}};
        uint64_t passed;

        (void)poll(waits, 2, -1);
        if (read(tick, &passed, sizeof passed) < 0 && errno != EAGAIN) {
            perror("reading the tick");
        }
        turn(simulator);
    }
}

static bool open_all(struct simulator *simulator)
{
    const struct options *options = &simulator->options;

    control_init(&simulator->control, carry_out, simulator);
    eeprom_volatile(&simulator->eeprom);
    if (options->store != NULL && !eeprom_open(&simulator->eeprom, options->store)) {
        perror(options->store);
        return false;
    }
    if (options->trace != NULL && !trace_open(&simulator->trace, options->trace)) {
        perror(options->trace);
        return false;
    }
    if (options->control != NULL && !control_open(&simulator->control, options->control)) {
        perror(options->control);
        return false;
    }
    if (options->pty != NULL ? !port_open_pty(&simulator->port, options->pty)
                             : !port_open_tcp(&simulator->port, options->tcp)) {
        perror(options->pty != NULL ? options->pty : options->tcp);
        return false;
    }
    return true;
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
    static struct simulator simulator;
    int tick = make_tick();

    if (!options_read(&simulator.options, argc, argv)) {
        options_print_usage();
        return 2;
    }
    catch_signals();
    if (tick < 0 || !open_all(&simulator)) {
        return 1;
    }
    if (!simulator.options.uncalibrated) {
        eeprom_ensure_simulated_calibration(&simulator.eeprom);
    }
    bench_init(&simulator.bench);
    boot(&simulator, RESET_POWER_ON);
    run(&simulator, tick);

    control_close(&simulator.control);
    port_close(&simulator.port);
    return 0;
}

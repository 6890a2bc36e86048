#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fault.h"

#define RESTING_CURRENT_MA 150u
#define SUPPLY_MV 12000u

void bench_init(struct bench *bench)
{
    *bench = (struct bench){
        .inputs = {.seat_occupied = true,
                   .contactor_closed = true,
                   .current_ma = RESTING_CURRENT_MA,
                   .supply_mv = SUPPLY_MV},
    };
}

/* One word of two: the first means true. */
static const char *set_switch(bool *input, const char *word, const char *yes, const char *no)
{
    if (strcmp(word, yes) != 0 && strcmp(word, no) != 0) {
        return "unknown word; see control.h for the commands";
    }
    *input = strcmp(word, yes) == 0;
    return NULL;
}

static const char *set_number(uint16_t *input, const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 10);

    if (*word == '\0' || *end != '\0' || value > UINT16_MAX) {
        return "needs a number from 0 to 65535";
    }
    *input = (uint16_t)value;
    return NULL;
}

static const char *set_power(struct bench *bench, const char *word)
{
    static const struct {
        const char *word;
        enum power_request request;
    } WORDS[] = {{"off", POWER_OFF}, {"on", POWER_ON}, {"cycle", POWER_CYCLE}};

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(word, WORDS[i].word) == 0) {
            bench->power = WORDS[i].request;
            return NULL;
        }
    }
    return "power takes off, on or cycle";
}

static const char *set_reset(struct bench *bench, const char *word)
{
    static const struct {
        const char *word;
        uint8_t flags;
    } WORDS[] = {{"watchdog", RESET_WATCHDOG},
                 {"brown-out", RESET_BROWN_OUT},
                 {"external", RESET_EXTERNAL}};

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(word, WORDS[i].word) == 0) {
            bench->power = POWER_RESET;
            bench->reset_flags = WORDS[i].flags;
            return NULL;
        }
    }
    return "reset takes watchdog, brown-out or external";
}

static const char *set_contactor(struct bench *bench, const char *word)
{
    bool drops = strcmp(word, "drop") == 0;

    if (!drops && strcmp(word, "weld") != 0 && strcmp(word, "free") != 0) {
        return "contactor takes weld, drop or free";
    }
    bench->contactor_dropped = drops;
    bench->contactor_welded = strcmp(word, "weld") == 0;
    return NULL;
}

static const char *set_input(struct bench *bench, const char *name, const char *word)
{
    struct inputs *inputs = &bench->inputs;

    if (strcmp(name, "estop") == 0) {
        return set_switch(&inputs->estop_open, word, "press", "release");
    }
    if (strcmp(name, "ack") == 0) {
        return set_switch(&inputs->ack_pressed, word, "press", "release");
    }
    if (strcmp(name, "child") == 0) {
        return set_switch(&inputs->child_button_pressed, word, "press", "release");
    }
    if (strcmp(name, "child2") == 0) {
        return set_switch(&inputs->child_second_pressed, word, "press", "release");
    }
    if (strcmp(name, "seat") == 0) {
        return set_switch(&inputs->seat_occupied, word, "on", "off");
    }
    if (strcmp(name, "enclosure") == 0) {
        return set_switch(&inputs->enclosure_open, word, "open", "closed");
    }
    if (strcmp(name, "contactor") == 0) {
        return set_contactor(bench, word);
    }
    if (strcmp(name, "current") == 0) {
        return set_number(&inputs->current_ma, word);
    }
    if (strcmp(name, "supply") == 0) {
        return set_number(&inputs->supply_mv, word);
    }
    return "unknown command; see control.h for the commands";
}

const char *bench_command(struct bench *bench, const char *line)
{
    char name[16] = "";
    char word[16] = "";
    const char *wrong;

    if (sscanf(line, "%15s %15s", name, word) != 2) {
        return "needs a name and a word";
    }
    if (strcmp(name, "power") == 0) {
        return set_power(bench, word);
    }
    if (strcmp(name, "reset") == 0) {
        return set_reset(bench, word);
    }
    wrong = set_input(bench, name, word);
    /* The red button cuts the contactor's coil in hardware: only a weld holds it closed. */
    bench->inputs.contactor_closed =
        (!bench->inputs.estop_open && !bench->contactor_dropped) || bench->contactor_welded;
    return wrong;
}

void control_none(struct control *control)
{
    *control = (struct control){.listener = -1};
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        control->clients[i].fd = -1;
    }
}

bool control_open(struct control *control, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    control_none(control);
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (unlink(path) != 0 && errno != ENOENT) {
        return false;
    }
    control->path = path;
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return control->listener >= 0 &&
           bind(control->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(control->listener, CONTROL_CLIENTS) == 0;
}

static void drop(struct control_client *client)
{
    close(client->fd);
    client->fd = -1;
}

static void accept_client(struct control *control)
{
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        struct control_client *client = &control->clients[i];

        if (client->fd < 0) {
            client->fd = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            client->held = 0;
            return;
        }
    }
}

static void answer(struct control_client *client, const char *wrong)
{
    char text[96];
    int size = wrong == NULL ? snprintf(text, sizeof text, "ok\n")
                             : snprintf(text, sizeof text, "error: %s\n", wrong);

    if (send(client->fd, text, (size_t)size, MSG_NOSIGNAL) != size) {
        drop(client);
    }
}

static void take_byte(struct control_client *client, struct bench *bench, char byte)
{
    if (byte != '\n') {
        client->line[client->held] = byte;
        client->held += client->held < sizeof client->line - 1 ? 1 : 0;
        return;
    }
    client->line[client->held] = '\0';
    client->held = 0;
    answer(client, bench_command(bench, client->line));
}

static void serve(struct control_client *client, struct bench *bench)
{
    while (client->fd >= 0 && bench->power == POWER_KEEP) {
        char byte;
        ssize_t count = read(client->fd, &byte, 1);

        if (count == 1) {
            take_byte(client, bench, byte);
        } else if (count < 0 && errno == EAGAIN) {
            return;
        } else {
            drop(client);
        }
    }
}

void control_poll(struct control *control, struct bench *bench)
{
    if (control->listener < 0) {
        return;
    }
    accept_client(control);
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        serve(&control->clients[i], bench);
    }
}

void control_close(struct control *control)
{
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        if (control->clients[i].fd >= 0) {
            drop(&control->clients[i]);
        }
    }
    if (control->listener >= 0) {
        close(control->listener);
        (void)unlink(control->path);
    }
}

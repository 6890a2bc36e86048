#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

#define RESTING_CURRENT_MA 150u
#define SUPPLY_MV 12000u
#define UNKNOWN "unknown command or word; see bench.h for the commands"

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
        return UNKNOWN;
    }
    *input = strcmp(word, yes) == 0;
    return NULL;
}

const char *bench_number(uint16_t *number, const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 10);

    if (*word == '\0' || *end != '\0' || value > UINT16_MAX) {
        return "needs a number from 0 to 65535";
    }
    *number = (uint16_t)value;
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
        return bench_number(&inputs->current_ma, word);
    }
    if (strcmp(name, "supply") == 0) {
        return bench_number(&inputs->supply_mv, word);
    }
    return UNKNOWN;
}

/* The red button cuts the contactor's coil in hardware: only a weld holds it closed. */
bool bench_contactor_is_held(const struct bench *bench)
{
    return (!bench->inputs.estop_open && !bench->contactor_dropped) || bench->contactor_welded;
}

const char *bench_command(struct bench *bench, const char *line)
{
    char name[16] = "";
    char word[16] = "";

    if (sscanf(line, "%15s %15s", name, word) != 2) {
        return "needs a name and a word";
    }
    if (strcmp(name, "power") == 0) {
        return set_power(bench, word);
    }
    if (strcmp(name, "reset") == 0) {
        return set_reset(bench, word);
    }
    return set_input(bench, name, word);
}

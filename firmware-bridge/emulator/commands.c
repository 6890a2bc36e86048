#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN "unknown command or word; see control.h for the commands"
#define BYTES_MAX 32u
#define NO_BYTES "-"
#define REGISTERS_FIRST 0x20u
#define REGISTERS_LAST 0xFFu

struct words {
    int count;
    char word[4][CONTROL_LINE];
};

/* --- inputs --------------------------------------------------------------------------------- */

struct toggle {
    const char *name;
    const char *yes;
    const char *no;
    bool *input;
};

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

static const char *set_toggle(const struct toggle *toggle, const char *word)
{
    if (strcmp(word, toggle->yes) != 0 && strcmp(word, toggle->no) != 0) {
        return UNKNOWN;
    }
    *toggle->input = strcmp(word, toggle->yes) == 0;
    return NULL;
}

static const char *set_input(struct board *board, const char *name, const char *word)
{
    struct inputs *inputs = &board->inputs;
    const struct toggle toggles[] = {
        {"estop", "press", "release", &inputs->estop_open},
        {"ack", "press", "release", &inputs->ack_pressed},
        {"child", "press", "release", &inputs->child_button_pressed},
        {"child2", "press", "release", &inputs->child_second_pressed},
        {"seat", "on", "off", &inputs->seat_occupied},
        {"enclosure", "open", "closed", &inputs->enclosure_open},
        {"contactor", "weld", "free", &board->contactor_welded},
    };

    if (strcmp(name, "contactor") == 0) {
        board->contactor_dropped = strcmp(word, "drop") == 0;
        if (board->contactor_dropped) {
            return NULL;
        }
    }
    for (size_t i = 0; i < sizeof toggles / sizeof toggles[0]; i++) {
        if (strcmp(name, toggles[i].name) == 0) {
            return set_toggle(&toggles[i], word);
        }
    }
    if (strcmp(name, "current") == 0) {
        return set_number(&inputs->current_ma, word);
    }
    return strcmp(name, "supply") == 0 ? set_number(&inputs->supply_mv, word) : UNKNOWN;
}

/* --- power and resets ----------------------------------------------------------------------- */

static const char *set_power(struct chip *chip, const struct words *words)
{
    const char *word = words->word[1];

    if (strcmp(word, "cut-write") == 0) {
        uint16_t count = 0;
        const char *wrong = set_number(&count, words->word[2]);

        chip->cut_at_write = count;
        return wrong;
    }
    if (strcmp(word, "off") != 0 && strcmp(word, "on") != 0 && strcmp(word, "cycle") != 0) {
        return "power takes off, on, cycle or cut-write";
    }
    if (strcmp(word, "on") != 0) {
        chip_power_off(chip);
    }
    if (strcmp(word, "off") != 0) {
        chip_power_on(chip);
    }
    return NULL;
}

static const char *set_reset(struct chip *chip, const char *word)
{
    if (strcmp(word, "watchdog") == 0) {
        chip_reset(chip, RESET_BY_WATCHDOG);
    } else if (strcmp(word, "brown-out") == 0) {
        chip_reset(chip, RESET_BY_BROWN_OUT);
    } else if (strcmp(word, "external") == 0) {
        chip_reset(chip, RESET_BY_PIN);
    } else {
        return "reset takes watchdog, brown-out or external";
    }
    return NULL;
}

static const char *set_usb(struct control *control, const char *word)
{
    if (strcmp(word, "unplug") == 0) {
        line_unplug(control->line);
        return NULL;
    }
    line_unplug(control->line);
    memcpy(control->usb_path, word, strlen(word) + 1);
    return line_plug(control->line, control->usb_path) ? NULL : "the pty cannot be made";
}

/* --- memory --------------------------------------------------------------------------------- */

static void write_hex(char *hex, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sprintf(hex + 2u * i, "%02x", bytes[i]);
    }
}

static void read_hex(uint8_t *bytes, const char *hex, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char digits[3] = {hex[2u * i], hex[2u * i + 1u], '\0'};

        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static const char *peek(struct chip *chip, const struct words *words, char *more)
{
    uint32_t offset = (uint32_t)strtoul(words->word[2], NULL, 0);
    uint32_t size = (uint32_t)strtoul(words->word[3], NULL, 0);
    const uint8_t *at = size <= BYTES_MAX ? chip_memory(chip, words->word[1], offset, size) : NULL;

    if (at == NULL) {
        return "no such symbol, or outside memory, or more than 32 bytes";
    }
    write_hex(more, at, size);
    return NULL;
}

static const char *poke(struct chip *chip, const struct words *words)
{
    const char *hex = words->word[3];
    uint32_t offset = (uint32_t)strtoul(words->word[2], NULL, 0);
    uint32_t size = (uint32_t)(strlen(hex) / 2u);
    uint8_t *at = size <= BYTES_MAX ? chip_memory(chip, words->word[1], offset, size) : NULL;

    if (at == NULL) {
        return "no such symbol, or outside memory, or more than 32 bytes";
    }
    read_hex(at, hex, size);
    return NULL;
}

static const char *upset(struct chip *chip, const struct words *words)
{
    uint32_t at = (uint32_t)strtoul(words->word[1], NULL, 0);
    uint32_t value = (uint32_t)strtoul(words->word[2], NULL, 0);

    if (at < REGISTERS_FIRST || at > REGISTERS_LAST || value > UINT8_MAX) {
        return "needs an address from 0x20 to 0xff and a byte";
    }
    chip_upset(chip, (uint16_t)at, (uint8_t)value);
    return NULL;
}

/* --- figures -------------------------------------------------------------------------------- */

static double cycles_to_ms(uint64_t cycles)
{
    return (double)cycles / (double)CYCLES_PER_MS;
}

void control_figures(const struct control *control, char *text, size_t size)
{
    const struct chip_figures *figures = &control->chip->figures;
    double busy = (double)(figures->run_cycles - figures->asleep_cycles);

    snprintf(text, size,
             "{\"cycle\": %llu, \"lag_pct\": %.3f, \"most_behind_ms\": %.2f, \"load_pct\": %.1f, "
             "\"longest_feed_ms\": %.2f, \"tick_cycles\": %u, \"receive_cycles\": %u, "
             "\"send_cycles\": %u, \"stack_free_bytes\": %u, \"powered\": %s}",
             (unsigned long long)control->chip->avr->cycle, pace_lag_pct(control->pace),
             (double)control->pace->most_behind_ns / 1e6,
             figures->run_cycles == 0 ? 0.0 : 100.0 * busy / (double)figures->run_cycles,
             cycles_to_ms(figures->longest_feed_cycles),
             figures->interrupt_cycles[INTERRUPT_TICK],
             figures->interrupt_cycles[INTERRUPT_RECEIVE],
             figures->interrupt_cycles[INTERRUPT_SEND], chip_stack_free(control->chip),
             control->chip->powered ? "true" : "false");
}

/* --- lines ---------------------------------------------------------------------------------- */

static const char *set_accident(struct chip *chip, const struct words *words)
{
    if (strcmp(words->word[0], "loop") == 0 && strcmp(words->word[1], "hang") == 0) {
        return chip_hang(chip) ? NULL : "the firmware has no function turn";
    }
    if (strcmp(words->word[0], "tick") == 0 && strcmp(words->word[1], "stop") == 0) {
        chip_stop_tick(chip);
        return NULL;
    }
    if (strcmp(words->word[0], "eeprom") == 0 && strcmp(words->word[1], "wear") == 0) {
        chip->eeprom_is_worn = true;
        return NULL;
    }
    return UNKNOWN;
}

bool commands_is_step(const char *line)
{
    return strncmp(line, "step ", 5) == 0;
}

/* Time passes here and nowhere else, so that the same steps give the same run. */
static const char *step(struct control *control, const struct words *words, char *more)
{
    uint8_t bytes[LINE_STEP_BYTES];
    const char *hex = words->word[2];
    size_t size = strcmp(hex, NO_BYTES) == 0 ? 0 : strlen(hex) / 2u;
    uint16_t ms = 0;
    const char *wrong = set_number(&ms, words->word[1]);

    if (control->pass_ms == NULL) {
        return "time passes by itself: start the emulator with --stepped";
    }
    if (wrong != NULL || ms == 0 || ms > STEP_MAX_MS || size > sizeof bytes) {
        return "step takes 1 to 20 ms and at most 480 bytes, as hex or -";
    }
    read_hex(bytes, hex, size);
    if (!line_give(control->line, bytes, size)) {
        return "the line still carries what it was given before: give less at a time";
    }
    for (uint16_t i = 0; i < ms; i++) {
        control->pass_ms(control->context);
    }
    int used = sprintf(more, "%llu ", (unsigned long long)control->chip->avr->cycle);
    write_hex(more + used, bytes, line_take(control->line, bytes));
    return NULL;
}

const char *commands_carry_out(struct control *control, const char *line,
                               char more[CONTROL_ANSWER])
{
    struct words words = {0};
    const char *name = words.word[0];

    words.count = sscanf(line, "%1023s %1023s %1023s %1023s", words.word[0], words.word[1],
                         words.word[2], words.word[3]);
    if (words.count == 1 && strcmp(name, "figures") == 0) {
        control_figures(control, more, CONTROL_ANSWER);
        return NULL;
    }
    if (words.count == 2 && strcmp(name, "figures") == 0 && strcmp(words.word[1], "clear") == 0) {
        control->chip->figures = (struct chip_figures){0};
        return NULL;
    }
    if (words.count < 2) {
        return "needs a name and a word";
    }
    if (commands_is_step(line)) {
        return step(control, &words, more);
    }
    if (strcmp(name, "power") == 0) {
        return set_power(control->chip, &words);
    }
    if (strcmp(name, "reset") == 0) {
        return set_reset(control->chip, words.word[1]);
    }
    if (strcmp(name, "usb") == 0) {
        return set_usb(control, words.word[1]);
    }
    if (strcmp(name, "peek") == 0) {
        return peek(control->chip, &words, more);
    }
    if (strcmp(name, "poke") == 0) {
        return poke(control->chip, &words);
    }
    if (strcmp(name, "register") == 0) {
        return upset(control->chip, &words);
    }
    if (strcmp(name, "loop") == 0 || strcmp(name, "tick") == 0 || strcmp(name, "eeprom") == 0) {
        return set_accident(control->chip, &words);
    }
    const char *wrong = set_input(control->board, name, words.word[1]);
    board_apply(control->board);
    return wrong;
}

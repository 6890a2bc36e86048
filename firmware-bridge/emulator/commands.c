#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

#define UNKNOWN "unknown command or word; see commands.h for the commands"
#define BYTES_MAX 32u
#define NO_BYTES "-"
#define REGISTERS_FIRST 0x20u
#define REGISTERS_LAST 0xFFu

struct words {
    int count;
    char word[4][CONTROL_LINE];
};

/* --- the bench, power and resets ------------------------------------------------------------ */

static enum chip_reset reset_by(uint8_t flags)
{
    if (flags == RESET_WATCHDOG) {
        return RESET_BY_WATCHDOG;
    }
    return flags == RESET_BROWN_OUT ? RESET_BY_BROWN_OUT : RESET_BY_PIN;
}

static void serve_power(struct chip *chip, const struct bench *bench)
{
    if (bench->power == POWER_OFF || bench->power == POWER_CYCLE) {
        chip_power_off(chip);
    }
    if (bench->power == POWER_ON || bench->power == POWER_CYCLE) {
        chip_power_on(chip);
    }
    if (bench->power == POWER_RESET) {
        chip_reset(chip, reset_by(bench->reset_flags));
    }
}

static const char *obey_bench(struct board *board, const char *line)
{
    const char *wrong = bench_command(&board->bench, line);

    serve_power(board->chip, &board->bench);
    board->bench.power = POWER_KEEP;
    board_apply(board);
    return wrong;
}

static const char *cut_write(struct chip *chip, const char *word)
{
    uint16_t count = 0;
    const char *wrong = bench_number(&count, word);

    chip->cut_at_write = count;
    return wrong;
}

static const char *set_usb(struct commands *commands, const char *word)
{
    if (strcmp(word, "unplug") == 0) {
        line_unplug(commands->line);
        return NULL;
    }
    line_unplug(commands->line);
    memcpy(commands->usb_path, word, strlen(word) + 1);
    return line_plug(commands->line, commands->usb_path) ? NULL : "the pty cannot be made";
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

void commands_figures(const struct commands *commands, char *text, size_t size)
{
    const struct chip_figures *figures = &commands->chip->figures;
    double busy = (double)(figures->run_cycles - figures->asleep_cycles);

    snprintf(text, size,
             "{\"cycle\": %llu, \"lag_pct\": %.3f, \"most_behind_ms\": %.2f, \"load_pct\": %.1f, "
             "\"longest_feed_ms\": %.2f, \"tick_cycles\": %u, \"receive_cycles\": %u, "
             "\"send_cycles\": %u, \"stack_free_bytes\": %u, \"powered\": %s}",
             (unsigned long long)commands->chip->avr->cycle, pace_lag_pct(commands->pace),
             (double)commands->pace->most_behind_ns / 1e6,
             figures->run_cycles == 0 ? 0.0 : 100.0 * busy / (double)figures->run_cycles,
             cycles_to_ms(figures->longest_feed_cycles),
             figures->interrupt_cycles[INTERRUPT_TICK],
             figures->interrupt_cycles[INTERRUPT_RECEIVE],
             figures->interrupt_cycles[INTERRUPT_SEND], chip_stack_free(commands->chip),
             commands->chip->powered ? "true" : "false");
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

/* Time passes here and nowhere else, so that the same steps give the same run. */
static const char *step(struct commands *commands, const struct words *words, char *more)
{
    uint8_t bytes[LINE_STEP_BYTES];
    const char *hex = words->word[2];
    size_t size = strcmp(hex, NO_BYTES) == 0 ? 0 : strlen(hex) / 2u;
    uint16_t ms = 0;
    const char *wrong = bench_number(&ms, words->word[1]);

    if (commands->pass_ms == NULL) {
        return "time passes by itself: start the emulator with --stepped";
    }
    if (wrong != NULL || ms == 0 || ms > STEP_MAX_MS || size > sizeof bytes) {
        return "step takes 1 to 20 ms and at most 480 bytes, as hex or -";
    }
    read_hex(bytes, hex, size);
    if (!line_give(commands->line, bytes, size)) {
        return "the line still carries what it was given before: give less at a time";
    }
    for (uint16_t i = 0; i < ms; i++) {
        commands->pass_ms(commands->context);
    }
    int used = sprintf(more, "%llu ", (unsigned long long)commands->chip->avr->cycle);
    write_hex(more + used, bytes, line_take(commands->line, bytes));
    return NULL;
}

static const char *carry_out(struct commands *commands, const char *line,
                             const struct words *words, char more[CONTROL_ANSWER])
{
    const char *name = words->word[0];
    const char *word = words->word[1];

    if (words->count == 1 && strcmp(name, "figures") == 0) {
        commands_figures(commands, more, CONTROL_ANSWER);
        return NULL;
    }
    if (words->count == 2 && strcmp(name, "figures") == 0 && strcmp(word, "clear") == 0) {
        commands->chip->figures = (struct chip_figures){0};
        return NULL;
    }
    if (words->count < 2) {
        return "needs a name and a word";
    }
    if (strcmp(name, "power") == 0 && strcmp(word, "cut-write") == 0) {
        return cut_write(commands->chip, words->word[2]);
    }
    if (strcmp(name, "usb") == 0) {
        return set_usb(commands, word);
    }
    if (strcmp(name, "peek") == 0) {
        return peek(commands->chip, words, more);
    }
    if (strcmp(name, "poke") == 0) {
        return poke(commands->chip, words);
    }
    if (strcmp(name, "register") == 0) {
        return upset(commands->chip, words);
    }
    if (strcmp(name, "loop") == 0 || strcmp(name, "tick") == 0 || strcmp(name, "eeprom") == 0) {
        return set_accident(commands->chip, words);
    }
    return obey_bench(commands->board, line);
}

const char *commands_carry_out(void *context, const char *line, char more[CONTROL_ANSWER])
{
    struct commands *commands = context;
    struct words words = {0};

    words.count = sscanf(line, "%1023s %1023s %1023s %1023s", words.word[0], words.word[1],
                         words.word[2], words.word[3]);
    if (strcmp(words.word[0], "step") == 0) {
        return step(commands, &words, more);
    }
    record_event(commands->chip->record, commands->chip->avr->cycle, "command",
                 "\"line\": \"%s\"", line);
    return carry_out(commands, line, &words, more);
}

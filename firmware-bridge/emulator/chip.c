#define _GNU_SOURCE
#include "chip.h"

#include <avr_extint.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eeprom.h"
#include "figures.h"

#define MCU "atmega328p"
#define FREQUENCY_HZ 16000000u
#define VOLTS_5_MV 5000u

/* Data addresses of registers, and of memory. */
#define MCUSR 0x54u
#define TCCR1B 0x81u
#define RAM_START 0x100u
#define RAM_END 0x8FFu

#define CLOCK_OFF 0xF8u

#define PORF 0x01u
#define EXTRF 0x02u
#define BORF 0x04u
#define WDRF 0x08u

#define MEMORY_BASE 0x800000u
#define JUMP_TO_ITSELF_LOW 0xFFu /* rjmp .-2 */
#define JUMP_TO_ITSELF_HIGH 0xCFu
#define STACK_PAINT 0xC5u

/* By enum chip_reset. A supply that rises slowly passes the brown-out level: both flags show then. */
static const uint8_t FLAGS[] = {PORF | BORF, BORF, EXTRF, WDRF};

static const char *const CAUSES[] = {"power-on", "brown-out", "external", "watchdog"};

/* simavr's callbacks know the chip by this. */
static struct chip *the_chip;

/* xorshift32 (Marsaglia): the same accidents for the same seed. */
uint32_t chip_random(struct chip *chip)
{
    chip->random ^= chip->random << 13;
    chip->random ^= chip->random >> 17;
    chip->random ^= chip->random << 5;
    return chip->random;
}

/* simavr polls INT0 and INT1 on every cycle while their pins are low, each reset anew. The firmware
 * uses neither, and the polling would cost two thirds of the time. */
static void stop_polling_interrupt_pins(struct chip *chip)
{
    avr_extint_set_strict_lvl_trig(chip->avr, 0, 0);
    avr_extint_set_strict_lvl_trig(chip->avr, 1, 0);
    chip->polls_interrupt_pins = false;
}

/* --- resets --------------------------------------------------------------------------------- */

/* Called in the middle of simavr's reset, whoever began it: registers are clear, outputs float. */
static void at_reset(avr_t *avr)
{
    struct chip *chip = the_chip;

    memcpy(avr->flash, chip->image->flash, IMAGE_FLASH_SIZE);
    chip->hung = false;
    eeprom_finish(chip);
    chip->reset_flags =
        (uint8_t)((chip->next_reset == RESET_BY_POWER ? 0 : chip->reset_flags) |
                  FLAGS[chip->next_reset]);
    avr->data[MCUSR] = chip->reset_flags;
    chip->figures.feed_cycle = 0;
    chip->polls_interrupt_pins = true;
    if (chip->powered) {
        record_event(chip->record, avr->cycle, "reset", "\"cause\": \"%s\"",
                     CAUSES[chip->next_reset]);
        chip->next_reset = RESET_BY_WATCHDOG;
        chip->on_reset(chip->context);
    }
}

static void reset_with(struct chip *chip, enum chip_reset cause)
{
    chip->next_reset = cause;
    avr_reset(chip->avr);
}

/* Flags stay through other resets until the program writes zeros over them. */
static void watch_flags(struct avr_irq_t *irq, uint32_t value, void *context)
{
    struct chip *chip = context;

    (void)irq;
    chip->reset_flags &= (uint8_t)value;
}

void chip_power_on(struct chip *chip)
{
    avr_t *avr = chip->avr;

    if (chip->powered) {
        return;
    }
    for (uint32_t at = RAM_START; at <= RAM_END; at++) {
        avr->data[at] = (uint8_t)chip_random(chip);
    }
    chip->powered = true;
    reset_with(chip, RESET_BY_POWER);
}

void chip_power_off(struct chip *chip)
{
    if (!chip->powered) {
        return;
    }
    if (chip->eeprom_busy) {
        eeprom_spoil(chip);
    }
    chip->powered = false;
    record_event(chip->record, chip->avr->cycle, "power-off", NULL);
    /* Registers clear, so that nothing looks as if it were still driven. */
    avr_reset(chip->avr);
    chip->on_reset(chip->context);
    eeprom_store(chip);
}

void chip_reset(struct chip *chip, enum chip_reset cause)
{
    if (chip->powered) {
        reset_with(chip, cause);
    }
}

/* --- accidents ------------------------------------------------------------------------------ */

bool chip_hang(struct chip *chip)
{
    uint32_t at;

    if (!image_find(chip->image, "turn", &at)) {
        return false;
    }
    chip->avr->flash[at] = JUMP_TO_ITSELF_LOW;
    chip->avr->flash[at + 1u] = JUMP_TO_ITSELF_HIGH;
    chip->hung = true;
    return true;
}

void chip_upset(struct chip *chip, uint16_t at, uint8_t value)
{
    avr_t *avr = chip->avr;
    avr_io_addr_t io = AVR_DATA_TO_IO(at);

    if (avr->io[io].w.c != NULL) {
        avr->io[io].w.c(avr, at, value, avr->io[io].w.param);
    } else {
        avr->data[at] = value;
    }
    if (avr->io[io].irq != NULL) {
        avr_raise_irq(avr->io[io].irq + AVR_IOMEM_IRQ_ALL, value);
    }
}

void chip_stop_tick(struct chip *chip)
{
    uint8_t looks = chip->avr->data[TCCR1B];

    chip_upset(chip, TCCR1B, looks & CLOCK_OFF);
    chip->avr->data[TCCR1B] = looks;
}

uint8_t *chip_memory(struct chip *chip, const char *symbol, uint32_t offset, uint32_t size)
{
    uint32_t at;

    if (!image_find(chip->image, symbol, &at) || at < MEMORY_BASE) {
        return NULL;
    }
    at = at - MEMORY_BASE + offset;
    return at >= RAM_START && at + size <= RAM_END + 1u ? chip->avr->data + at : NULL;
}

uint32_t chip_stack_free(const struct chip *chip)
{
    uint32_t at;
    uint32_t count = 0;

    if (!image_find(chip->image, "_end", &at)) {
        return 0;
    }
    for (at -= MEMORY_BASE; at <= RAM_END && chip->avr->data[at] == STACK_PAINT; at++) {
        count++;
    }
    return count;
}

static void no_log(avr_t *avr, const int level, const char *format, va_list arguments)
{
    (void)avr;
    if (level <= LOG_ERROR) {
        vfprintf(stderr, format, arguments);
    }
}

bool chip_init(struct chip *chip, struct image *image, struct record *record,
               const char *store_path, uint32_t seed)
{
    avr_global_logger_set(no_log);
    chip->avr = avr_make_mcu_by_name(MCU);
    if (chip->avr == NULL) {
        fprintf(stderr, "this libsimavr has no %s\n", MCU);
        return false;
    }
    the_chip = chip;
    chip->image = image;
    chip->record = record;
    chip->store_path = store_path;
    chip->random = seed == 0 ? 1 : seed;
    avr_init(chip->avr);
    chip->avr->frequency = FREQUENCY_HZ;
    chip->avr->vcc = chip->avr->avcc = chip->avr->aref = VOLTS_5_MV;
    chip->avr->reset = at_reset;
    memcpy(chip->avr->fuse, image->fuses, IMAGE_FUSES);
    stop_polling_interrupt_pins(chip);
    eeprom_load(chip);
    eeprom_watch(chip);
    avr_irq_register_notify(avr_iomem_getirq(chip->avr, MCUSR, NULL, AVR_IOMEM_IRQ_ALL),
                            watch_flags, chip);
    figures_watch(chip);
    return true;
}

/* --- running -------------------------------------------------------------------------------- */

void chip_run(struct chip *chip, uint64_t until_cycle)
{
    avr_t *avr = chip->avr;
    uint64_t began = avr->cycle;

    while (chip->powered && avr->cycle < until_cycle) {
        uint64_t before = avr->cycle;
        if (chip->polls_interrupt_pins) {
            stop_polling_interrupt_pins(chip);
        }
        bool asleep = avr->state == cpu_Sleeping;
        int state = avr_run(avr);

        chip->figures.asleep_cycles += asleep ? avr->cycle - before : chip->dozed_cycles;
        chip->dozed_cycles = 0;
        if (chip->cut_now) {
            chip->cut_now = false;
            chip_power_off(chip);
        } else if (state == cpu_Done || state == cpu_Crashed) {
            fprintf(stderr, "the program ran astray at %#x, cycle %llu: rebuild the firmware\n",
                    avr->pc, (unsigned long long)avr->cycle);
            exit(3);
        }
    }
    chip->figures.run_cycles += avr->cycle - began;
    if (!chip->powered && avr->cycle < until_cycle) {
        avr->cycle = until_cycle;
    }
}

#define _GNU_SOURCE
#include "chip.h"

#include <avr_eeprom.h>
#include <avr_extint.h>
#include <avr_timer.h>
#include <avr_watchdog.h>
#include <sim_cycle_timers.h>
#include <sim_interrupts.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define MCU "atmega328p"
#define FREQUENCY_HZ 16000000u
#define VOLTS_5_MV 5000u

/* Data addresses of registers. */
#define EECR 0x3Fu
#define MCUSR 0x54u
#define TCCR1B 0x81u
#define EEARL 0x41u
#define EEARH 0x42u
#define RAM_START 0x100u
#define RAM_END 0x8FFu

#define CLOCK_OFF 0xF8u
#define EEPE 0x02u
#define EEMPE 0x04u
#define EEMPE_CYCLES 6u
#define EEPROM_WRITE_CYCLES 54400u /* 3.4 ms */

#define PORF 0x01u
#define EXTRF 0x02u
#define BORF 0x04u

#define MEMORY_BASE 0x800000u
#define JUMP_TO_ITSELF_LOW 0xFFu /* rjmp .-2 */
#define JUMP_TO_ITSELF_HIGH 0xCFu
#define STACK_PAINT 0xC5u
/* simavr counts neither the entry of an interrupt nor, at RETI, its own cycles. */
#define UNCOUNTED_CYCLES 8u

static const uint8_t VECTORS[INTERRUPTS] = {13, 18, 19};
static const char *const CAUSES[] = {"power-on", "brown-out", "external", "watchdog"};

/* simavr's callbacks know the chip by these. */
static struct chip *the_chip;

/* xorshift32 (Marsaglia): the same accidents for the same seed. */
static uint32_t next_random(struct chip *chip)
{
    chip->random ^= chip->random << 13;
    chip->random ^= chip->random >> 17;
    chip->random ^= chip->random << 5;
    return chip->random;
}

/* --- EEPROM --------------------------------------------------------------------------------- */

static uint8_t *eeprom(struct chip *chip)
{
    avr_eeprom_desc_t all = {.ee = NULL, .offset = 0, .size = CHIP_EEPROM_SIZE};

    avr_ioctl(chip->avr, AVR_IOCTL_EEPROM_GET, &all);
    return all.ee;
}

static avr_cycle_count_t end_eeprom_write(avr_t *avr, avr_cycle_count_t when, void *context)
{
    struct chip *chip = context;

    (void)when;
    chip->eeprom_busy = false;
    avr->data[EECR] &= (uint8_t)~EEPE;
    chip->eeprom_before[chip->eeprom_writing_at] = eeprom(chip)[chip->eeprom_writing_at];
    return 0;
}

static avr_cycle_count_t cut_power(avr_t *avr, avr_cycle_count_t when, void *context)
{
    struct chip *chip = context;

    (void)avr;
    (void)when;
    chip->cut_now = true;
    return 0;
}

static void begin_eeprom_write(struct chip *chip)
{
    avr_t *avr = chip->avr;
    unsigned int at = avr->data[EEARL] | (unsigned int)avr->data[EEARH] << 8;

    chip->eeprom_busy = true;
    chip->eeprom_writing_at = (uint16_t)(at % CHIP_EEPROM_SIZE);
    avr->data[EECR] |= EEPE;
    avr_cycle_timer_register(avr, EEPROM_WRITE_CYCLES, end_eeprom_write, chip);
    record_event(chip->record, avr->cycle, "eeprom", "\"at\": %u", at);
    if (chip->cut_at_write > 0 && --chip->cut_at_write == 0) {
        avr_cycle_timer_register(avr, 1u + next_random(chip) % (EEPROM_WRITE_CYCLES - 1u),
                                 cut_power, chip);
    }
}

/* EEPE within four cycles after EEMPE begins a write. */
static void watch_eeprom(struct avr_irq_t *irq, uint32_t value, void *context)
{
    struct chip *chip = context;
    uint64_t since = chip->avr->cycle - chip->eeprom_armed_cycle;

    (void)irq;
    if ((value & EEPE) && !chip->eeprom_busy && since <= EEMPE_CYCLES) {
        begin_eeprom_write(chip);
    } else if ((value & EEMPE) && !(value & EEPE)) {
        chip->eeprom_armed_cycle = chip->avr->cycle;
    }
}

/* A byte whose write the power cut interrupted: still the old one, erased, done, or neither. */
static void spoil_eeprom(struct chip *chip)
{
    uint8_t *bytes = eeprom(chip);
    uint16_t at = chip->eeprom_writing_at;
    uint8_t done = bytes[at];

    switch (next_random(chip) % 4u) {
    case 0:
        bytes[at] = chip->eeprom_before[at];
        break;
    case 1:
        bytes[at] = 0xFF;
        break;
    case 2:
        bytes[at] = done;
        break;
    default:
        bytes[at] = (uint8_t)(done | next_random(chip));
    }
    record_event(chip->record, chip->avr->cycle, "eeprom-cut", "\"at\": %u, \"byte\": %u", at,
                 bytes[at]);
    chip->eeprom_before[at] = bytes[at];
    chip->eeprom_busy = false;
}

void chip_note_eeprom(struct chip *chip)
{
    memcpy(chip->eeprom_before, eeprom(chip), CHIP_EEPROM_SIZE);
}

static void load_store(struct chip *chip)
{
    uint8_t *bytes = eeprom(chip);
    FILE *file = chip->store_path == NULL ? NULL : fopen(chip->store_path, "rbe");

    if (file != NULL) {
        if (fread(bytes, 1, CHIP_EEPROM_SIZE, file) < CHIP_EEPROM_SIZE && ferror(file)) {
            perror(chip->store_path);
        }
        fclose(file);
    }
    chip_note_eeprom(chip);
}

void chip_store(const struct chip *chip)
{
    FILE *file = chip->store_path == NULL ? NULL : fopen(chip->store_path, "wbe");

    if (file != NULL) {
        fwrite(eeprom((struct chip *)(uintptr_t)chip), 1, CHIP_EEPROM_SIZE, file);
        fclose(file);
    }
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
    if (chip->eeprom_busy) {
        /* A reset does not interrupt a write: it is done before the program can look. */
        chip->eeprom_busy = false;
        chip->eeprom_before[chip->eeprom_writing_at] = eeprom(chip)[chip->eeprom_writing_at];
    }
    chip->figures.feed_cycle = 0;
    chip->polls_interrupt_pins = true;
    if (chip->powered) {
        record_event(chip->record, avr->cycle, "reset", "\"cause\": \"%s\"",
                     CAUSES[chip->next_reset]);
        chip->next_reset = RESET_BY_WATCHDOG;
        chip->on_reset(chip->context);
    }
}

static void reset_with(struct chip *chip, enum chip_reset cause, uint8_t flags)
{
    chip->next_reset = cause;
    avr_reset(chip->avr);
    chip->avr->data[MCUSR] |= flags;
}

void chip_power_on(struct chip *chip)
{
    avr_t *avr = chip->avr;

    if (chip->powered) {
        return;
    }
    for (uint32_t at = RAM_START; at <= RAM_END; at++) {
        avr->data[at] = (uint8_t)next_random(chip);
    }
    chip->powered = true;
    /* A supply that rises slowly passes the brown-out level: the chip shows both flags then. */
    reset_with(chip, RESET_BY_POWER, PORF | BORF);
}

void chip_power_off(struct chip *chip)
{
    if (!chip->powered) {
        return;
    }
    if (chip->eeprom_busy) {
        spoil_eeprom(chip);
    }
    chip->powered = false;
    record_event(chip->record, chip->avr->cycle, "power-off", NULL);
    /* Registers clear, so that nothing looks as if it were still driven. */
    avr_reset(chip->avr);
    chip->on_reset(chip->context);
    chip_store(chip);
}

void chip_reset(struct chip *chip, enum chip_reset cause)
{
    static const uint8_t FLAGS[] = {PORF | BORF, BORF, EXTRF, 0x08u};

    if (chip->powered) {
        reset_with(chip, cause, FLAGS[cause]);
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

/* --- measuring ------------------------------------------------------------------------------ */

static void watch_interrupt(struct avr_irq_t *irq, uint32_t value, void *context)
{
    struct chip *chip = the_chip;
    enum chip_interrupt which = (enum chip_interrupt)(uintptr_t)context;
    uint64_t cycle = chip->avr->cycle;

    (void)irq;
    if (value) {
        chip->interrupt_cycle[which] = cycle;
        return;
    }
    uint32_t took = (uint32_t)(cycle - chip->interrupt_cycle[which]) + UNCOUNTED_CYCLES;
    if (took > chip->figures.interrupt_cycles[which]) {
        chip->figures.interrupt_cycles[which] = took;
    }
}

/* A module that only listens: WDR asks every module, this one first. */
static int watch_feed(struct avr_io_t *io, uint32_t request, void *parameter)
{
    struct chip *chip = the_chip;

    (void)io;
    (void)parameter;
    if (request == AVR_IOCTL_WATCHDOG_RESET) {
        struct chip_figures *figures = &chip->figures;
        uint64_t cycle = chip->avr->cycle;

        /* The first feeds are the self-test's. */
        if (figures->feed_cycle > 0 && cycle - figures->feed_cycle > figures->longest_feed_cycles) {
            figures->longest_feed_cycles = cycle - figures->feed_cycle;
        }
        figures->feed_cycle = cycle;
    }
    return -1;
}

/* Sleeping costs no time here: the pace is kept elsewhere. */
static void sleep_without_waiting(avr_t *avr, avr_cycle_count_t cycles)
{
    (void)avr;
    the_chip->dozed_cycles += cycles;
}

static void no_log(avr_t *avr, const int level, const char *format, va_list arguments)
{
    (void)avr;
    if (level <= LOG_ERROR) {
        vfprintf(stderr, format, arguments);
    }
}

static void watch(struct chip *chip)
{
    avr_t *avr = chip->avr;

    avr_irq_register_notify(avr_iomem_getirq(avr, EECR, NULL, AVR_IOMEM_IRQ_ALL), watch_eeprom,
                            chip);
    for (uintptr_t i = 0; i < INTERRUPTS; i++) {
        avr_irq_register_notify(avr_get_interrupt_irq(avr, VECTORS[i]) + AVR_INT_IRQ_RUNNING,
                                watch_interrupt, (void *)i);
    }
    chip->feeds = (avr_io_t){.kind = "feeds", .ioctl = watch_feed};
    avr_register_io(avr, &chip->feeds);
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
    chip->avr->sleep = sleep_without_waiting;
    chip->avr->reset = at_reset;
    memcpy(chip->avr->fuse, image->fuses, IMAGE_FUSES);
    stop_polling_interrupt_pins(chip);
    load_store(chip);
    watch(chip);
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

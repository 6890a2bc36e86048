#define _GNU_SOURCE
#include "eeprom.h"

#include <avr_eeprom.h>
#include <sim_cycle_timers.h>
#include <stdio.h>
#include <string.h>

/* Data addresses and bits of registers. */
#define EECR 0x3Fu
#define EEARL 0x41u
#define EEARH 0x42u
#define EEPE 0x02u
#define EEMPE 0x04u
#define EEMPE_CYCLES 6u
#define EEPROM_WRITE_CYCLES 54400u /* 3.4 ms */

static uint8_t *contents(struct chip *chip)
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
    if (chip->eeprom_is_worn) {
        contents(chip)[chip->eeprom_writing_at] = chip->eeprom_before[chip->eeprom_writing_at];
    }
    chip->eeprom_before[chip->eeprom_writing_at] = contents(chip)[chip->eeprom_writing_at];
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
        avr_cycle_timer_register(avr, 1u + chip_random(chip) % (EEPROM_WRITE_CYCLES - 1u),
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
void eeprom_spoil(struct chip *chip)
{
    uint8_t *bytes = contents(chip);
    uint16_t at = chip->eeprom_writing_at;
    uint8_t done = bytes[at];

    switch (chip_random(chip) % 4u) {
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
        bytes[at] = (uint8_t)(done | chip_random(chip));
    }
    record_event(chip->record, chip->avr->cycle, "eeprom-cut", "\"at\": %u, \"byte\": %u", at,
                 bytes[at]);
    chip->eeprom_before[at] = bytes[at];
    chip->eeprom_busy = false;
}

void eeprom_note(struct chip *chip)
{
    memcpy(chip->eeprom_before, contents(chip), CHIP_EEPROM_SIZE);
}

void eeprom_load(struct chip *chip)
{
    uint8_t *bytes = contents(chip);
    FILE *file = chip->store_path == NULL ? NULL : fopen(chip->store_path, "rbe");

    if (file != NULL) {
        if (fread(bytes, 1, CHIP_EEPROM_SIZE, file) < CHIP_EEPROM_SIZE && ferror(file)) {
            perror(chip->store_path);
        }
        fclose(file);
    }
    eeprom_note(chip);
}

void eeprom_store(struct chip *chip)
{
    FILE *file = chip->store_path == NULL ? NULL : fopen(chip->store_path, "wbe");

    if (file != NULL) {
        fwrite(contents(chip), 1, CHIP_EEPROM_SIZE, file);
        fclose(file);
    }
}

void eeprom_finish(struct chip *chip)
{
    if (chip->eeprom_busy) {
        chip->eeprom_busy = false;
        chip->eeprom_before[chip->eeprom_writing_at] = contents(chip)[chip->eeprom_writing_at];
    }
}

void eeprom_watch(struct chip *chip)
{
    avr_irq_register_notify(avr_iomem_getirq(chip->avr, EECR, NULL, AVR_IOMEM_IRQ_ALL),
                            watch_eeprom, chip);
}

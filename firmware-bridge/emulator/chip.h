/* The microcontroller: simavr's ATmega328P with the release firmware, its resets and its accidents.
 *
 * Where simavr falls short of the chip, this fills in: it keeps EEPE set for the 3.4 ms that a write
 * takes, sets the reset flags that it leaves out, and spoils what a power cut interrupts. */
#ifndef CALMLOOP_CHIP_H
#define CALMLOOP_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include <sim_avr.h>
#include <sim_io.h>

#include "image.h"
#include "record.h"

#define CHIP_EEPROM_SIZE 1024u

enum chip_reset { RESET_BY_POWER, RESET_BY_BROWN_OUT, RESET_BY_PIN, RESET_BY_WATCHDOG };

/* Interrupts whose length is measured. */
enum chip_interrupt { INTERRUPT_TICK, INTERRUPT_RECEIVE, INTERRUPT_SEND, INTERRUPTS };

struct chip_figures {
    uint32_t interrupt_cycles[INTERRUPTS]; /* the longest, with entry and exit */
    uint64_t feed_cycle;                   /* when the watchdog was last fed */
    uint64_t longest_feed_cycles;          /* between two feeds outside BOOT */
    uint64_t asleep_cycles;
    uint64_t run_cycles;
};

struct chip {
    avr_t *avr;
    struct image *image;
    struct record *record;
    const char *store_path; /* NULL: the EEPROM forgets when the program ends */
    bool powered;
    bool hung;
    enum chip_reset next_reset;
    uint8_t reset_flags; /* as MCUSR holds them until the program clears them */
    bool polls_interrupt_pins; /* simavr, since a reset */
    uint32_t random;

    uint8_t eeprom_before[CHIP_EEPROM_SIZE];
    uint16_t eeprom_writing_at;
    bool eeprom_busy;
    bool eeprom_is_worn; /* what is written from now on does not stay */
    uint64_t eeprom_armed_cycle;
    int cut_at_write; /* the power goes in the middle of this many writes from now; 0: not */
    bool cut_now;

    avr_io_t feeds;
    uint64_t interrupt_cycle[INTERRUPTS];
    uint64_t dozed_cycles; /* asleep, within one step of simavr */
    struct chip_figures figures;

    void (*on_reset)(void *context); /* every output has just gone high-impedance */
    void *context;
};

/* Make the chip, without power. False, after saying why. */
bool chip_init(struct chip *chip, struct image *image, struct record *record,
               const char *store_path, uint32_t seed);

void chip_power_on(struct chip *chip);
void chip_power_off(struct chip *chip);

/* Reset by brown-out, the reset pin or, without waiting for it, the watchdog. */
void chip_reset(struct chip *chip, enum chip_reset cause);

/* Let it run up to a cycle; without power only time passes. */
void chip_run(struct chip *chip, uint64_t until_cycle);

/* Overwrite the main loop's turn with a jump to itself; any reset undoes it. False: no such symbol. */
bool chip_hang(struct chip *chip);

/* Timer1 stands still though its registers say that it runs; any reset undoes it. */
void chip_stop_tick(struct chip *chip);

/* A register, by data address, takes a value as if the program had written it. */
void chip_upset(struct chip *chip, uint16_t at, uint8_t value);

/* Memory, by symbol. NULL when there is no such symbol, or outside memory. */
uint8_t *chip_memory(struct chip *chip, const char *symbol, uint32_t offset, uint32_t size);

/* Bytes of the stack's room that still hold their paint. */
uint32_t chip_stack_free(const struct chip *chip);

/* The next of its accidents: the same for the same seed. */
uint32_t chip_random(struct chip *chip);

#endif

#include "figures.h"

#include <avr_watchdog.h>
#include <sim_interrupts.h>

/* simavr counts neither the entry of an interrupt nor, at RETI, its own cycles. */
#define UNCOUNTED_CYCLES 8u

static const uint8_t VECTORS[INTERRUPTS] = {13, 18, 19};

/* simavr's callbacks know the chip by this. */
static struct chip *the_chip;

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

void figures_watch(struct chip *chip)
{
    avr_t *avr = chip->avr;

    the_chip = chip;
    avr->sleep = sleep_without_waiting;
    for (uintptr_t i = 0; i < INTERRUPTS; i++) {
        avr_irq_register_notify(avr_get_interrupt_irq(avr, VECTORS[i]) + AVR_INT_IRQ_RUNNING,
                                watch_interrupt, (void *)i);
    }
    chip->feeds = (avr_io_t){.kind = "feeds", .ioctl = watch_feed};
    avr_register_io(avr, &chip->feeds);
}

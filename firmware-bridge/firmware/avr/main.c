/* The chair on an ATmega328P: what the core decides, on pins.
 *
 * One turn every two milliseconds: look, decide, put out, check, and only then feed the watchdog. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <string.h>

#include "amplifier.h"
#include "chair.h"
#include "eeprom.h"
#include "guard.h"
#include "levels.h"
#include "pins.h"
#include "selftest.h"
#include "sense.h"
#include "sine.h"
#include "uart.h"

#define READ_SIZE 64u /* more than the line carries in a turn */
#define IDLE 0u       /* the sleep mode that keeps timers, UART and ADC running */

/* 16 MHz crystal with the longest start, brown-out at 4.3 V, watchdog always on, EEPROM kept over a
 * chip erase, no bootloader. */
FUSES = {
    .low = 0xFF,
    .high = (uint8_t)(FUSE_SPIEN & FUSE_WDTON & FUSE_EESAVE),
    .extended = (uint8_t)FUSE_BODLEVEL0 & (uint8_t)FUSE_BODLEVEL1,
};

struct chair chair;

/* A sum over the memory as it was at the reset; start.S makes it. */
__attribute__((section(".noinit"))) uint32_t memory_noise;

/* Apart from main, whose stack would else carry its image for ever. */
__attribute__((noinline)) static void boot(void)
{
    uint8_t image[EEPROM_USED];
    uint8_t minute[STORE_MINUTE_SIZE];
    uint32_t count;
    struct chair_boot start = {.reset_flags = GPIOR0, .store = image, .entropy = memory_noise};

    start.entropy = sense_noise(start.entropy);
    start.self_test_ok = selftest_memory() && sense_init() && selftest_flash();
    eeprom_read(image);
    eeprom_serial(image, start.serial);
    start.boot_id_kept = eeprom_count_boot(image, &count, &start.entropy);
    start.boot_id = eeprom_boot_id(count, start.entropy);
    chair_init(&chair, &start, clock_update_ms());
    for (uint8_t step = 0; step < SESSION_RESTORE_STEPS; step++) {
        eeprom_read_minute(step, minute);
        chair_restore_minute(&chair, step, minute);
    }
}

/* Apart from boot, for the sake of the stack again. No table of a simulated chair is good here. */
__attribute__((noinline)) static void restore_calibration(void)
{
    uint8_t slots[STORE_CALIBRATION_SIZE];

    eeprom_read_calibration(slots);
    chair_restore_calibration(&chair, slots, false);
}

static void put_out(void)
{
    const struct gate *gate = chair_gate(&chair);
    bool enabled = chair_amplifier_enabled(&chair);

    if (!enabled) {
        amplifier_disable();
    }
    sine_set(gate_round_down(gate->vibration_ppm, SINE_AMPLITUDE_MAX), gate->vibration_mhz);
    levels_set_sound(gate->sound_ppm);
    levels_set_light(&gate->light);
    if (enabled) {
        amplifier_enable();
    }
}

_Static_assert(READ_SIZE >= FRAME_WIRE_MAX, "talk uses one buffer for both directions");

static void talk(uint32_t now_ms)
{
    uint8_t bytes[READ_SIZE];

    chair_receive(&chair, bytes, uart_read(bytes, READ_SIZE), now_ms);
    if (uart_has_room(FRAME_WIRE_MAX)) {
        uart_write(bytes, chair_transmit(&chair, bytes, now_ms));
    }
}

static void keep(void)
{
    static bool storing;
    struct store_write write;

    if (eeprom_is_idle()) {
        if (storing) {
            chair_store_written(&chair, eeprom_is_as_written());
            if (chair_reset_is_kept(&chair)) {
                MCUSR = 0;
            }
        }
        storing = chair_pop_store_write(&chair, &write);
        if (storing) {
            eeprom_begin(&write);
        }
    }
    eeprom_poll();
}

/* A function of its own, so that it can be found: a test replaces it by a jump to itself. */
__attribute__((noinline)) void turn(void)
{
    uint32_t now_ms = clock_update_ms();
    struct inputs inputs;

    sense_poll(&inputs);
    chair_tick(&chair, &inputs, now_ms);
    put_out();
    if (guard_all(&chair, now_ms)) {
        amplifier_pump();
        wdt_reset();
    } else {
        amplifier_disable();
    }
    talk(now_ms);
    keep();
}

static void wait_for_turn(void)
{
    cli();
    while (!clock_turn_due()) {
        SMCR = IDLE | BIT(SE);
        sei();
        sleep_cpu();
        SMCR = IDLE;
        cli();
    }
    sei();
}

/* An interrupt that nobody asked for: stand still, so that pump and watchdog end it. */
ISR(BADISR_vect)
{
    for (;;) {
    }
}

int main(void)
{
    levels_init();
    sine_init();
    uart_init();
    boot();
    restore_calibration();
    for (;;) {
        wait_for_turn();
        turn();
    }
}

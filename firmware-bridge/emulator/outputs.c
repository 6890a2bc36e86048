#include "outputs.h"

#include <avr_ioport.h>
#include <math.h>
#include <stddef.h>

/* Data addresses of registers. */
#define DDRB 0x24u
#define PORTB 0x25u
#define DDRD 0x2Au
#define PORTD 0x2Bu
#define TCCR0A 0x44u
#define TCCR0B 0x45u
#define OCR0A 0x47u
#define OCR0B 0x48u
#define TCCR1A 0x80u
#define TCCR2A 0xB0u
#define TCCR2B 0xB1u
#define OCR2A 0xB3u
#define OCR2B 0xB4u

#define COMA1 0x80u
#define COMB1 0x20u
#define CLOCK_SELECT 0x07u

#define PUMP_BIT 4u
#define RED_BIT 6u
#define GREEN_BIT 5u
#define SOUND_BIT 3u
#define AMPLIFIER_BIT 7u
#define BLUE_BIT 3u
#define VIBRATION_BIT 1u

#define FULL_LEVEL 256u
#define FULL_AMPLITUDE 511.0

/* The charge pump holds the enable for 10 ms after its last edge (avr/README.md). */
#define PUMP_HOLD_CYCLES (10u * CYCLES_PER_MS)

struct source {
    const char *name;
    uint16_t ddr, port, control, clock, compare;
    uint8_t connect;
    uint8_t bit;
};

static const struct source SOURCES[LEVELS] = {
    [LEVEL_RED] = {"red", DDRD, PORTD, TCCR0A, TCCR0B, OCR0A, COMA1, RED_BIT},
    [LEVEL_GREEN] = {"green", DDRD, PORTD, TCCR0A, TCCR0B, OCR0B, COMB1, GREEN_BIT},
    [LEVEL_BLUE] = {"blue", DDRB, PORTB, TCCR2A, TCCR2B, OCR2A, COMA1, BLUE_BIT},
    [LEVEL_SOUND] = {"sound", DDRD, PORTD, TCCR2A, TCCR2B, OCR2B, COMB1, SOUND_BIT},
};

static const char *const DRIVES[] = {"floating", "pin", "pwm"};

static uint8_t data(const struct outputs *outputs, uint16_t at)
{
    return outputs->chip->avr->data[at];
}

static uint64_t now(const struct outputs *outputs)
{
    return outputs->chip->avr->cycle;
}

static bool driven_high(const struct outputs *outputs, uint16_t ddr, uint16_t port, uint8_t bit)
{
    return (data(outputs, ddr) >> bit & 1u) && (data(outputs, port) >> bit & 1u);
}

/* --- trace ---------------------------------------------------------------------------------- */

static bool differs(double a, double b)
{
    return fabs(a - b) >= 0.1 || (a > 0.0) != (b > 0.0);
}

static bool given_differs(const struct given *a, const struct given *b)
{
    return a->state != b->state || differs(a->vibration_pct, b->vibration_pct) ||
           differs(a->vibration_hz, b->vibration_hz) || differs(a->sound_pct, b->sound_pct) ||
           differs(a->red_pct, b->red_pct) || differs(a->green_pct, b->green_pct) ||
           differs(a->blue_pct, b->blue_pct);
}

/* The state is not on a pin: it is read from the core's memory, and only for the trace's sake. */
static int state_of(const struct outputs *outputs)
{
    const uint8_t *state = chip_memory(outputs->chip, "chair", 0, 2);

    if (!outputs->chip->powered) {
        return STATE_OFF;
    }
    return state == NULL ? 0 : state[0] | state[1] << 8;
}

static double level_pct(const struct outputs *outputs, enum level level)
{
    return 100.0 * outputs->level[level] / FULL_LEVEL;
}

static void trace(struct outputs *outputs)
{
    bool on = outputs->amplifier.on;
    double vibration_pct = 100.0 * outputs->wave.amplitude / FULL_AMPLITUDE;
    struct given given = {
        .state = state_of(outputs),
        .vibration_pct = on ? fmin(vibration_pct, 100.0) : 0.0,
        .vibration_hz = outputs->wave.frequency_hz,
        .sound_pct = on ? level_pct(outputs, LEVEL_SOUND) : 0.0,
        .red_pct = level_pct(outputs, LEVEL_RED),
        .green_pct = level_pct(outputs, LEVEL_GREEN),
        .blue_pct = level_pct(outputs, LEVEL_BLUE),
    };

    if (!outputs->traced_any || given_differs(&outputs->traced, &given)) {
        outputs->traced_any = true;
        outputs->traced = given;
        record_trace(outputs->record, now(outputs), &given);
    }
}

/* --- levels --------------------------------------------------------------------------------- */

static void read_level(struct outputs *outputs, enum level level)
{
    const struct source *source = &SOURCES[level];
    enum drive drive = DRIVE_PIN;
    unsigned int value = 0;

    if (!(data(outputs, source->ddr) >> source->bit & 1u)) {
        drive = DRIVE_FLOATING;
    } else if (data(outputs, source->control) & source->connect) {
        drive = DRIVE_PWM;
        /* A timer that stands still may have left its pin high. */
        value = data(outputs, source->clock) & CLOCK_SELECT
                    ? data(outputs, source->compare) + 1u
                    : FULL_LEVEL;
    } else if (data(outputs, source->port) >> source->bit & 1u) {
        value = FULL_LEVEL;
    }
    if (value == outputs->level[level] && drive == outputs->drive[level]) {
        return;
    }
    outputs->level[level] = value;
    outputs->drive[level] = drive;
    record_event(outputs->record, now(outputs), "level",
                 "\"pin\": \"%s\", \"level\": %u, \"drive\": \"%s\"", source->name, value,
                 DRIVES[drive]);
}

/* --- amplifier ------------------------------------------------------------------------------ */

static void judge_amplifier(struct outputs *outputs, uint64_t cycle)
{
    struct amplifier *amplifier = &outputs->amplifier;
    bool on = amplifier->pin && amplifier->pumped;

    if (on != amplifier->on) {
        amplifier->on = on;
        record_event(outputs->record, cycle, "amplifier",
                     "\"on\": %s, \"pin\": %s, \"pumped\": %s", on ? "true" : "false",
                     amplifier->pin ? "true" : "false", amplifier->pumped ? "true" : "false");
    }
}

static void read_amplifier(struct outputs *outputs)
{
    struct amplifier *amplifier = &outputs->amplifier;
    bool pump = driven_high(outputs, DDRD, PORTD, PUMP_BIT);

    if (pump != amplifier->pump_level) {
        amplifier->pump_level = pump;
        amplifier->pumped = true;
        amplifier->pumped_cycle = now(outputs);
    }
    amplifier->pin = driven_high(outputs, DDRD, PORTD, AMPLIFIER_BIT);
    judge_amplifier(outputs, now(outputs));
}

static void run_pump_down(struct outputs *outputs)
{
    struct amplifier *amplifier = &outputs->amplifier;
    uint64_t empty_cycle = amplifier->pumped_cycle + PUMP_HOLD_CYCLES;

    if (amplifier->pumped && now(outputs) >= empty_cycle) {
        amplifier->pumped = false;
        judge_amplifier(outputs, empty_cycle);
    }
}

static void read_vibration_pin(struct outputs *outputs)
{
    bool driven = (data(outputs, DDRB) >> VIBRATION_BIT & 1u) && (data(outputs, TCCR1A) & COMA1);

    if (driven != outputs->sine_driven) {
        outputs->sine_driven = driven;
        record_event(outputs->record, now(outputs), "sine", "\"drive\": \"%s\"",
                     driven ? "pwm" : "floating");
    }
}

/* --- watching ------------------------------------------------------------------------------- */

static void read_all(struct outputs *outputs)
{
    for (enum level level = 0; level < LEVELS; level++) {
        read_level(outputs, level);
    }
    read_vibration_pin(outputs);
    read_amplifier(outputs);
    trace(outputs);
}

static void at_change(struct avr_irq_t *irq, uint32_t value, void *context)
{
    (void)irq;
    (void)value;
    read_all(context);
}

void outputs_float(struct outputs *outputs)
{
    outputs->amplifier.pump_level = false;
    wave_stop(&outputs->wave);
    read_all(outputs);
}

void outputs_poll(struct outputs *outputs)
{
    run_pump_down(outputs);
    wave_poll(&outputs->wave);
    trace(outputs);
}

static void watch_register(struct outputs *outputs, uint16_t at, avr_irq_notify_t notify)
{
    avr_irq_register_notify(avr_iomem_getirq(outputs->chip->avr, at, NULL, AVR_IOMEM_IRQ_ALL),
                            notify, outputs);
}

void outputs_init(struct outputs *outputs, struct chip *chip, struct record *record)
{
    static const uint16_t WATCHED[] = {DDRB,   DDRD,   TCCR0A, TCCR0B, OCR0A, OCR0B,
                                       TCCR1A, TCCR2A, TCCR2B, OCR2A,  OCR2B};
    avr_t *avr = chip->avr;

    *outputs = (struct outputs){.chip = chip, .record = record};
    wave_init(&outputs->wave, chip, record);
    for (size_t i = 0; i < sizeof WATCHED / sizeof WATCHED[0]; i++) {
        watch_register(outputs, WATCHED[i], at_change);
    }
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), PUMP_BIT), at_change,
                            outputs);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), AMPLIFIER_BIT),
                            at_change, outputs);
}

#include "wave.h"

/* Data addresses of registers. */
#define OCR1AL 0x88u
#define OCR1AH 0x89u

#define MIDDLE 512u
/* No crossing for longer than half a wave of 20 Hz: nothing vibrates. */
#define WAVE_LOST_CYCLES (25u * CYCLES_PER_MS)

static uint8_t data(const struct wave *wave, uint16_t at)
{
    return wave->chip->avr->data[at];
}

static void set_amplitude(struct wave *wave, unsigned int amplitude)
{
    if (amplitude != wave->amplitude) {
        wave->amplitude = amplitude;
        record_event(wave->record, wave->chip->avr->cycle, "vibration",
                     "\"amplitude\": %u, \"frequency_hz\": %.3f", amplitude, wave->frequency_hz);
    }
}

static void cross(struct wave *wave)
{
    uint64_t cycle = wave->chip->avr->cycle;

    wave->above = !wave->above;
    if (wave->above) {
        if (wave->rose_cycle > 0) {
            wave->frequency_hz = (double)CYCLES_PER_S / (double)(cycle - wave->rose_cycle);
        }
        wave->rose_cycle = cycle;
    }
    set_amplitude(wave, wave->peak);
    wave->peak = 0;
    wave->crossed_cycle = cycle;
}

static void read_wave(struct wave *wave)
{
    unsigned int value = data(wave, OCR1AL) | (unsigned int)data(wave, OCR1AH) << 8;
    unsigned int distance = value > MIDDLE ? value - MIDDLE : MIDDLE - value;

    record_sample(wave->record, wave->chip->avr->cycle, value);
    if (distance > 0 && (value > MIDDLE) != wave->above) {
        cross(wave);
    }
    if (distance > wave->peak) {
        wave->peak = distance;
    }
}

void wave_poll(struct wave *wave)
{
    if (wave->chip->avr->cycle - wave->crossed_cycle > WAVE_LOST_CYCLES) {
        wave_stop(wave);
    }
}

void wave_stop(struct wave *wave)
{
    wave->peak = 0;
    wave->rose_cycle = 0;
    wave->crossed_cycle = wave->chip->avr->cycle;
    set_amplitude(wave, 0);
}

static void at_sample(struct avr_irq_t *irq, uint32_t value, void *context)
{
    (void)irq;
    (void)value;
    read_wave(context);
}

void wave_init(struct wave *wave, struct chip *chip, struct record *record)
{
    *wave = (struct wave){.chip = chip, .record = record};
    avr_irq_register_notify(avr_iomem_getirq(chip->avr, OCR1AL, NULL, AVR_IOMEM_IRQ_ALL), at_sample,
                            wave);
}

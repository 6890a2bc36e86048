#include "levels.h"

#include <avr/io.h>

#include "pins.h"

/* Level n is n / 256 of the time: OCR n - 1, or the timer disconnected and the pin low, since fast
 * PWM with OCR 0 still gives a spike of one step. */
#define FULL_LEVEL 256u

struct channel {
    volatile uint8_t *control;
    uint8_t connect;
    volatile uint8_t *compare;
    volatile uint8_t *port;
    uint8_t pin;
};

static const struct channel CHANNEL_RED = {&TCCR0A, BIT(COM0A1), &OCR0A, &PORTD, RED};
static const struct channel CHANNEL_GREEN = {&TCCR0A, BIT(COM0B1), &OCR0B, &PORTD, GREEN};
static const struct channel CHANNEL_BLUE = {&TCCR2A, BIT(COM2A1), &OCR2A, &PORTB, BLUE};
static const struct channel CHANNEL_SOUND = {&TCCR2A, BIT(COM2B1), &OCR2B, &PORTD, SOUND};

static uint16_t red_level;

void levels_init(void)
{
    TCCR0A = BIT(WGM01) | BIT(WGM00);
    TCCR0B = BIT(CS01);
    TCCR2A = BIT(WGM21) | BIT(WGM20);
    TCCR2B = BIT(CS21);
}

static void set_level(const struct channel *channel, uint16_t level)
{
    if (level == 0) {
        *channel->control &= (uint8_t)~channel->connect;
        *channel->port &= (uint8_t)~channel->pin;
        *channel->compare = 0;
    } else {
        *channel->compare = (uint8_t)(level - 1u);
        *channel->control |= channel->connect;
    }
}

/* Red goes down first and up last, so that no period in between holds too much of it. */
void levels_set_light(const struct light *light)
{
    uint16_t red = gate_round_down(light->red_ppm, FULL_LEVEL);

    if (red < red_level) {
        set_level(&CHANNEL_RED, red);
    }
    set_level(&CHANNEL_GREEN, gate_round_up(light->green_ppm, FULL_LEVEL));
    set_level(&CHANNEL_BLUE, gate_round_up(light->blue_ppm, FULL_LEVEL));
    set_level(&CHANNEL_RED, red);
    red_level = red;
}

void levels_set_sound(uint32_t sound_ppm)
{
    set_level(&CHANNEL_SOUND, gate_round_down(sound_ppm, FULL_LEVEL));
}

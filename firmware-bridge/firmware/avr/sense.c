#include "sense.h"

#include <avr/io.h>

#include "crc32c.h"
#include "pins.h"

#define REFERENCE_AVCC BIT(REFS0)
#define BANDGAP_CHANNEL 14u
#define TEMPERATURE_CHANNEL 8u
#define NOISE_READINGS 8u
/* 1.0 to 1.2 V against 4.5 to 5.5 V (datasheet, tables 28-3 and 28-1), with 3 steps to spare. */
#define BANDGAP_MIN 183u
#define BANDGAP_MAX 276u

#define FULL_CURRENT_MA UINT32_C(5000)
#define FULL_SUPPLY_MV UINT32_C(15000)
#define ADC_BITS 10u

/* Looks at ADSC, of at least six cycles each: the first conversion takes 3200 cycles. */
#define PATIENCE 2000u

#define CHANNELS 2u
#define AGE_MAX 10u

static const uint8_t INPUT_CHANNELS[CHANNELS] = {CURRENT_CHANNEL, SUPPLY_CHANNEL};

/* 125 kHz: a conversion takes 104 us. */
#define ADC_ON (BIT(ADEN) | BIT(ADPS2) | BIT(ADPS1) | BIT(ADPS0))

static uint16_t newest[CHANNELS];
static uint8_t age[CHANNELS];
static uint8_t channel;

static void start(uint8_t from)
{
    ADMUX = (uint8_t)(REFERENCE_AVCC | from);
    ADCSRA = ADC_ON | BIT(ADSC);
}

/* An ADC that never answers reads as 0, which no reference is. */
static uint16_t convert(uint8_t from)
{
    uint16_t patience = PATIENCE;

    start(from);
    while ((ADCSRA & BIT(ADSC)) != 0) {
        if (--patience == 0) {
            return 0;
        }
    }
    return ADC;
}

uint32_t sense_noise(uint32_t running)
{
    static const uint8_t NOISY[] = {TEMPERATURE_CHANNEL, CURRENT_CHANNEL, SUPPLY_CHANNEL};

    for (uint8_t i = 0; i < NOISE_READINGS * sizeof NOISY; i++) {
        uint16_t reading = convert(NOISY[i % sizeof NOISY]);

        running = crc32c_update(running, (const uint8_t *)&reading, sizeof reading);
    }
    return running;
}

bool sense_init(void)
{
    DIDR0 = BIT(ADC0D) | BIT(ADC1D);
    /* The bandgap settles in 70 us: the second reading counts. */
    (void)convert(BANDGAP_CHANNEL);
    uint16_t bandgap = convert(BANDGAP_CHANNEL);

    newest[0] = convert(CURRENT_CHANNEL);
    newest[1] = convert(SUPPLY_CHANNEL);
    start(CURRENT_CHANNEL);
    return bandgap >= BANDGAP_MIN && bandgap <= BANDGAP_MAX;
}

static void poll_adc(void)
{
    for (uint8_t i = 0; i < CHANNELS; i++) {
        if (age[i] < UINT8_MAX) {
            age[i]++;
        }
    }
    if (!(ADCSRA & BIT(ADSC))) {
        newest[channel] = ADC;
        age[channel] = 0;
        channel ^= 1u;
        start(INPUT_CHANNELS[channel]);
    }
}

void sense_poll(struct inputs *inputs)
{
    uint8_t b = PINB;
    uint8_t c = PINC;

    poll_adc();
    inputs->estop_open = (PIND & ESTOP) != 0;
    inputs->ack_pressed = (c & ACK) == 0;
    inputs->seat_occupied = (c & SEAT) == 0;
    inputs->enclosure_open = (c & ENCLOSURE) != 0;
    inputs->child_button_pressed = (c & CHILD) == 0;
    inputs->contactor_closed = (b & CONTACTOR) != 0;
    inputs->child_second_pressed = (b & CHILD_SECOND) == 0;
    inputs->current_ma = (uint16_t)(newest[0] * FULL_CURRENT_MA >> ADC_BITS);
    inputs->supply_mv = (uint16_t)(newest[1] * FULL_SUPPLY_MV >> ADC_BITS);
}

bool sense_is_fresh(void)
{
    return age[0] <= AGE_MAX && age[1] <= AGE_MAX;
}

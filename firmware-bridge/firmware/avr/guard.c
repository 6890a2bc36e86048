#include "guard.h"

#include <avr/io.h>
#include <avr/pgmspace.h>

#include "envelope.h"
#include "paint.h"
#include "pins.h"
#include "sense.h"

/* Longer turns than this mean that time cannot be trusted; the longest measured is below 10 ms. */
#define TURN_MAX_MS 50u
#define WATCHED_BYTES 16u

extern uint8_t _end; /* of the static data, from the linker */

struct expected {
    uint16_t address;
    uint8_t mask;
    uint8_t value;
};

#define WATCHDOG_MASK (BIT(WDIE) | BIT(WDP3) | BIT(WDE) | BIT(WDP2) | BIT(WDP1) | BIT(WDP0))
#define ADC_MASK (BIT(ADEN) | BIT(ADATE) | BIT(ADIE) | BIT(ADPS2) | BIT(ADPS1) | BIT(ADPS0))
#define UART_ON (BIT(RXEN0) | BIT(TXEN0) | BIT(RXCIE0))

/* What a timer or the main loop changes all the time is masked out. SMCR and ADMUX are set anew on
 * every turn, EECR's mode with every byte, and OSCCAL clocks nothing but EEPROM writes, which are read
 * back. */
static const struct expected EXPECTED[] PROGMEM = {
    {_SFR_ADDR(DDRB), 0xFF, OUTPUTS_B},
    {_SFR_ADDR(DDRC), 0xFF, 0},
    {_SFR_ADDR(DDRD), 0xFF, OUTPUTS_D},
    {_SFR_ADDR(PORTB), (uint8_t) ~(VIBRATION | BLUE), PULL_UPS_B},
    {_SFR_ADDR(PORTC), 0xFF, PULL_UPS_C},
    {_SFR_ADDR(PORTD), (uint8_t)~OUTPUTS_D, PULL_UPS_D},
    {_SFR_ADDR(TCCR0A), BIT(COM0A0) | BIT(COM0B0) | BIT(WGM01) | BIT(WGM00),
     BIT(WGM01) | BIT(WGM00)},
    {_SFR_ADDR(TCCR0B), 0xFF, BIT(CS01)},
    {_SFR_ADDR(TCCR1A), 0xFF, BIT(COM1A1) | BIT(WGM11) | BIT(WGM10)},
    {_SFR_ADDR(TCCR1B), 0xFF, BIT(WGM12) | BIT(CS10)},
    {_SFR_ADDR(TCCR2A), BIT(COM2A0) | BIT(COM2B0) | BIT(WGM21) | BIT(WGM20),
     BIT(WGM21) | BIT(WGM20)},
    {_SFR_ADDR(TCCR2B), 0xFF, BIT(CS21)},
    {_SFR_ADDR(TIMSK0), 0xFF, 0},
    {_SFR_ADDR(TIMSK1), 0xFF, BIT(TOIE1)},
    {_SFR_ADDR(TIMSK2), 0xFF, 0},
    {_SFR_ADDR(UCSR0B), (uint8_t) ~(BIT(UDRIE0) | BIT(RXB80) | BIT(TXB80)), UART_ON},
    {_SFR_ADDR(UBRR0L), 0xFF, 3},
    {_SFR_ADDR(ADCSRA), ADC_MASK, BIT(ADEN) | BIT(ADPS2) | BIT(ADPS1) | BIT(ADPS0)},
    {_SFR_ADDR(WDTCSR), WATCHDOG_MASK, BIT(WDE) | BIT(WDP2)},
    /* What can stop clocks, timers or pull-ups. */
    {_SFR_ADDR(PRR), 0xFF, 0},
    {_SFR_ADDR(MCUCR), 0xFF, 0},
    {_SFR_ADDR(GTCCR), BIT(TSM), 0},
    {_SFR_ADDR(ASSR), BIT(EXCLK) | BIT(AS2), 0},
    {_SFR_ADDR(CLKPR), BIT(CLKPS3) | BIT(CLKPS2) | BIT(CLKPS1) | BIT(CLKPS0), 0},
    /* What can take a pin away, or read it as low. */
    {_SFR_ADDR(TWCR), BIT(TWEN) | BIT(TWIE), 0},
    {_SFR_ADDR(SPCR), 0xFF, 0},
    {_SFR_ADDR(DIDR0), 0xFF, BIT(ADC0D) | BIT(ADC1D)},
    {_SFR_ADDR(DIDR1), 0xFF, 0},
    /* What can change what the line says. */
    {_SFR_ADDR(UCSR0A), BIT(U2X0) | BIT(MPCM0), 0},
    {_SFR_ADDR(UCSR0C), 0xFF, BIT(UCSZ01) | BIT(UCSZ00)},
    {_SFR_ADDR(UBRR0H), 0xFF, 0},
    /* What can ask for an interrupt that nobody serves. */
    {_SFR_ADDR(EIMSK), 0xFF, 0},
    {_SFR_ADDR(PCICR), 0xFF, 0},
    {_SFR_ADDR(ACSR), BIT(ACIE), 0},
    {_SFR_ADDR(EECR), BIT(EERIE), 0},
};

bool guard_stack(void)
{
    const uint8_t *free = &_end;
    bool painted = true;

    for (uint8_t i = 0; i < WATCHED_BYTES; i++) {
        painted = painted && free[STACK_RESERVE - WATCHED_BYTES + i] == STACK_PAINT;
    }
    return painted;
}

bool guard_registers(void)
{
    bool intact = true;

    for (uint8_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++) {
        const struct expected *expected = &EXPECTED[i];
        uint8_t value = _SFR_MEM8(pgm_read_word(&expected->address));

        value &= pgm_read_byte(&expected->mask);
        intact = intact && value == pgm_read_byte(&expected->value);
    }
    return intact;
}

bool guard_chair(const struct chair *chair)
{
    const struct gate *gate = chair_gate(chair);

    return chair->machine.state <= STATE_ESTOP && gate->vibration_ppm <= FULL_PPM &&
           gate->vibration_mhz >= VIBRATION_DHZ_MIN * MHZ_PER_DHZ &&
           gate->vibration_mhz <= VIBRATION_DHZ_MAX * MHZ_PER_DHZ && gate->sound_ppm <= FULL_PPM &&
           gate->light.red_ppm <= FULL_PPM && gate->light.green_ppm <= FULL_PPM &&
           gate->light.blue_ppm <= FULL_PPM;
}

bool guard_all(const struct chair *chair, uint32_t now_ms)
{
    static uint32_t last_ms;
    uint32_t turn_ms = now_ms - last_ms;

    last_ms = now_ms;
    return turn_ms > 0 && turn_ms <= TURN_MAX_MS && sense_is_fresh() && guard_stack() &&
           guard_registers() && guard_chair(chair);
}

#include "amplifier.h"

#include <avr/io.h>

#include "pins.h"

void amplifier_disable(void)
{
    PORTD &= (uint8_t) ~(AMPLIFIER | PUMP);
}

void amplifier_enable(void)
{
    PORTD |= AMPLIFIER;
}

void amplifier_pump(void)
{
    if ((PORTD & AMPLIFIER) != 0) {
        PIND = PUMP; /* writing a one to PIN toggles */
    }
}

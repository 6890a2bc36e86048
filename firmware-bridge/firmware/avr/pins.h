/* Which pin of the ATmega328P does what; README.md has the same as a table and as a drawing. */
#ifndef CALMLOOP_PINS_H
#define CALMLOOP_PINS_H

#include <avr/io.h>

#ifdef __ASSEMBLER__
#define BIT(number) (1 << (number))
#else
#define BIT(number) ((uint8_t)(1u << (number)))
#endif

/* Port D. RXD and TXD are PD0 and PD1. */
#define ESTOP BIT(PD2)     /* in, pull-up; normally closed to ground: high is pressed or cut */
#define SOUND BIT(PD3)     /* OC2B: level of the sound */
#define PUMP BIT(PD4)      /* charge pump of the amplifier enable: must keep toggling */
#define GREEN BIT(PD5)     /* OC0B */
#define RED BIT(PD6)       /* OC0A */
#define AMPLIFIER BIT(PD7) /* amplifier enable, ANDed with the pump in hardware */

/* Port B. PB4 and PB5 belong to the programmer, PB6 and PB7 to the crystal. */
#define CONTACTOR BIT(PB0) /* in, pull-up; mirror contact: low proves that the contactor is open */
#define VIBRATION BIT(PB1) /* OC1A: the sine, around half scale */
#define CHILD_SECOND BIT(PB2) /* in, pull-up; low is pressed. Free of the programmer */
#define BLUE BIT(PB3)         /* OC2A */

/* Port C. PC0 and PC1 are analogue. */
#define SEAT BIT(PC2)      /* in, pull-up; low is occupied */
#define ENCLOSURE BIT(PC3) /* in, pull-up; normally closed: high is open or cut */
#define CHILD BIT(PC4)     /* in, pull-up; low is pressed */
#define ACK BIT(PC5)       /* in, pull-up; low is pressed */
#define CURRENT_CHANNEL 0u /* PC0: 1 V per ampere, filtered with 5 ms */
#define SUPPLY_CHANNEL 1u  /* PC1: a third of the supply */

#define OUTPUTS_B (VIBRATION | BLUE)
#define OUTPUTS_D (SOUND | PUMP | GREEN | RED | AMPLIFIER)
#define PULL_UPS_B (CONTACTOR | CHILD_SECOND | BIT(PB4) | BIT(PB5))
#define PULL_UPS_C (SEAT | ENCLOSURE | CHILD | ACK)
#define PULL_UPS_D (BIT(PD0) | BIT(PD1) | ESTOP)

#endif

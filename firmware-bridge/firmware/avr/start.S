; What happens before anything else: why did we reset, the watchdog, safe pins, memory.
;
; It runs in .init3, after the stack pointer is set and before .data and .bss are filled. It calls
; nothing and uses only registers, since memory is what it tests.
;
;   GPIOR0  the reset flags, as MCUSR has them: main.c clears it once what they mean is stored
;   GPIOR1  1 if every byte of memory held what was written to it
;   memory_noise  a sum over what memory held before
;
; Afterwards all memory holds STACK_PAINT, so that what the stack never reached can be seen.

#define __SFR_OFFSET 0
#include <avr/io.h>

#include "paint.h"
#include "pins.h"

        .section .init3, "ax", @progbits
        .global start
start:
        cli
        in      r24, MCUSR
        out     GPIOR0, r24
        sbrc    r24, PORF               ; a power-on means nothing that had to be stored
        out     MCUSR, r1

        ; 250 ms, reset only. The fuse WDTON has started it with 16 ms.
        wdr
        ldi     r24, (1 << WDCE) | (1 << WDE)
        ldi     r25, (1 << WDE) | (1 << WDP2)
        sts     0x60, r24               ; WDTCSR: the second write within four cycles
        sts     0x60, r25

        ; Timers off the pins, and levels before directions, so that no output is ever high.
        sts     0x80, r1                ; TCCR1A
        sts     0xB0, r1                ; TCCR2A
        out     TCCR0A, r1
        ldi     r24, PULL_UPS_B
        out     PORTB, r24
        ldi     r24, PULL_UPS_C
        out     PORTC, r24
        ldi     r24, PULL_UPS_D
        out     PORTD, r24
        ldi     r24, OUTPUTS_B
        out     DDRB, r24
        ldi     r24, OUTPUTS_D
        out     DDRD, r24

        ; No reset flag: a jump gone astray, not a reset. Stand still until the watchdog makes it one.
        in      r24, GPIOR0
4:      tst     r24
        breq    4b

        ; Memory: an address pattern up, its complement up, the paint down.
        ldi     r20, 1
        clr     r16                     ; what memory held before, summed four times over
        clr     r17
        clr     r18
        clr     r19
        ldi     r26, lo8(RAMSTART)
        ldi     r27, hi8(RAMSTART)
1:      ld      r24, X
        add     r16, r24
        add     r17, r16
        add     r18, r17
        add     r19, r18
        mov     r24, r26
        eor     r24, r27
        st      X+, r24
        cpi     r26, lo8(RAMEND + 1)
        ldi     r25, hi8(RAMEND + 1)
        cpc     r27, r25
        brne    1b

        ldi     r26, lo8(RAMSTART)
        ldi     r27, hi8(RAMSTART)
2:      mov     r24, r26
        eor     r24, r27
        ld      r25, X
        cpse    r24, r25
        clr     r20
        com     r24
        st      X+, r24
        cpi     r26, lo8(RAMEND + 1)
        ldi     r25, hi8(RAMEND + 1)
        cpc     r27, r25
        brne    2b

        ldi     r21, STACK_PAINT
3:      ld      r25, -X
        mov     r24, r26
        eor     r24, r27
        com     r24
        cpse    r24, r25
        clr     r20
        st      X, r21
        cpi     r26, lo8(RAMSTART)
        ldi     r25, hi8(RAMSTART)
        cpc     r27, r25
        brne    3b

        out     GPIOR1, r20
        sts     memory_noise, r16
        sts     memory_noise + 1, r17
        sts     memory_noise + 2, r18
        sts     memory_noise + 3, r19

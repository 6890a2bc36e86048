; Timer1's overflow, every 1024 cycles: one sample of the sine, and the tick.
;
;   sample = 512 + round(SINE[phase >> 16 mod 1024] * amplitude / 65536)
;
; In assembly because it runs 15 625 times a second: 146 cycles with entry and exit, where the
; compiler's took 190.

#define __SFR_OFFSET 0
#include <avr/io.h>

        .section .text.sine_tick, "ax", @progbits
        .global TIMER1_OVF_vect
TIMER1_OVF_vect:
        push    r0
        in      r0, SREG
        push    r0
        push    r1
        push    r18
        push    r19
        push    r20
        push    r21
        push    r22
        push    r23
        push    r24
        push    r25
        push    r30
        push    r31

        lds     r24, sine_ticks
        lds     r25, sine_ticks + 1
        adiw    r24, 1
        sts     sine_ticks + 1, r25
        sts     sine_ticks, r24

        ; phase += step; its upper half ends up in Z
        lds     r18, sine_phase
        lds     r19, sine_step
        add     r18, r19
        sts     sine_phase, r18
        lds     r18, sine_phase + 1
        lds     r19, sine_step + 1
        adc     r18, r19
        sts     sine_phase + 1, r18
        lds     r30, sine_phase + 2
        lds     r19, sine_step + 2
        adc     r30, r19
        sts     sine_phase + 2, r30
        lds     r31, sine_phase + 3
        lds     r19, sine_step + 3
        adc     r31, r19
        sts     sine_phase + 3, r31

        andi    r31, 3
        lsl     r30
        rol     r31
        subi    r30, lo8(-(SINE))
        sbci    r31, hi8(-(SINE))
        lpm     r20, Z+
        lpm     r21, Z

        ; r23:r22:r24:(dropped) = signed r21:r20 * unsigned r19:r18
        lds     r18, sine_amplitude
        lds     r19, sine_amplitude + 1
        clr     r25
        mul     r20, r18
        mov     r24, r1
        mulsu   r21, r19
        movw    r22, r0
        mul     r20, r19
        add     r24, r0
        adc     r22, r1
        adc     r23, r25
        mulsu   r21, r18
        sbc     r23, r25
        add     r24, r0
        adc     r22, r1
        adc     r23, r25

        ldi     r30, 0x80               ; to the nearest
        add     r24, r30
        adc     r22, r25
        adc     r23, r25
        subi    r23, hi8(-512)
        sts     OCR1AH, r23
        sts     OCR1AL, r22

        pop     r31
        pop     r30
        pop     r25
        pop     r24
        pop     r23
        pop     r22
        pop     r21
        pop     r20
        pop     r19
        pop     r18
        pop     r1
        pop     r0
        out     SREG, r0
        pop     r0
        reti

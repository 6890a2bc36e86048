#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#include "pins.h"
#include "protocol.h"

#define RING_SIZE 128u /* a power of two */
#define RING_MASK (RING_SIZE - 1u)
#define DIVIDER (F_CPU / 16u / BAUD - 1u)
_Static_assert((DIVIDER + 1u) * 16u * BAUD == F_CPU, "the rate has no error");

/* One end belongs to the main loop, the other to an interrupt; each index has one writer. */
struct ring {
    volatile uint8_t head; /* next byte to be put */
    volatile uint8_t tail; /* next byte to be taken */
    uint8_t bytes[RING_SIZE];
};

static struct ring received;
static struct ring waiting;

static uint8_t after(uint8_t index)
{
    return (uint8_t)((index + 1u) & RING_MASK);
}

ISR(USART_RX_vect)
{
    uint8_t byte = UDR0;
    uint8_t head = received.head;
    uint8_t next = after(head);

    if (next != received.tail) {
        received.bytes[head] = byte;
        received.head = next;
    }
}

ISR(USART_UDRE_vect)
{
    uint8_t tail = waiting.tail;

    if (tail == waiting.head) {
        UCSR0B &= (uint8_t)~BIT(UDRIE0);
        return;
    }
    UDR0 = waiting.bytes[tail];
    waiting.tail = after(tail);
}

void uart_init(void)
{
    UBRR0 = DIVIDER;
    UCSR0C = BIT(UCSZ01) | BIT(UCSZ00);
    UCSR0B = BIT(RXEN0) | BIT(TXEN0) | BIT(RXCIE0);
}

size_t uart_read(uint8_t *bytes, size_t size)
{
    size_t count = 0;
    uint8_t tail = received.tail;

    while (count < size && tail != received.head) {
        bytes[count++] = received.bytes[tail];
        tail = after(tail);
    }
    received.tail = tail;
    return count;
}

bool uart_has_room(size_t size)
{
    uint8_t held = (uint8_t)(waiting.head - waiting.tail) & RING_MASK;

    return size < RING_SIZE - held;
}

void uart_write(const uint8_t *bytes, size_t size)
{
    uint8_t head = waiting.head;

    for (size_t i = 0; i < size; i++) {
        waiting.bytes[head] = bytes[i];
        head = after(head);
    }
    waiting.head = head;
    /* The interrupt clears this bit; a clear lost between read and write costs one empty run of it. */
    UCSR0B |= BIT(UDRIE0);
}

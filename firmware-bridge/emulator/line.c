#include "line.h"

#include <avr_uart.h>
#include <string.h>

/* 250000 baud carry 25 bytes a millisecond; simavr takes 704 cycles a byte, not 640. */
#define BYTES_PER_SLICE 22u
#define DRAIN_SIZE 512u

static void take_byte(struct avr_irq_t *irq, uint32_t value, void *context)
{
    struct line *line = context;

    (void)irq;
    if (line->sent < sizeof line->sending) {
        line->sending[line->sent++] = (uint8_t)value;
    }
}

void line_init(struct line *line, struct chip *chip)
{
    uint32_t flags = 0; /* no echo to the terminal, no sleeping in the chip's polls */
    avr_t *avr = chip->avr;

    *line = (struct line){.chip = chip};
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
                            take_byte, line);
}

void line_unplug(struct line *line)
{
    if (line->plugged) {
        port_close(&line->port);
        line->plugged = false;
    }
}

bool line_plug(struct line *line, const char *link_path)
{
    line_unplug(line);
    line->plugged = port_open_pty(&line->port, link_path);
    return line->plugged;
}

/* What a chip without power is sent is lost. */
static void drain(struct line *line)
{
    uint8_t bytes[DRAIN_SIZE];

    while (port_read(&line->port, bytes, sizeof bytes) > 0) {
    }
}

static void note(const struct line *line, const char *from, const uint8_t *bytes, size_t size)
{
    record_bytes(line->chip->record, line->chip->avr->cycle, from, bytes, size);
}

static void receive(struct line *line, const uint8_t *bytes, size_t size)
{
    avr_irq_t *irq = avr_io_getirq(line->chip->avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);

    note(line, "host", bytes, size);
    for (size_t i = 0; i < size; i++) {
        avr_raise_irq(irq, bytes[i]);
    }
}

static void receive_from_port(struct line *line)
{
    uint8_t bytes[BYTES_PER_SLICE];

    receive(line, bytes, port_read(&line->port, bytes, sizeof bytes));
}

bool line_poll(struct line *line)
{
    if (!line->plugged) {
        line->sent = 0;
        return false;
    }
    bool opened = port_poll(&line->port);
    note(line, "chair", line->sending, line->sent);
    port_write(&line->port, line->sending, line->sent);
    line->sent = 0;
    if (line->chip->powered) {
        receive_from_port(line);
    } else {
        drain(line);
    }
    return opened;
}

void line_poll_stepped(struct line *line)
{
    size_t size = line->given < BYTES_PER_SLICE ? line->given : BYTES_PER_SLICE;

    if (line->chip->powered) {
        receive(line, line->giving, size);
    }
    line->given -= size;
    memmove(line->giving, line->giving + size, line->given);
}

bool line_give(struct line *line, const uint8_t *bytes, size_t size)
{
    if (size > sizeof line->giving - line->given) {
        return false;
    }
    memcpy(line->giving + line->given, bytes, size);
    line->given += size;
    return true;
}

size_t line_take(struct line *line, uint8_t bytes[LINE_STEP_BYTES])
{
    size_t size = line->sent < LINE_STEP_BYTES ? line->sent : LINE_STEP_BYTES;

    note(line, "chair", line->sending, size);
    memcpy(bytes, line->sending, size);
    line->sent = 0;
    return size;
}

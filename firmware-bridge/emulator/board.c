#include "board.h"

#include <avr_adc.h>
#include <avr_ioport.h>

#define CONTACTOR_CYCLES (15u * CYCLES_PER_MS)

/* 1 V per ampere, and a third of the supply; the ADC sees 5 V at most. */
#define ADC_MAX_MV 5000u
#define SUPPLY_DIVIDER 3u

/* Data addresses of the PIN registers. */
#define PINB 0x23u
#define PORT_STRIDE 3u

struct wire {
    uint8_t port; /* 'B' to 'D' */
    uint8_t bit;
    bool high;
};

/* simavr's pins forget their levels in a reset and refuse to be told the same level again, so the
 * register is set too. */
static void set_pin(struct board *board, const struct wire *wire)
{
    avr_t *avr = board->chip->avr;
    uint8_t *pin = &avr->data[PINB + PORT_STRIDE * (wire->port - (unsigned int)'B')];
    uint8_t mask = (uint8_t)(1u << wire->bit);

    avr_raise_irq(avr_io_getirq(avr, (uint32_t)AVR_IOCTL_IOPORT_GETIRQ(wire->port), wire->bit),
                  wire->high);
    *pin = (uint8_t)((*pin & ~mask) | (wire->high ? mask : 0));
}

/* simavr would else let an internal pull-up win over a wire to ground. */
static void hold_port(struct board *board, uint8_t port, const struct wire *wires, size_t count)
{
    avr_ioport_external_t external = {.name = port & 0x7Fu};

    for (size_t i = 0; i < count; i++) {
        if (wires[i].port == port) {
            uint8_t mask = (uint8_t)(1u << wires[i].bit);

            external.mask |= mask;
            external.value |= wires[i].high ? mask : 0;
        }
    }
    avr_ioctl(board->chip->avr, (uint32_t)AVR_IOCTL_IOPORT_SET_EXTERNAL(port), &external);
}

static void set_voltage(struct board *board, int channel, uint32_t mv)
{
    avr_raise_irq(avr_io_getirq(board->chip->avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + channel),
                  mv < ADC_MAX_MV ? mv : ADC_MAX_MV);
}

void board_apply(struct board *board)
{
    const struct inputs *inputs = &board->bench.inputs;
    const struct wire wires[] = {
        {'D', 2, inputs->estop_open},      {'B', 0, inputs->contactor_closed},
        {'C', 2, !inputs->seat_occupied},  {'C', 3, inputs->enclosure_open},
        {'C', 4, !inputs->child_button_pressed}, {'C', 5, !inputs->ack_pressed},
        {'B', 2, !inputs->child_second_pressed},
    };
    size_t count = sizeof wires / sizeof wires[0];

    for (uint8_t port = 'B'; port <= 'D'; port++) {
        hold_port(board, port, wires, count);
    }
    for (size_t i = 0; i < count; i++) {
        set_pin(board, &wires[i]);
    }
    set_voltage(board, 0, inputs->current_ma);
    set_voltage(board, 1, inputs->supply_mv / SUPPLY_DIVIDER);
}

void board_init(struct board *board, struct chip *chip)
{
    *board = (struct board){.chip = chip};
    bench_init(&board->bench);
    board_apply(board);
}

void board_poll(struct board *board)
{
    bool held = bench_contactor_is_held(&board->bench);
    uint64_t cycle = board->chip->avr->cycle;

    if (held == board->bench.inputs.contactor_closed) {
        board->contactor_cycle = cycle + CONTACTOR_CYCLES;
    } else if (cycle >= board->contactor_cycle) {
        board->bench.inputs.contactor_closed = held;
        board_apply(board);
    }
}

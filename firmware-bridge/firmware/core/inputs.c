#include "inputs.h"

#include "envelope.h"

static uint8_t bit_if(bool condition, uint8_t bit)
{
    return condition ? bit : 0;
}

uint8_t inputs_bits(const struct inputs *inputs)
{
    return (uint8_t)(bit_if(inputs->estop_open, INPUT_ESTOP_OPEN) |
                     bit_if(inputs->ack_pressed, INPUT_ACK_PRESSED) |
                     bit_if(inputs->seat_occupied, INPUT_SEAT_OCCUPIED) |
                     bit_if(inputs->enclosure_open, INPUT_ENCLOSURE_OPEN) |
                     bit_if(inputs->child_button_pressed, INPUT_CHILD_BUTTON) |
                     bit_if(inputs->contactor_closed, INPUT_CONTACTOR_CLOSED));
}

void buttons_init(struct buttons *buttons)
{
    *buttons = (struct buttons){0};
}

void buttons_poll(struct buttons *buttons, const struct inputs *inputs, uint32_t now_ms)
{
    buttons->estop_is_open =
        hold_poll(&buttons->estop_open, inputs->estop_open, now_ms, ESTOP_OPEN_MS);
    buttons->estop_is_closed =
        hold_poll(&buttons->estop_closed, !inputs->estop_open, now_ms, ESTOP_CLOSED_MS);

    /* A stuck ACK is never seen released, so it never counts; a long press counts once. */
    if (hold_poll(&buttons->ack_released, !inputs->ack_pressed, now_ms, ACK_HOLD_MS)) {
        buttons->ack_ready = true;
    }
    bool pressed = hold_poll(&buttons->ack_pressed, inputs->ack_pressed, now_ms, ACK_HOLD_MS);
    buttons->acknowledged = pressed && buttons->ack_ready;
    if (pressed) {
        buttons->ack_ready = false;
    }
}

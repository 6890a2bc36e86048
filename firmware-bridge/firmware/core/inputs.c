#include "inputs.h"

#include "envelope.h"
#include "protocol.h"

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
                     bit_if(inputs->contactor_closed, INPUT_CONTACTOR_CLOSED) |
                     bit_if(inputs->child_second_pressed, INPUT_CHILD_SECOND));
}

void buttons_init(struct buttons *buttons, uint32_t now_ms)
{
    *buttons = (struct buttons){.polled_ms = now_ms, .child_released_ms = now_ms};
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Fills while the wire is open and leaks at a quarter of that speed: one clean press counts after
 * ESTOP_OPEN_MS, a wire that is open for more than a fifth of the time after a while. */
static void poll_estop(struct buttons *buttons, bool open, uint32_t elapsed_ms)
{
    uint32_t level = buttons->estop_level;
    uint32_t step_ms = lesser(elapsed_ms, ESTOP_OPEN_MS);

    if (!open) {
        level -= lesser(level, step_ms);
    } else if (buttons->estop_was_open) {
        level = lesser(level + ESTOP_LEAK * step_ms, ESTOP_LEAK * ESTOP_OPEN_MS);
    }
    buttons->estop_level = (uint8_t)level;
    buttons->estop_was_open = open;
    buttons->estop_is_open = open && level == ESTOP_LEAK * ESTOP_OPEN_MS;
}

/* Counted from when it was last seen released, so that no press of CHILD_PRESS_MS falls between ticks. */
static void poll_child(struct buttons *buttons, bool pressed, uint32_t now_ms)
{
    if (!pressed) {
        buttons->child_released_ms = now_ms;
    }
    buttons->child_is_pressed = now_ms - buttons->child_released_ms >= CHILD_SEEN_MS;
}

void buttons_poll(struct buttons *buttons, const struct inputs *inputs, uint32_t now_ms)
{
    poll_estop(buttons, inputs->estop_open, now_ms - buttons->polled_ms);
    poll_child(buttons, inputs->child_button_pressed, now_ms);
    buttons->polled_ms = now_ms;
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

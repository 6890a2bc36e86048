/* Faults: what latches them, what keeps them, and which reset is one. The first one is remembered. */
#ifndef CALMLOOP_FAULT_H
#define CALMLOOP_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "inputs.h"
#include "protocol.h"
#include "timer.h"

/* What the hardware says about the last reset: several bits may be set. */
#define RESET_POWER_ON 0x01u
#define RESET_EXTERNAL 0x02u
#define RESET_BROWN_OUT 0x04u
#define RESET_WATCHDOG 0x08u

/* The fault that a reset means: power-on is an ordinary start whatever else is set, and so is an
 * external reset alone (opening the serial port does that). */
enum fault_code fault_of_reset(uint8_t reset_flags);

struct fault_monitor {
    enum fault_code code;    /* the first one since the last acknowledgement */
    bool self_test_failed;   /* until the next reset */
    bool store_failed;       /* it keeps nothing: until the next reset */
    bool memory_failed;      /* it did not keep what it was given: until the next reset */
    bool contactor_unproved; /* until it was seen to open with the red button pressed */
    bool over_current;       /* now, be it for how short a moment */
    struct hold current_high;
    struct hold contactor_late;
    struct hold current_missing;
};

/* Begin with the code that was stored before the reset, FAULT_NONE if none was. */
void fault_init(struct fault_monitor *monitor, enum fault_code stored);

/* Latch a code, unless one is latched already. */
void fault_latch(struct fault_monitor *monitor, enum fault_code code);

/* Look at the inputs of one tick; `vibration_ppm` is what is driven meanwhile. */
void fault_poll(struct fault_monitor *monitor, const struct inputs *inputs,
                const struct buttons *buttons, uint32_t vibration_ppm, uint32_t now_ms);

/* Nothing that the hardware shows stands against an acknowledgement. */
bool fault_cause_gone(const struct fault_monitor *monitor);

#endif

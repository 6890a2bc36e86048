/* Where tests that look into the running chip find things: offsets into `chair`, as assembly. */
#include <stddef.h>

#include "chair.h"

#define OFFSET(name, member) \
    __asm__ volatile("LAYOUT " name " %0 %1" ::"i"(offsetof(struct chair, member)), \
                     "i"(sizeof(((struct chair *)0)->member)))

void layout(void);

void layout(void)
{
    OFFSET("state", machine.state);
    OFFSET("session_left_s", machine.session.arm_left_s);
    OFFSET("fault", machine.fault.code);
    OFFSET("vibration_ppm", machine.gate.vibration_ppm);
    OFFSET("sound_ppm", machine.gate.sound_ppm);
    OFFSET("red_ppm", machine.gate.light.red_ppm);
}

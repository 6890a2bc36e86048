/* The safety envelope: every number that bounds an output or a time, with its source. Those that the host
 * has to know as well, the caps among them, are in protocol.h, which protocol.toml declares.
 *
 * Levels inside the core are parts per million of full scale ("ppm", 0 to 1 000 000), on the wire
 * per mille. Frequencies inside are millihertz, on the wire tenths of a hertz. None of these numbers
 * is a setting. They are engineering defaults, not medical advice. */
#ifndef CALMLOOP_ENVELOPE_H
#define CALMLOOP_ENVELOPE_H

#include <stdint.h>

#include "protocol.h"

#define FULL_PPM UINT32_C(1000000)
#define PPM_PER_PERMILLE UINT32_C(1000)
#define MHZ_PER_DHZ UINT32_C(100)

/* One gate step never moves light by more than 20 ms' worth, however late it comes. */
#define LIGHT_STEP_MAX_MS UINT32_C(20)

/* How fast the frequency of a running vibration may glide: our choice, free of clicks. */
#define VIBRATION_GLIDE_MHZ_PER_MS UINT32_C(20)

/* A gate step that comes later than this is treated as this late. */
#define GATE_STEP_MAX_MS UINT32_C(200)

/* A lease without a break for so long, and ARM may come; then a setpoint has to follow. */
#define LEASE_PROVING_MS UINT32_C(1000)
#define ARMED_WAIT_MS UINT32_C(30000)

#define BOOT_DARK_MS UINT32_C(2000)
#define LOCKOUT_STOP_MS UINT32_C(3000)
#define LOCKOUT_FAULT_MS UINT32_C(10000)

/* More than this many bad frames in a second, or this many setpoints outside the coded range in ten
 * seconds, and the sender is not to be trusted. */
#define BAD_FRAMES_PER_S 20u
#define BAD_SETPOINTS_PER_10S 5u

/* Inputs. The red button acts within 50 ms, over-current within 50 ms. */
#define ESTOP_OPEN_MS UINT32_C(10)
#define ESTOP_CLOSED_MS UINT32_C(50)
/* Its open time leaks away this many times slower than it came: our choice. */
#define ESTOP_LEAK UINT32_C(4)
/* The child's button: a press of 10 ms counts. Turns are 5 ms apart at most, so that the last sample that
 * sees it may come 5 ms after its beginning. */
#define CHILD_PRESS_MS UINT32_C(10)
#define CHILD_SEEN_MS UINT32_C(5)
#define ACK_HOLD_MS UINT32_C(50)
/* ACK held in SAFE for so long lets one new calibration in: a person at the empty chair agrees to it. */
#define AGREE_HOLD_MS UINT32_C(3000)
#define OVER_CURRENT_MS UINT32_C(10)
#define CONTACTOR_DROP_MS UINT32_C(200)
/* The drivers' supply: 12 V within what its parts are made for. */
#define SUPPLY_MIN_MV 9000u
#define SUPPLY_MAX_MV 14500u
#define SUPPLY_HYSTERESIS_MV 500u
#define DRIVE_LOST_MS UINT32_C(20)
#define SUPPLY_BACK_MS UINT32_C(200)
/* A transducer that is driven draws something: a sensor that shows less than its smallest step is dead. */
#define CURRENT_SEEN_MA 5u
#define CURRENT_EXPECTED_PPM UINT32_C(50000)
#define CURRENT_DEAD_MS UINT32_C(2000)

/* The calibration in memory is proved so often: a flipped bit of it acts for no longer. */
#define MEMORY_PROOF_MS 1000u

/* An extra STATUS comes at most so often when a setpoint is first applied. */
#define STATUS_QUIET_MS UINT32_C(20)

/* Courtesy light: 10 % of a warm white. */
#define COURTESY_RED_PPM UINT32_C(100000)
#define COURTESY_GREEN_PPM UINT32_C(70000)
#define COURTESY_BLUE_PPM UINT32_C(35000)

/* CRC-32C over CAP_LIST, the numbers that cap an output or a session: the "cap hash" of IDENTITY. */
uint32_t envelope_hash(void);

#endif

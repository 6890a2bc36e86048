/* The messages inside the frames, byte by byte, and the numbers and codes that both ends know;
 * PROTOCOL.md is their specification. Written by `make protocol` from
 * firmware-bridge/protocol.toml: change that, not this. */
/* clang-format off */
#ifndef CALMLOOP_PROTOCOL_H
#define CALMLOOP_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

/* The version of this protocol, first byte of each frame. */
#define FRAME_VERSION 1u
/* The longest payload: STATUS fills it. */
#define FRAME_PAYLOAD_MAX 48u
/* No error at 16 MHz; 115200 would be 2.1 % off (ATmega328P datasheet, table 19-12). */
#define BAUD UINT32_C(250000)
/* The firmware's version as IDENTITY gives it; a host and a chair of two majors do not arm. */
#define FIRMWARE_MAJOR 1u
#define FIRMWARE_MINOR 2u
#define FIRMWARE_PATCH 0u
/* Of the chair's serial number, filled with zeros. */
#define SERIAL_SIZE 16u
/* Full scale of every level on the wire. */
#define FULL_PERMILLE 1000u
/* STATUS: 10 Hz, and a fresh nonce with each. */
#define STATUS_PERIOD_MS UINT32_C(100)
/* How many nonces the chair remembers, with their times. */
#define LEASE_NONCES 8u
/* ARM, CALIBRATE and STOP are repeated this often until they are answered. */
#define ORDER_REPEAT_MS 50u
/* So is IDENTIFY. */
#define IDENTIFY_REPEAT_MS 250u
/* A host gives a CALIBRATE up after this: storing a table takes the chair about 0.1 s. */
#define CALIBRATE_PATIENCE_MS 2000u
/* At most 20 %/s per channel keeps it to one general flash a second (WCAG 2.3.1 allows three). */
#define LIGHT_SLEW_PPM_PER_MS UINT32_C(200)
/* green + blue >= 0.43 red keeps R/(R+G+B) <= 0.70, below the 0.8 of a saturated red (WCAG
 * 2.3.1). */
#define RED_RATIO_PERCENT UINT32_C(43)
/* The band of vibroacoustic practice (30 to 120 Hz) that the transducer can follow. */
#define VIBRATION_DHZ_MIN 300u
#define VIBRATION_DHZ_MAX 800u
/* Raw acceleration (ISO 2631-1 comfort; 2002/44/EC for adult workers). */
#define VIBRATION_LIMIT_MM_S2 1000u
/* Below 40 Hz the body feels more: scaled by the weighting Wk of ISO 2631-1 (0.314 / 0.427). */
#define VIBRATION_LIMIT_30HZ_MM_S2 730u
/* At the ear (WHO-ITU H.870, sensitive listeners). */
#define SOUND_LIMIT_DDBA 750u
/* Vibration and sound, from zero to the ceiling. */
#define RISE_MS UINT32_C(5000)
/* From full scale to zero, inside the 300 ms allowed. */
#define FALL_MS UINT32_C(200)
/* A chair that was never measured may not give more than this. */
#define UNCALIBRATED_CEILING_PERMILLE 100u
/* 30 min ACTIVE per ARM, and in any SESSION_WINDOW_MIN (our choice; a clinician sets it). */
#define SESSION_LIMIT_S 1800u
#define SESSION_WINDOW_MIN 60u
/* Klipper's max_duration, panda's heartbeat: what is not renewed ends. A nonce that is older than a
 * lease is of no use to an ARM either. */
#define LEASE_MS UINT32_C(500)
/* A longer one counts as this. */
#define SETPOINT_TTL_MAX_MS 500u
/* What the drivers may draw for 10 ms. */
#define OVER_CURRENT_MA 4000u
#define CALIBRATION_POINTS_MIN 2u
/* What fits a frame, with a byte to spare. */
#define CALIBRATION_POINTS_MAX 14u
#define CALIBRATION_RECORD_SIZE 46u
/* From here up the limit of acceleration is the same. */
#define CALIBRATION_LEVEL_HZ 40u
/* At full drive of a transducer. */
#define ACCELERATION_MIN_MM_S2 50u
#define ACCELERATION_MAX_MM_S2 20000u
/* At full drive of a loudspeaker. */
#define SOUND_MIN_DDBA 400u
#define SOUND_MAX_DDBA 1200u

/* The numbers of the cap hash, in its order. */
#define CAP_LIST \
    LIGHT_SLEW_PPM_PER_MS,         \
    RED_RATIO_PERCENT,             \
    VIBRATION_DHZ_MIN,             \
    VIBRATION_DHZ_MAX,             \
    VIBRATION_LIMIT_MM_S2,         \
    VIBRATION_LIMIT_30HZ_MM_S2,    \
    SOUND_LIMIT_DDBA,              \
    RISE_MS,                       \
    FALL_MS,                       \
    UNCALIBRATED_CEILING_PERMILLE, \
    SESSION_LIMIT_S,               \
    SESSION_WINDOW_MIN,            \
    LEASE_MS,                      \
    SETPOINT_TTL_MAX_MS,           \
    OVER_CURRENT_MA

/* The states of the chair. */
enum state {
    STATE_BOOT = 0,
    STATE_SAFE = 1,
    STATE_ARMED = 2,
    STATE_ACTIVE = 3,
    STATE_RAMPDOWN = 4,
    STATE_FAULT = 5,
    STATE_ESTOP = 6,
};
#define STATE_NAMES \
    "BOOT", "SAFE", "ARMED", "ACTIVE", "RAMPDOWN", "FAULT", "ESTOP"

/* What latched FAULT. */
enum fault_code {
    FAULT_NONE = 0,
    FAULT_SELF_TEST = 1,
    FAULT_STORE = 2,
    FAULT_WATCHDOG = 3,
    FAULT_BROWN_OUT = 4,
    FAULT_OVER_CURRENT = 5,
    FAULT_CONTACTOR = 6,
    FAULT_SETPOINTS = 7,
    FAULT_CURRENT_SENSOR = 8,
    FAULT_MEMORY = 9,
};
#define FAULT_LAST FAULT_MEMORY

/* Why the chair last stopped. */
enum stop_reason {
    STOP_NONE = 0,
    STOP_HOST = 1,
    STOP_LEASE = 2,
    STOP_TTL = 3,
    STOP_SESSION = 4,
    STOP_BAD_FRAMES = 5,
    STOP_NO_SETPOINT = 6,
    STOP_FAULT = 7,
    STOP_ESTOP = 8,
    STOP_CHILD_BUTTON = 9,
    STOP_NO_SUPPLY = 10,
    STOP_CONTACTOR_OPEN = 11,
};

/* Why an ARM is refused; `OK` when it is not. */
enum arm_result {
    ARM_OK = 0,
    ARM_WRONG_STATE = 1,
    ARM_NOT_IDENTIFIED = 2,
    ARM_ESTOP_OPEN = 3,
    ARM_LOCKED_OUT = 4,
    ARM_NO_LEASE = 5,
    ARM_SESSION_SPENT = 6,
    ARM_STALE_NONCE = 7,
    ARM_USED_ID = 8,
    ARM_CHILD_BUTTON = 9,
    ARM_NO_SUPPLY = 10,
    ARM_CONTACTOR_OPEN = 11,
};

/* What became of a CALIBRATE. */
enum calibrate_result {
    CALIBRATE_OK = 0,
    CALIBRATE_WRONG_STATE = 1,
    CALIBRATE_IMPLAUSIBLE = 2,
    CALIBRATE_NOT_IDENTIFIED = 3,
    CALIBRATE_NOT_CONFIRMED = 4,
    CALIBRATE_NOT_STORED = 5,
    CALIBRATE_JUMPS = 6,
    CALIBRATE_SEAT_OCCUPIED = 7,
};

/* Why the host sends STOP; the chair obeys whatever it is. */
enum host_stop {
    STOP_ORDER_OTHER = 0,
    STOP_ORDER_CAREGIVER = 1,
    STOP_ORDER_BRIDGE_CLOSING = 2,
    STOP_ORDER_BENCH = 3,
    STOP_ORDER_NOT_OURS = 4,
    STOP_ORDER_CHILD_SEEN = 5,
};

/* Where the chair's table from percent to m/s² and dBA comes from. */
enum calibration_kind {
    CALIBRATION_NONE = 0,
    CALIBRATION_MEASURED = 1,
    CALIBRATION_SIMULATED = 2,
};

/* The chair's inputs. */
#define INPUT_ESTOP_OPEN 0x01u
#define INPUT_ACK_PRESSED 0x02u
#define INPUT_SEAT_OCCUPIED 0x04u
#define INPUT_ENCLOSURE_OPEN 0x08u
#define INPUT_CHILD_BUTTON 0x10u
#define INPUT_CONTACTOR_CLOSED 0x20u
#define INPUT_CHILD_SECOND 0x40u

/* Conditions in STATUS. */
#define FLAG_ARM_READY 0x01u
#define FLAG_IDENTIFIED 0x02u
#define FLAG_LEASE_ALIVE 0x04u
#define FLAG_AMPLIFIER_ENABLED 0x08u
#define FLAG_FRESH_NONCE 0x10u
#define FLAG_CHILD_LATCHED 0x20u

enum message_type {
    MESSAGE_IDENTIFY = 0x01,
    MESSAGE_ARM = 0x02,
    MESSAGE_SETPOINT = 0x03,
    MESSAGE_LEASE = 0x04,
    MESSAGE_STOP = 0x05,
    MESSAGE_CALIBRATE = 0x06,
    MESSAGE_STATUS = 0x81,
    MESSAGE_IDENTITY = 0x82,
    MESSAGE_ACK = 0x83,
};

#define IDENTIFY_SIZE 10u
#define ARM_SIZE 8u
#define SETPOINT_SIZE 16u
#define LEASE_SIZE 8u
#define STOP_SIZE 3u
#define CALIBRATE_SIZE 47u
#define STATUS_SIZE 48u
#define IDENTITY_SIZE 34u
#define ACK_SIZE 4u

/* What the host expects of the chair. */
struct identify {
    uint8_t protocol;
    uint8_t firmware_major;
    uint32_t cap_hash;
    uint32_t calibration_hash;
};

/* Asks the chair to become ARMED, with a nonce that is at most {LEASE_MS} ms old. */
struct arm {
    uint32_t arm_id;
    uint32_t nonce;
};

/* What the outputs should do now; the newest wins and lasts `ttl_ms` (at most
 * {SETPOINT_TTL_MAX_MS}). */
struct setpoint {
    uint16_t tag;
    uint16_t vibration_dhz;
    uint16_t vibration_permille;
    uint16_t sound_permille;
    uint16_t red_permille;
    uint16_t green_permille;
    uint16_t blue_permille;
    uint16_t ttl_ms;
};

/* The watchdog's answer to a nonce. */
struct lease_answer {
    uint32_t nonce;
    uint32_t proof;
};

/* Stop now; `tag` comes back in STATUS. */
struct stop {
    uint8_t reason;
    uint16_t tag;
};

/* A new calibration: what full drive gives on this chair. */
struct calibrate {
    bool may_jump;
    const uint8_t *record;
};

/* What the chair does: the outputs are the applied ones, after the gate. */
struct status {
    uint8_t state;
    uint8_t fault;
    uint8_t stop_reason;
    uint8_t arm_block;
    uint8_t inputs;
    uint8_t flags;
    uint16_t vibration_permille;
    uint16_t vibration_dhz;
    uint16_t sound_permille;
    uint16_t red_permille;
    uint16_t green_permille;
    uint16_t blue_permille;
    uint32_t nonce;
    uint16_t lockout_ms;
    uint16_t setpoint_tag;
    uint32_t arm_id;
    uint16_t stop_tag;
    uint16_t session_left_s;
    uint16_t supply_mv;
    uint16_t current_ma;
    uint32_t uptime_ms;
    uint16_t bad_frames;
    uint16_t refused;
    uint16_t lease_left_ms;
};

/* What the chair is. The first four bytes keep their place in every protocol version. */
struct identity {
    uint8_t protocol;
    uint8_t firmware_major;
    uint8_t firmware_minor;
    uint8_t firmware_patch;
    uint32_t cap_hash;
    uint32_t calibration_hash;
    uint8_t calibration;
    bool matched;
    uint16_t vibration_ceiling_permille;
    uint16_t sound_ceiling_permille;
    uint8_t serial_bytes[SERIAL_SIZE];
};

/* The answer to an order: its type and sequence, and what became of it. */
struct ack {
    uint8_t acked;
    uint16_t seq;
    uint8_t result;
};

/* The size that a payload of this type has, or 0 for a type that no host sends. */
static inline uint8_t host_payload_size(uint8_t type)
{
    switch (type) {
    case MESSAGE_IDENTIFY:
        return IDENTIFY_SIZE;
    case MESSAGE_ARM:
        return ARM_SIZE;
    case MESSAGE_SETPOINT:
        return SETPOINT_SIZE;
    case MESSAGE_LEASE:
        return LEASE_SIZE;
    case MESSAGE_STOP:
        return STOP_SIZE;
    case MESSAGE_CALIBRATE:
        return CALIBRATE_SIZE;
    default:
        return 0;
    }
}

struct identify identify_read(const uint8_t payload[IDENTIFY_SIZE]);
struct arm arm_read(const uint8_t payload[ARM_SIZE]);
struct setpoint setpoint_read(const uint8_t payload[SETPOINT_SIZE]);
struct lease_answer lease_answer_read(const uint8_t payload[LEASE_SIZE]);
struct stop stop_read(const uint8_t payload[STOP_SIZE]);
struct calibrate calibrate_read(const uint8_t payload[CALIBRATE_SIZE]);

void status_write(const struct status *status, uint8_t payload[STATUS_SIZE]);
void identity_write(const struct identity *identity, uint8_t payload[IDENTITY_SIZE]);
void ack_write(const struct ack *ack, uint8_t payload[ACK_SIZE]);

/* Every number of SETPOINT lies in its coded range. */
bool setpoint_in_range(const struct setpoint *setpoint);

#endif

/* The messages inside the frames, byte by byte; PROTOCOL.md is their specification. */
#ifndef CALMLOOP_PROTOCOL_H
#define CALMLOOP_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#define FIRMWARE_MAJOR 1u
#define FIRMWARE_MINOR 2u
#define FIRMWARE_PATCH 0u
#define SERIAL_SIZE 16u

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
#define CALIBRATE_SIZE 47u /* flags, and a calibration record */
#define STATUS_SIZE 48u
#define IDENTITY_SIZE 34u
#define ACK_SIZE 4u

/* Why ARM is refused, in the order in which the chair looks; the same codes say in STATUS what an ARM
 * would be told. */
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
    CALIBRATE_OK = 0, /* stored, and read back */
    CALIBRATE_WRONG_STATE = 1,
    CALIBRATE_IMPLAUSIBLE = 2,
    CALIBRATE_NOT_IDENTIFIED = 3,
    CALIBRATE_NOT_CONFIRMED = 4,
    CALIBRATE_NOT_STORED = 5,
    CALIBRATE_JUMPS = 6,
    CALIBRATE_SEAT_OCCUPIED = 7,
};

struct identify {
    uint8_t protocol;
    uint8_t firmware_major;
    uint32_t cap_hash;
    uint32_t calibration_hash;
};

struct arm {
    uint32_t id;
    uint32_t nonce;
};

/* A person knows that this table jumps. */
#define CALIBRATE_MAY_JUMP 0x01u

struct calibrate {
    uint8_t flags;
    const uint8_t *record;
};

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

struct lease_answer {
    uint32_t nonce;
    uint32_t proof;
};

/* The reason of a STOP that also says: the child's press was seen, and is taken care of. */
#define STOP_ORDER_CHILD_SEEN 5u

struct stop {
    uint8_t reason;
    uint16_t tag;
};

#define FLAG_ARM_READY 0x01u
#define FLAG_IDENTIFIED 0x02u
#define FLAG_LEASE_ALIVE 0x04u
#define FLAG_AMPLIFIER_ENABLED 0x08u
#define FLAG_FRESH_NONCE 0x10u
#define FLAG_CHILD_LATCHED 0x20u

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

struct identity {
    uint8_t protocol;
    uint8_t firmware_major;
    uint8_t firmware_minor;
    uint8_t firmware_patch;
    uint32_t cap_hash;
    uint32_t calibration_hash;
    uint8_t calibration_kind;
    uint8_t matched;
    uint16_t vibration_ceiling_permille;
    uint16_t sound_ceiling_permille;
    uint8_t serial[SERIAL_SIZE];
};

struct ack {
    uint8_t type;
    uint16_t seq;
    uint8_t result;
};

struct identify identify_read(const uint8_t payload[IDENTIFY_SIZE]);
struct arm arm_read(const uint8_t payload[ARM_SIZE]);
struct setpoint setpoint_read(const uint8_t payload[SETPOINT_SIZE]);
struct lease_answer lease_answer_read(const uint8_t payload[LEASE_SIZE]);
struct calibrate calibrate_read(const uint8_t payload[CALIBRATE_SIZE]);
struct stop stop_read(const uint8_t payload[STOP_SIZE]);

void status_write(const struct status *status, uint8_t payload[STATUS_SIZE]);
void identity_write(const struct identity *identity, uint8_t payload[IDENTITY_SIZE]);
void ack_write(const struct ack *ack, uint8_t payload[ACK_SIZE]);

/* Every number of a setpoint lies in its coded range. */
bool setpoint_in_range(const struct setpoint *setpoint);

#endif

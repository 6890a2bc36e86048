/* Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this. */
/* clang-format off */
#include "protocol.h"

#include <string.h>

#include "bytes.h"

struct identify identify_read(const uint8_t payload[IDENTIFY_SIZE])
{
    return (struct identify){
        .protocol = payload[0],
        .firmware_major = payload[1],
        .cap_hash = get_u32(payload + 2),
        .calibration_hash = get_u32(payload + 6),
    };
}

struct arm arm_read(const uint8_t payload[ARM_SIZE])
{
    return (struct arm){
        .arm_id = get_u32(payload),
        .nonce = get_u32(payload + 4),
    };
}

struct setpoint setpoint_read(const uint8_t payload[SETPOINT_SIZE])
{
    return (struct setpoint){
        .tag = get_u16(payload),
        .vibration_dhz = get_u16(payload + 2),
        .vibration_permille = get_u16(payload + 4),
        .sound_permille = get_u16(payload + 6),
        .red_permille = get_u16(payload + 8),
        .green_permille = get_u16(payload + 10),
        .blue_permille = get_u16(payload + 12),
        .ttl_ms = get_u16(payload + 14),
    };
}

struct lease_answer lease_answer_read(const uint8_t payload[LEASE_SIZE])
{
    return (struct lease_answer){
        .nonce = get_u32(payload),
        .proof = get_u32(payload + 4),
    };
}

struct stop stop_read(const uint8_t payload[STOP_SIZE])
{
    return (struct stop){
        .reason = payload[0],
        .tag = get_u16(payload + 1),
    };
}

struct calibrate calibrate_read(const uint8_t payload[CALIBRATE_SIZE])
{
    return (struct calibrate){
        .may_jump = (payload[0] & 1u) != 0,
        .record = payload + 1,
    };
}

void status_write(const struct status *status, uint8_t payload[STATUS_SIZE])
{
    payload[0] = status->state;
    payload[1] = status->fault;
    payload[2] = status->stop_reason;
    payload[3] = status->arm_block;
    payload[4] = status->inputs;
    payload[5] = status->flags;
    put_u16(payload + 6, status->vibration_permille);
    put_u16(payload + 8, status->vibration_dhz);
    put_u16(payload + 10, status->sound_permille);
    put_u16(payload + 12, status->red_permille);
    put_u16(payload + 14, status->green_permille);
    put_u16(payload + 16, status->blue_permille);
    put_u32(payload + 18, status->nonce);
    put_u16(payload + 22, status->lockout_ms);
    put_u16(payload + 24, status->setpoint_tag);
    put_u32(payload + 26, status->arm_id);
    put_u16(payload + 30, status->stop_tag);
    put_u16(payload + 32, status->session_left_s);
    put_u16(payload + 34, status->supply_mv);
    put_u16(payload + 36, status->current_ma);
    put_u32(payload + 38, status->uptime_ms);
    put_u16(payload + 42, status->bad_frames);
    put_u16(payload + 44, status->refused);
    put_u16(payload + 46, status->lease_left_ms);
}

void identity_write(const struct identity *identity, uint8_t payload[IDENTITY_SIZE])
{
    payload[0] = identity->protocol;
    payload[1] = identity->firmware_major;
    payload[2] = identity->firmware_minor;
    payload[3] = identity->firmware_patch;
    put_u32(payload + 4, identity->cap_hash);
    put_u32(payload + 8, identity->calibration_hash);
    payload[12] = identity->calibration;
    payload[13] = (uint8_t)identity->matched;
    put_u16(payload + 14, identity->vibration_ceiling_permille);
    put_u16(payload + 16, identity->sound_ceiling_permille);
    memcpy(payload + 18, identity->serial_bytes, SERIAL_SIZE);
}

void ack_write(const struct ack *ack, uint8_t payload[ACK_SIZE])
{
    payload[0] = ack->acked;
    put_u16(payload + 1, ack->seq);
    payload[3] = ack->result;
}

bool setpoint_in_range(const struct setpoint *setpoint)
{
    return setpoint->tag >= 1u &&
           setpoint->vibration_dhz >= VIBRATION_DHZ_MIN &&
           setpoint->vibration_dhz <= VIBRATION_DHZ_MAX &&
           setpoint->vibration_permille <= FULL_PERMILLE &&
           setpoint->sound_permille <= FULL_PERMILLE &&
           setpoint->red_permille <= FULL_PERMILLE &&
           setpoint->green_permille <= FULL_PERMILLE &&
           setpoint->blue_permille <= FULL_PERMILLE &&
           setpoint->ttl_ms >= 1u;
}

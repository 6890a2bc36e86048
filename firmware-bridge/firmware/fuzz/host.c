#include "host.h"

#include <string.h>

#include "bytes.h"
#include "envelope.h"

struct world world;

uint8_t script_next(struct script *script)
{
    if (script->left == 0) {
        return 0;
    }
    script->left--;
    return *script->at++;
}

static struct frame frame_of(uint8_t type, uint8_t size)
{
    return (struct frame){
        .version = FRAME_VERSION, .type = type, .boot_id = world.chair.boot_id, .size = size};
}

void host_identify(bool rightly)
{
    struct frame frame = frame_of(MESSAGE_IDENTIFY, IDENTIFY_SIZE);

    frame.payload[0] = FRAME_VERSION;
    frame.payload[1] = FIRMWARE_MAJOR;
    put_u32(frame.payload + 2, envelope_hash());
    put_u32(frame.payload + 6, calibration_hash(&world.chair.machine.calibration) + (rightly ? 0 : 1));
    world_send(&world, frame);
}

void host_arm(uint32_t id, uint32_t nonce)
{
    struct frame frame = frame_of(MESSAGE_ARM, ARM_SIZE);

    put_u32(frame.payload, id);
    put_u32(frame.payload + 4, nonce);
    world_send(&world, frame);
}

void host_stop(uint8_t tag, uint8_t reason)
{
    struct frame frame = frame_of(MESSAGE_STOP, STOP_SIZE);

    frame.payload[0] = reason;
    frame.payload[1] = tag;
    world_send(&world, frame);
}

void host_lease(uint32_t nonce, uint32_t proof)
{
    struct frame frame = frame_of(MESSAGE_LEASE, LEASE_SIZE);

    put_u32(frame.payload, nonce);
    put_u32(frame.payload + 4, proof);
    world_send(&world, frame);
}

/* A level from a byte: 0 and 1000 are easy to hit, 1001 and more are there too. */
static uint16_t level(uint8_t byte)
{
    return (uint16_t)(byte >= 250 && byte < 254 ? 1000 : byte * 4);
}

void host_setpoint(struct script *script, bool raw)
{
    struct frame frame = frame_of(MESSAGE_SETPOINT, SETPOINT_SIZE);

    if (raw) {
        for (size_t i = 0; i < SETPOINT_SIZE; i++) {
            frame.payload[i] = script_next(script);
        }
    } else {
        put_u16(frame.payload, (uint16_t)(world.seq | 1u));
        put_u16(frame.payload + 2, (uint16_t)(300 + 2 * script_next(script)));
        for (size_t i = 4; i < 14; i += 2) {
            put_u16(frame.payload + i, level(script_next(script)));
        }
        put_u16(frame.payload + 14, (uint16_t)(script_next(script) * 4 + 1));
    }
    world_send(&world, frame);
}

void host_any_frame(struct script *script)
{
    uint8_t type = script_next(script);
    uint8_t odd = script_next(script);
    struct frame frame = frame_of(type, (uint8_t)(script_next(script) % (FRAME_PAYLOAD_MAX + 1)));

    frame.boot_id += odd & 1u;
    frame.version = (uint8_t)(frame.version + (odd >> 1 & 1u));
    for (size_t i = 0; i < frame.size; i++) {
        frame.payload[i] = script_next(script);
    }
    world_send(&world, frame);
}

void host_noise(struct script *script)
{
    uint8_t bytes[96];
    uint8_t size = script_next(script) % 24;
    uint8_t times = script_next(script) % 4 == 3 ? 4 : 1;
    size_t length = 0;

    for (uint8_t i = 0; i < size; i++) {
        bytes[length++] = script_next(script);
    }
    for (uint8_t i = 1; i < times; i++) {
        memcpy(bytes + i * size, bytes, size);
        length += size;
    }
    world_noise(&world, bytes, length);
}

struct frame host_table(struct script *script)
{
    struct frame frame = frame_of(MESSAGE_CALIBRATE, CALIBRATE_SIZE);
    uint8_t *record = frame.payload + 1;
    uint8_t how = script_next(script);

    frame.payload[0] = how & MAY_JUMP;
    record[0] = how / 2 % 16 == 0 ? CALIBRATION_SIMULATED : CALIBRATION_MEASURED;
    record[1] = (uint8_t)(2 + how % 5);
    put_u16(record + 2, (uint16_t)(398 + 4 * script_next(script)));
    for (uint8_t i = 0; i < record[1]; i++) {
        uint8_t *point = record + CALIBRATION_POINTS_AT + CALIBRATION_POINT_SIZE * i;

        point[0] = (uint8_t)(30 + 50 * i / (record[1] - 1));
        put_u16(point + 1, (uint16_t)(45 + 79 * script_next(script)));
    }
    return frame;
}

void host_calibrate(struct script *script)
{
    world_send(&world, host_table(script));
}

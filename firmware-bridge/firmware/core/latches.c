#include "latches.h"

uint8_t latches_pack(const struct latches *latches)
{
    return (uint8_t)((uint8_t)latches->fault | (latches->lockout ? LATCHES_LOCKOUT : 0) |
                     (latches->estop ? LATCHES_ESTOP : 0));
}

struct latches latches_unpack(uint8_t byte)
{
    uint8_t code = byte & LATCHES_FAULT;

    return (struct latches){
        .fault = code <= FAULT_LAST ? (enum fault_code)code : FAULT_STORE,
        .estop = (byte & LATCHES_ESTOP) != 0,
        .lockout = (byte & LATCHES_LOCKOUT) != 0,
    };
}

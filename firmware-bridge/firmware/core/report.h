/* What the chair says about itself, read from its machine. */
#ifndef CALMLOOP_REPORT_H
#define CALMLOOP_REPORT_H

#include <stdint.h>

#include "machine.h"
#include "protocol.h"

/* STATUS without what the link itself counts: nonce and frame counters stay 0. */
struct status report_status(const struct machine *machine, uint32_t now_ms);

/* IDENTITY without the serial number. */
struct identity report_identity(const struct machine *machine);

#endif

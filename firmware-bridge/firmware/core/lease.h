/* The lease: proof that the watchdog, and with it the whole chain, was alive within 500 ms.
 *
 * Each nonce is issued once, in a STATUS. The watchdog answers it with CRC-32C(constant, boot id,
 * nonce). A good answer moves the deadline to issue + 500 ms, never backwards, so that leases that
 * waited in a queue buy nothing. */
#ifndef CALMLOOP_LEASE_H
#define CALMLOOP_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"
#include "timer.h"

struct lease {
    uint32_t boot_id;
    uint32_t generator;
    uint32_t nonces[LEASE_NONCES];
    uint32_t issued_ms[LEASE_NONCES];
    uint8_t issued; /* how many of the slots are in use */
    uint8_t newest; /* slot of the newest nonce */
    struct timer alive;
    struct timer proving;
};

enum lease_result { LEASE_GOOD, LEASE_UNKNOWN_NONCE, LEASE_STALE, LEASE_WRONG_PROOF };

/* `entropy` makes the nonces other ones than those of an earlier boot with the same id. */
void lease_init(struct lease *lease, uint32_t boot_id, uint32_t entropy);

/* Issue a fresh nonce, never 0. */
uint32_t lease_issue(struct lease *lease, uint32_t now_ms);

/* The nonce issued last. */
uint32_t lease_nonce(const struct lease *lease);

/* Milliseconds left of the 500 ms since a nonce was issued; 0 when it is older or was never issued. */
uint32_t lease_nonce_left_ms(const struct lease *lease, uint32_t nonce, uint32_t now_ms);

/* The answer that a watchdog gives to a nonce. */
uint32_t lease_proof(uint32_t boot_id, uint32_t nonce);

/* Take an answer. */
enum lease_result lease_renew(struct lease *lease, uint32_t nonce, uint32_t proof, uint32_t now_ms);

/* Let the lease end when its time has come. Call on every tick. */
void lease_poll(struct lease *lease, uint32_t now_ms);

/* A deadline further away than LEASE_MS is damaged: the lease has ended. */
bool lease_alive(const struct lease *lease, uint32_t now_ms);

/* Alive without a break for a second: what ARM asks for. */
bool lease_proven(const struct lease *lease, uint32_t now_ms);

#endif

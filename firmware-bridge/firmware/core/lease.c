#include "lease.h"

#include "bytes.h"
#include "crc32c.h"
#include "envelope.h"

/* Known to the watchdog and the chair alone: a bridge that echoes what it saw cannot answer. It keeps
 * out mistakes, not an attacker. */
static const uint8_t WATCHDOG_CONSTANT[8] = {'c', 'a', 'l', 'm', 'l', 'o', 'o', 'p'};

void lease_init(struct lease *lease, uint32_t boot_id, uint32_t entropy)
{
    *lease = (struct lease){.boot_id = boot_id, .generator = (boot_id ^ entropy) | 1u};
}

/* Marsaglia's xorshift32: from a seed that is not 0 it visits every other number once, never 0. */
static uint32_t next_number(uint32_t number)
{
    number ^= number << 13;
    number ^= number >> 17;
    return number ^ (number << 5);
}

uint32_t lease_issue(struct lease *lease, uint32_t now_ms)
{
    lease->generator = next_number(lease->generator);
    lease->newest = (uint8_t)((lease->newest + 1u) % LEASE_NONCES);
    lease->nonces[lease->newest] = lease->generator;
    lease->issued_ms[lease->newest] = now_ms;
    if (lease->issued < LEASE_NONCES) {
        lease->issued++;
    }
    return lease->generator;
}

uint32_t lease_nonce(const struct lease *lease)
{
    return lease->nonces[lease->newest % LEASE_NONCES];
}

/* The slot of a nonce, or LEASE_NONCES. The slots in use are the `issued` newest ones. */
static uint8_t find_slot(const struct lease *lease, uint32_t nonce)
{
    for (uint8_t back = 0; back < LEASE_NONCES && back < lease->issued; back++) {
        uint8_t slot = (uint8_t)((lease->newest + LEASE_NONCES - back) % LEASE_NONCES);

        if (lease->nonces[slot] == nonce) {
            return slot;
        }
    }
    return LEASE_NONCES;
}

static uint32_t slot_left_ms(const struct lease *lease, uint8_t slot, uint32_t now_ms)
{
    uint32_t age_ms = now_ms - lease->issued_ms[slot];

    return age_ms < LEASE_MS ? LEASE_MS - age_ms : 0;
}

uint32_t lease_nonce_left_ms(const struct lease *lease, uint32_t nonce, uint32_t now_ms)
{
    uint8_t slot = find_slot(lease, nonce);

    return slot < LEASE_NONCES ? slot_left_ms(lease, slot, now_ms) : 0;
}

uint32_t lease_proof(uint32_t boot_id, uint32_t nonce)
{
    uint8_t numbers[8];

    put_u32(numbers, boot_id);
    put_u32(numbers + 4, nonce);
    uint32_t running = crc32c_update(CRC32C_INIT, WATCHDOG_CONSTANT, sizeof WATCHDOG_CONSTANT);
    return crc32c_finish(crc32c_update(running, numbers, sizeof numbers));
}

enum lease_result lease_renew(struct lease *lease, uint32_t nonce, uint32_t proof, uint32_t now_ms)
{
    uint8_t slot = find_slot(lease, nonce);

    if (slot == LEASE_NONCES) {
        return LEASE_UNKNOWN_NONCE;
    }
    if (proof != lease_proof(lease->boot_id, nonce)) {
        return LEASE_WRONG_PROOF;
    }
    uint32_t left_ms = slot_left_ms(lease, slot, now_ms);
    if (left_ms == 0) {
        return LEASE_STALE;
    }
    if (!lease_alive(lease, now_ms)) {
        timer_start(&lease->proving, now_ms, LEASE_PROVING_MS);
    }
    timer_extend(&lease->alive, now_ms, left_ms);
    return LEASE_GOOD;
}

void lease_poll(struct lease *lease, uint32_t now_ms)
{
    timer_poll(&lease->alive, now_ms);
    timer_poll(&lease->proving, now_ms);
}

bool lease_alive(const struct lease *lease, uint32_t now_ms)
{
    uint32_t left_ms = timer_left_ms(&lease->alive, now_ms);

    return left_ms > 0 && left_ms <= LEASE_MS;
}

bool lease_proven(const struct lease *lease, uint32_t now_ms)
{
    return lease_alive(lease, now_ms) && timer_left_ms(&lease->proving, now_ms) == 0;
}

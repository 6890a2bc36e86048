#include "cobs.h"

size_t cobs_encode(const uint8_t *in, size_t size, uint8_t *out)
{
    size_t code_at = 0;
    uint8_t code = 1;

    for (size_t i = 0; i < size; i++) {
        if (in[i] == 0) {
            out[code_at] = code;
            code_at = i + 1;
            code = 1;
        } else {
            out[i + 1] = in[i];
            code++;
        }
    }
    out[code_at] = code;
    return size + 1;
}

size_t cobs_decode(const uint8_t *in, size_t size, uint8_t *out)
{
    size_t length = 0;
    size_t next_code = 0;

    for (size_t i = 0; i < size; i++) {
        if (in[i] == 0) {
            return 0;
        }
        if (i < next_code) {
            out[length++] = in[i];
            continue;
        }
        if (i > 0) {
            out[length++] = 0;
        }
        next_code = i + in[i];
    }
    return next_code == size ? length : 0;
}

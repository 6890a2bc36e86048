#include "trace.h"

#include <inttypes.h>
#include <string.h>

#include "report.h"

static const char *const NAMES[] = {STATE_NAMES};

bool trace_open(struct trace *trace, const char *path)
{
    *trace = (struct trace){.file = fopen(path, "ae")};
    return trace->file != NULL;
}

static void write_line(struct trace *trace, const char *state, const struct gate *gate,
                       uint64_t at_ns)
{
    if (trace->file == NULL) {
        return;
    }
    fprintf(trace->file,
            "{\"at_ns\": %" PRIu64 ", \"state\": \"%s\", \"vibration_pct\": %.4f, "
            "\"vibration_hz\": %.3f, \"sound_pct\": %.4f, \"red_pct\": %.4f, "
            "\"green_pct\": %.4f, \"blue_pct\": %.4f}\n",
            at_ns, state, gate->vibration_ppm / 1e4, gate->vibration_mhz / 1e3,
            gate->sound_ppm / 1e4, gate->light.red_ppm / 1e4, gate->light.green_ppm / 1e4,
            gate->light.blue_ppm / 1e4);
    fflush(trace->file);
}

static bool outputs_differ(const struct status *a, const struct status *b)
{
    return a->vibration_permille != b->vibration_permille ||
           a->vibration_dhz != b->vibration_dhz || a->sound_permille != b->sound_permille ||
           a->red_permille != b->red_permille || a->green_permille != b->green_permille ||
           a->blue_permille != b->blue_permille;
}

void trace_outputs(struct trace *trace, const struct chair *chair, uint64_t at_ns)
{
    struct status now = report_status(&chair->machine, 0);

    if (trace->begun && trace->state == chair->machine.state &&
        !outputs_differ(&trace->shown, &now)) {
        return;
    }
    trace->begun = true;
    trace->state = chair->machine.state;
    trace->shown = now;
    write_line(trace, NAMES[trace->state], chair_gate(chair), at_ns);
}

void trace_power_off(struct trace *trace, uint64_t at_ns)
{
    struct gate dark;

    gate_init(&dark);
    write_line(trace, "OFF", &dark, at_ns);
    trace->begun = false;
}

/* The amplifier's enable: a pin, and a charge pump that dies when nobody toggles it.
 *
 * The hardware ANDs both. The pin acts at once; the pump lets the amplifier go about 10 ms after the
 * main loop has stopped, or stopped believing itself. */
#ifndef CALMLOOP_AMPLIFIER_H
#define CALMLOOP_AMPLIFIER_H

void amplifier_disable(void);
void amplifier_enable(void);

/* One stroke of the pump; does nothing while disabled. At least every 5 ms. */
void amplifier_pump(void);

#endif

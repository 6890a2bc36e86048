/* The EEPROM's time: simavr writes at once, the chip in 3.4 ms, and power can go in the middle. */
#ifndef CALMLOOP_EMULATOR_EEPROM_H
#define CALMLOOP_EMULATOR_EEPROM_H

#include "chip.h"

/* Read the EEPROM's file, if it has one, and keep it there. */
void eeprom_load(struct chip *chip);
void eeprom_store(struct chip *chip);

/* It was written from outside, by a programmer. */
void eeprom_note(struct chip *chip);

/* See writes begin, and cut the power in one of them when that was asked for. */
void eeprom_watch(struct chip *chip);

/* A reset does not interrupt a write: it is done before the program can look. */
void eeprom_finish(struct chip *chip);

/* A byte whose write the power cut interrupted: still the old one, erased, done, or neither. */
void eeprom_spoil(struct chip *chip);

#endif

/* The byte that free memory holds, and how much of it must stay free. Included by assembler too. */
#ifndef CALMLOOP_PAINT_H
#define CALMLOOP_PAINT_H

#define STACK_PAINT 0xC5
#define STACK_RESERVE 512 /* bytes that the stack must never have touched */

#endif

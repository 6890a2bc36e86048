/* A breach of an invariant ends the run with the line that was broken. */
#ifndef CALMLOOP_FUZZ_CHECK_H
#define CALMLOOP_FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition, what)                                                                  \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            fprintf(stderr, "invariant broken: %s (%s:%d: %s)\n", what, __FILE__, __LINE__,     \
                    #condition);                                                                \
            abort();                                                                            \
        }                                                                                       \
    } while (0)

#endif

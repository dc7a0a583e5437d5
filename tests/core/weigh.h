/* weigh.h - the smallest layer with a weight, for tests */
#ifndef MICA_TESTS_CORE_WEIGH_H
#define MICA_TESTS_CORE_WEIGH_H

#include "core/tape.h"

/* y = w x, "weight" being one number; backward reads x. */
extern const struct layer weigh;

#endif

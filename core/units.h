/* units.h - quantities are text with a unit; inside, each dimension has one unit */
#ifndef MICA_CORE_UNITS_H
#define MICA_CORE_UNITS_H

#include "core/error.h"

/* The unit in memory is the one in brackets. */
enum dimension {
    DIMENSION_NONE, /* [1] a pure number; also written as one */
    DIMENSION_LENGTH, /* [A] A, Å, angstrom, pm, nm, um, mm; px where a pixel size is known */
    DIMENSION_ANGLE,     /* [rad] rad, mrad, deg */
    DIMENSION_VOLTAGE,   /* [kV] kV, V, keV */
    DIMENSION_CURRENT,   /* [pA] pA, nA */
    DIMENSION_TIME,      /* [us] ns, us, µs, ms, s, min, h */
    DIMENSION_DOSE,      /* [e/A^2] e/A^2, e/nm^2 */
    DIMENSION_SPEED,     /* [A/s] A/s, nm/s, nm/min */
    DIMENSION_FREQUENCY, /* [Hz] Hz, kHz */
    DIMENSION_MEMORY,    /* [bytes] bytes, kB, MB, GB, k, M, G */
    DIMENSION_COUNT
};

/* Parse "0.12 A"; `pixel` is the length of a pixel in A, 0 where unknown. The message says
   what was found, the units allowed, and an example. `err` gets no place: the caller's. */
int mica_units_parse(const char *text, enum dimension dimension, double pixel,
                     double *value, struct error *err);
/* The name of a dimension ("length") and an example of a quantity ("0.12 A"). */
const char *mica_units_name(enum dimension dimension);
const char *mica_units_example(enum dimension dimension);
/* "16 A", "1 s": in the unit in memory, or, of numbers from 10000 on, in the largest that
   leaves a whole number; a pure number alone. */
struct text;
void mica_units_tell(struct text *out, enum dimension dimension, double value);
/* The units of a dimension one after another, the one in memory first; NULL at the end. */
const char *mica_units_unit(enum dimension dimension, size_t place);

#endif

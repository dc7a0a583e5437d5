/* elements.h - the chemical elements that can be simulated */
#ifndef MICA_DATASETS_PHYSICS_ELEMENTS_H
#define MICA_DATASETS_PHYSICS_ELEMENTS_H

#include <stddef.h>

/* f_e(k) = sum a_i / (k^2 + b_i) + sum c_i exp(-d_i k^2) [A], k [1/A]: Kirkland, Advanced
   Computing in Electron Microscopy, 2nd ed. (2010), appendix C; 0 < k < 12 1/A. */
struct element {
    int number;
    const char *symbol;
    double fit[12]; /* a1 b1 a2 b2 a3 b3 [1/A, 1/A^2], c1 d1 c2 d2 c3 d3 [A, A^2] */
};

/* NULL where the element is not in the table. */
const struct element *mica_element(int number);
const struct element *mica_element_named(const char *symbol);
/* The i-th of the table; NULL at the end. */
const struct element *mica_element_at(size_t i);
/* The thermal displacement at 300 K, rms along one axis [A]: 0.08 where none is listed. */
double mica_element_thermal(int number);

#endif

/* fft.h - discrete Fourier transforms in two dimensions (kissfft) */
#ifndef MICA_CORE_FFT_H
#define MICA_CORE_FFT_H

#include <stddef.h>

/* In place on rows x columns complex numbers (re, im interleaved, row-major). Forward is
   exp(-2 pi i k x), inverse exp(+2 pi i k x); neither is scaled. 0 or -1 (no memory). */
int mica_fft2(float *data, size_t rows, size_t columns, int inverse);
/* The least size >= n that factors into 2, 3 and 5. */
size_t mica_fft_size(size_t n);

#endif

/* denormals.h - numbers too small to be normal count as zero, on every thread alike */
#ifndef MICA_CORE_DENORMALS_H
#define MICA_CORE_DENORMALS_H

/* Sets the calling thread's processor so, where it can be set. Denormal numbers are a
   hundred times slower than others on many processors and mean nothing to a network. */
void mica_denormals_flush(void);

#endif

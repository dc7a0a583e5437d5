/* ceiling.h - what this machine can do at most, and the memory that this process took */
#ifndef MICA_APPS_CEILING_H
#define MICA_APPS_CEILING_H

#include <stddef.h>

/* Operations a second of multiply-adds in registers, on all threads at once, over about a
   hundredth of a second. */
double mica_ceiling_measure(void);
/* Bytes in memory now (VmRSS) and at most so far (VmHWM), as Linux counts them; 0 where
   /proc is not there. */
size_t mica_memory_resident(void);
size_t mica_memory_peak(void);
/* The most so far begins anew, where Linux allows it. */
void mica_memory_peak_forget(void);

#endif

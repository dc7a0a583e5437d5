/* ceiling.h - what this machine can do at most, and the memory that this process took */
#ifndef MICA_APPS_CEILING_H
#define MICA_APPS_CEILING_H

#include <stddef.h>

/* Operations a second of multiply-adds in registers, on all threads at once, over about a
   hundredth of a second. */
double mica_ceiling_measure(void);
/* Bytes a second on all threads at once over `bytes` of memory (a page a thread, at least),
   again and again: so it is that of the cache where so many bytes stay, or of the memory. Of a
   copy each byte counts once, though it is read and written. What lies there is lost. */
struct bandwidth {
    double read, copy;
};
struct bandwidth mica_bandwidth_measure(void *memory, size_t bytes);
/* What a pass that reads and writes so many bytes, each once, takes at least: the copy tells
   what writing costs beside reading. */
double mica_bandwidth_seconds(const struct bandwidth *bandwidth, double read,
                              double written);
/* The size of a cache of the first processor, of level 1, 2 or 3; 0: not there or not known. */
size_t mica_cache_size(int level);
/* Bytes in memory now (VmRSS) and at most so far (VmHWM), as Linux counts them; 0 where
   /proc is not there. */
size_t mica_memory_resident(void);
size_t mica_memory_peak(void);
/* The most so far begins anew, where Linux allows it. */
void mica_memory_peak_forget(void);

#endif

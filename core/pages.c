/* pages.c - large pages for large memory

   A pass over planes of frequencies, or down the channels of a large tensor, touches a new
   page with every row: with pages of 4 kB the processor often has to look up where they are,
   and the system has to hand out each for itself. Where large pages are for those who ask
   (Linux, /sys/kernel/mm/transparent_hugepage/enabled: madvise), this asks. */
#define _DEFAULT_SOURCE /* madvise */
#include "core/pages.h"

#include <sys/mman.h>

#ifdef MADV_HUGEPAGE
void mica_pages_large(void *memory, size_t bytes)
{
    madvise(memory, bytes, MADV_HUGEPAGE); /* refused where they are switched off */
}
#else
void mica_pages_large(void *memory, size_t bytes)
{
    (void)memory;
    (void)bytes;
}
#endif

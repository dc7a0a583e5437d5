/* pages.h - large pages for large memory */
#ifndef MICA_CORE_PAGES_H
#define MICA_CORE_PAGES_H

#include <stddef.h>

enum {
    MICA_PAGE_LARGE =
        2 << 20, /* bytes of a large page of x86-64, and of aarch64 mostly */
    MICA_PAGES_FROM = 4 << 20 /* bytes of memory for which they are worth asking */
};
/* Ask the system for large pages; it need not have any. */
void mica_pages_large(void *memory, size_t bytes);

#endif

/* memory.h - memory that is aligned and zeroed, and arenas for many small things */
#ifndef MICA_CORE_MEMORY_H
#define MICA_CORE_MEMORY_H

#include "core/error.h"

enum { MICA_ALIGNMENT = 64 }; /* bytes: a cache line, and the widest vector */

/* `count` items of `size` bytes, zeroed, aligned to MICA_ALIGNMENT; NULL where there is no
   memory or the product overflows. Freed with mica_free. */
void *mica_allocate(size_t count, size_t size);
/* The same for a programmer's small needs: stops the program where there is no memory. */
void *mica_need(size_t count, size_t size);
void mica_free(void *memory);

/* An arena owns many small things that die together. */
struct arena;
struct arena *mica_arena_new(void);
void mica_arena_free(struct arena *arena);
void *mica_arena_take(struct arena *arena, size_t count,
                      size_t size);                           /* zeroed, never NULL */
char *mica_arena_text(struct arena *arena, const char *text); /* a copy */

#endif

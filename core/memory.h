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

/* Bytes that this process can still have: the least of what the machine has free and of
   what the limits of its control groups leave; 0 where neither is known. */
size_t mica_memory_left(void);
/* What the groups leave; the arguments are those of mica_cgroup_least. */
size_t mica_memory_left_of(const char *memberships, const char *mount);

/* An arena owns many small things that die together. */
struct arena;
struct arena *mica_arena_new(void);
void mica_arena_free(struct arena *arena);
void *mica_arena_take(struct arena *arena, size_t count,
                      size_t size);                           /* zeroed, never NULL */
char *mica_arena_text(struct arena *arena, const char *text); /* a copy */

#endif

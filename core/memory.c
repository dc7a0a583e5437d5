/* memory.c - memory that is aligned and zeroed, and arenas for many small things */
#include "core/memory.h"

#include "core/pages.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16384 }; /* bytes an arena asks for at a time */

struct block {
    struct block *next;
    size_t size, used; /* bytes after the header, which takes MICA_ALIGNMENT bytes */
};

struct arena {
    struct block *blocks; /* the newest first */
};

void *mica_allocate(size_t count, size_t size)
{
    if (size > 0 && count > (SIZE_MAX - MICA_ALIGNMENT) / size)
        return NULL;
    size_t bytes = count * size > 0 ? count * size : 1;
    const bool large = bytes >= MICA_PAGES_FROM;
    void *memory = NULL;
    if (posix_memalign(&memory, large ? MICA_PAGE_LARGE : MICA_ALIGNMENT, bytes))
        return NULL;
    if (large)
        mica_pages_large(memory, bytes);
    return memset(memory, 0, bytes);
}

void *mica_need(size_t count, size_t size)
{
    void *memory = mica_allocate(count, size);
    if (!memory) {
        fprintf(stderr, "mica: out of memory\n");
        exit(MICA_FAILURE);
    }
    return memory;
}

void mica_free(void *memory) { free(memory); }

struct arena *mica_arena_new(void) { return mica_need(1, sizeof(struct arena)); }

void mica_arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        mica_free(block);
    }
    mica_free(arena);
}

static struct block *grow(struct arena *arena, size_t bytes)
{
    size_t size = bytes > BLOCK ? bytes : BLOCK;
    struct block *block = mica_need(1, MICA_ALIGNMENT + size);
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *mica_arena_take(struct arena *arena, size_t count, size_t size)
{
    const size_t grain = sizeof(max_align_t);
    MICA_CHECK(size == 0 || count <= (SIZE_MAX - 2 * MICA_ALIGNMENT) / size);
    size_t bytes = (count * size + grain - 1) / grain * grain;
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < bytes)
        block = grow(arena, bytes);
    char *taken = (char *)block + MICA_ALIGNMENT + block->used;
    block->used += bytes;
    return taken;
}

char *mica_arena_text(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(mica_arena_take(arena, size, 1), text, size);
}

/* test_memory.c - alignment, zeroes, arenas */
#include "core/file.h"
#include "core/memory.h"
#include "core/pages.h"
#include "tests/test.h"
#include <stdio.h>
#include <string.h>

static int all_zero(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i])
            return 0;
    return 1;
}

TEST(memory_is_aligned_and_zeroed)
{
    for (size_t size = 0; size < 3000; size += 37) {
        unsigned char *memory = mica_allocate(size, 3);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % MICA_ALIGNMENT, 0);
        assert_true(all_zero(memory, 3 * size));
        memset(memory, 0xff, 3 * size);
        mica_free(memory);
    }
    void *needed = mica_need(5, 8);
    assert_true(all_zero(needed, 40));
    mica_free(needed);
    mica_free(NULL);
}

/* Whether the system's map of this process says that large pages were asked for at `address`
   ("hg" among the flags), -1 where it says nothing of flags. */
static int asked_for_large_pages(uintptr_t address)
{
    char line[512];
    int here = 0, asked = -1;
    FILE *map = fopen("/proc/self/smaps", "r");
    while (map && fgets(line, sizeof line, map)) {
        unsigned long long from, to;
        if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
            here = address >= from && address < to;
        else if (here && strncmp(line, "VmFlags:", 8) == 0)
            asked = strstr(line, " hg") != NULL;
    }
    if (map)
        fclose(map);
    return asked;
}

TEST(memory_that_is_large_asks_for_large_pages)
{
    if (!mica_file_exists("/sys/kernel/mm/transparent_hugepage/enabled"))
        SKIP("this system has no large pages");
    unsigned char *memory = mica_allocate(MICA_PAGES_FROM, 1);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % MICA_PAGE_LARGE, 0);
    assert_true(all_zero(memory, MICA_PAGES_FROM));
    int asked = asked_for_large_pages((uintptr_t)memory);
    mica_free(memory);
    if (asked < 0)
        SKIP("this system does not tell the flags of memory");
    assert_true(asked);
}

TEST(memory_refuses_what_overflows)
{
    assert_null(mica_allocate(SIZE_MAX, 2));
    assert_null(mica_allocate(SIZE_MAX / 4 + 2, 4));
    assert_null(mica_allocate(1, SIZE_MAX));
}

TEST(arena_keeps_what_was_taken)
{
    enum { MANY = 3000 };
    struct arena *arena = mica_arena_new();
    unsigned char *taken[MANY];
    for (size_t i = 0; i < MANY; i++) {
        size_t size = i % 97 == 0 ? 40000 : i % 61;
        taken[i] = mica_arena_take(arena, size, 1);
        assert_non_null(taken[i]);
        assert_int_equal((uintptr_t)taken[i] % sizeof(max_align_t), 0);
        assert_true(all_zero(taken[i], size));
        memset(taken[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < MANY; i++)
        for (size_t j = 0; j < (i % 97 == 0 ? 40000 : i % 61); j++)
            assert_int_equal(taken[i][j], i % 251);
    mica_arena_free(arena);
    mica_arena_free(NULL);
}

TEST(arena_copies_text)
{
    struct arena *arena = mica_arena_new();
    char word[] = "lattice";
    char *copy = mica_arena_text(arena, word);
    word[0] = 'm';
    assert_string_equal(copy, "lattice");
    assert_string_equal(mica_arena_text(arena, ""), "");
    mica_arena_free(arena);
}

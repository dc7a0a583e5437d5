/* test_memory_left.c - what the machine and the job still have */
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "tests/test.h"

static void put(const char *folder, const char *name, const char *text)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", mica_test_folder(), folder);
    assert_int_equal(mica_file_folder(path, NULL), 0);
    snprintf(path, sizeof path, "%s/%s/%s", mica_test_folder(), folder, name);
    assert_int_equal(mica_file_write(path, text, strlen(text), NULL), 0);
}

static size_t left(const char *memberships)
{
    return mica_memory_left_of(memberships, mica_test_folder());
}

TEST(memory_left_in_cgroup_2_is_the_limit_less_what_is_used_and_not_cached)
{
    put("a", "memory.max", "1000000\n");
    put("a", "memory.current", "700000\n");
    put("a", "memory.stat", "anon 500000\ninactive_file 100000\nactive_file 7\n");
    put("a/b", "memory.max", "max\n");
    put("a/b", "memory.current", "100\n");
    put("a/full", "memory.max", "5000\n");
    put("a/full", "memory.current", "6000\n");
    assert_int_equal(left("0::/a\n"), 400000);
    assert_int_equal(left("0::/a/b\n"), 400000);
    assert_int_equal(left("0::/a/full\n"), 1);
    assert_int_equal(left("0::/elsewhere\n"), 0);
}

TEST(memory_left_in_cgroup_1_is_that_of_the_memory_controller)
{
    put("memory/job", "memory.limit_in_bytes", "1000000\n");
    put("memory/job", "memory.usage_in_bytes", "400000\n");
    put("memory/job", "memory.stat", "inactive_file 1\ntotal_inactive_file 50000\n");
    put("memory/free", "memory.limit_in_bytes", "9223372036854771712\n");
    put("memory/free", "memory.usage_in_bytes", "400000\n");
    assert_int_equal(left("4:memory:/job\n0::/\n"), 650000);
    assert_int_equal(left("4:memory:/free\n"), 0);
    assert_int_equal(left("4:cpu:/job\n"), 0);
}

TEST(memory_left_here_is_some)
{
    assert_true(mica_memory_left() != 1);
    if (mica_memory_left() == 0)
        SKIP("this machine does not say");
    assert_true(mica_memory_left() > 1000000);
}

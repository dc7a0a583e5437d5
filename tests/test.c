/* test.c - runs the tests of one folder and counts them */
#include "tests/test.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static size_t skipped; /* tests that said so */
static double started; /* seconds, of the running test */
static char folder[512];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void mica_test_skip(const char *file, int line, const char *why)
{
    print_message("skipped: %s:%d: %s\n", file, line, why);
    skipped++;
    skip();
}

void mica_test_near(const char *file, int line, const char *what, double actual,
                    double expected, double tolerance)
{
    if (fabs(actual - expected) <= tolerance)
        return;
    print_error("%s is %.9g, not %.9g (differs by %.3g, allowed %.3g)\n", what, actual,
                expected, fabs(actual - expected), tolerance);
    _fail(file, line);
}

const char *mica_test_folder(void)
{
    const char *parent = getenv("TMPDIR");
    if (folder[0])
        return folder;
    snprintf(folder, sizeof folder, "%s/mica-test-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(folder)) {
        print_error("%s: cannot be made\n", folder);
        fail();
    }
    return folder;
}

static void remove_all(const char *path)
{
    DIR *entries = opendir(path);
    struct dirent *e;
    while (entries && (e = readdir(entries))) {
        char inner[1024];
        struct stat status;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (lstat(inner, &status) == 0 && S_ISDIR(status.st_mode))
            remove_all(inner);
        else
            unlink(inner);
    }
    if (entries)
        closedir(entries);
    rmdir(path);
}

static int before(__attribute__((unused)) void **state)
{
    started = now();
    return 0;
}

static int after(void **state)
{
    const struct test *test = *state;
    double seconds = now() - started;
    if (seconds > 1 && test->kind == TEST_IS_FAST)
        print_message("slow: %s took %.1f s\n", test->name, seconds);
    if (folder[0])
        remove_all(folder);
    folder[0] = 0;
    return 0;
}

static void run(void **state)
{
    const struct test *test = *state;
    void *nothing = NULL;
    test->run(&nothing);
}

/* No words select all; else a test whose name or file has one of them. */
static int selected(const struct test *test, char **words)
{
    if (!*words)
        return 1;
    for (; *words; words++)
        if (strstr(test->name, *words) || strstr(test->file, *words))
            return 1;
    return 0;
}

static size_t choose(struct CMUnitTest *chosen, enum test_kind most, char **words)
{
    size_t n = 0;
    for (const struct test *t = mica_tests; t->name; t++) {
        struct CMUnitTest unit = {t->name, run, before, after, (void *)(uintptr_t)t};
        if (t->kind <= most && selected(t, words))
            chosen[n++] = unit;
    }
    return n;
}

static int write_counts(const char *path, size_t passed, size_t failed)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return 1;
    fprintf(f, "%zu %zu %zu\n", passed, failed, skipped);
    return fclose(f) != 0;
}

/* [--fast | --long] [--counts FILE] [WORD]... */
int main(int argc, char **argv)
{
    enum test_kind most = TEST_IS_SLOW;
    const char *counts = NULL;
    size_t all = 0, n, failed;
    struct CMUnitTest *chosen;
    (void)argc;
    for (argv++; *argv && strncmp(*argv, "--", 2) == 0; argv++) {
        if (strcmp(*argv, "--fast") == 0)
            most = TEST_IS_FAST;
        else if (strcmp(*argv, "--long") == 0)
            most = TEST_IS_LONG;
        else if (strcmp(*argv, "--counts") == 0 && argv[1])
            counts = *++argv;
        else
            return fprintf(stderr, "%s: not an option\n", *argv), 2;
    }
    while (mica_tests[all].name)
        all++;
    chosen = calloc(all + 1, sizeof *chosen);
    if (!chosen)
        return 1;
    n = choose(chosen, most, argv);
    failed = (size_t)_cmocka_run_group_tests("mica", chosen, n, NULL, NULL);
    free(chosen);
    if (counts && write_counts(counts, n - failed - skipped, failed) != 0)
        return 1;
    return failed != 0;
}

/* test_parallel.c - every index once, on any number of threads, beside other programs */
#include "core/file.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/tensor.h"
#include "core/text.h"
#include "tests/test.h"
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void count_one(void *context, size_t i)
{
    unsigned char *counts = context;
    counts[i]++;
    assert_true(mica_parallel_worker() < mica_parallel_threads());
}

TEST(parallel_does_every_index_once)
{
    enum { MOST = 20000 };
    unsigned char *counts = mica_need(MOST, 1);
    static const size_t threads[] = {1, 2, 3, 8, 40};
    for (size_t t = 0; t < 5; t++) {
        mica_parallel_use(threads[t]);
        assert_int_equal(mica_parallel_threads(), threads[t]);
        for (size_t count = 0; count <= MOST; count = count * 3 + 1) {
            memset(counts, 0, MOST);
            mica_parallel_for(count, count_one, counts);
            for (size_t i = 0; i < MOST; i++)
                assert_int_equal(counts[i], i < count);
        }
    }
    mica_parallel_use(0);
    assert_int_equal(mica_parallel_threads(), mica_parallel_allowed());
    mica_free(counts);
}

TEST(parallel_repeats_without_losing_a_job)
{
    unsigned char counts[7];
    mica_parallel_use(4);
    for (int i = 0; i < 20000; i++) {
        memset(counts, 0, sizeof counts);
        mica_parallel_for(7, count_one, counts);
        assert_memory_equal(counts, "\1\1\1\1\1\1\1", 7);
    }
    mica_parallel_use(0);
}

struct scratch {
    double sums[16][8]; /* a line of its own for each worker */
};

static void add_slowly(void *context, size_t i)
{
    struct scratch *scratch = context;
    double *sum = scratch->sums[mica_parallel_worker()];
    double before = *sum;
    struct timespec pause = {0, 20000};
    nanosleep(&pause, NULL);
    *sum = before + (double)i; /* lost where two threads share a number */
}

TEST(parallel_workers_have_numbers_of_their_own)
{
    struct scratch scratch = {0};
    double sum = 0;
    size_t workers = 0;
    mica_parallel_use(8);
    mica_parallel_for(2000, add_slowly, &scratch);
    for (size_t i = 0; i < 16; i++) {
        sum += scratch.sums[i][0];
        workers += scratch.sums[i][0] > 0;
    }
    assert_near(sum, 1999000, 0);
    assert_true(workers > 1 && workers <= 8);
    mica_parallel_use(0);
}

static void note_worker(void *context, size_t i)
{
    size_t *workers = context;
    workers[i] = mica_parallel_worker();
    struct timespec pause = {0, 30000000};
    nanosleep(&pause, NULL);
}

TEST(parallel_threads_go_on_helping)
{
    size_t workers[2] = {0};
    unsigned char counts[7] = {0};
    mica_parallel_use(2);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 100; j++)
            mica_parallel_for(7, count_one, counts);
        mica_parallel_for(2, note_worker, workers);
        assert_int_equal(workers[0] + workers[1], 1);
    }
    mica_parallel_use(0);
}

static void nest(void *context, size_t i)
{
    unsigned char *counts = context;
    size_t worker = mica_parallel_worker();
    mica_parallel_for(10, count_one, counts + 10 * i);
    assert_int_equal(mica_parallel_worker(), worker);
}

TEST(parallel_inside_parallel_runs_in_its_thread)
{
    unsigned char counts[500] = {0};
    mica_parallel_use(4);
    mica_parallel_for(50, nest, counts);
    for (size_t i = 0; i < 500; i++)
        assert_int_equal(counts[i], 1);
    mica_parallel_use(0);
}

static void *call_often(void *counts)
{
    for (int i = 0; i < 500; i++)
        mica_parallel_for(100, count_one, counts);
    return NULL;
}

TEST(parallel_may_be_called_by_two_threads)
{
    unsigned char mine[100] = {0}, others[100] = {0};
    pthread_t thread;
    mica_parallel_use(3);
    assert_int_equal(pthread_create(&thread, NULL, call_often, others), 0);
    call_often(mine);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(mine[i], 500 % 256);
        assert_int_equal(others[i], 500 % 256);
    }
    mica_parallel_use(0);
}

static void make_denormal(void *context, size_t i)
{
    volatile double *results = context, tiny = DBL_MIN;
    results[i] = tiny / 2;
    struct timespec pause = {0, 100000};
    nanosleep(&pause, NULL);
}

TEST(parallel_treats_denormals_alike_on_every_thread)
{
    double results[64];
    mica_parallel_use(4);
    mica_parallel_for(64, make_denormal, results);
    mica_parallel_use(1);
    double alone[2];
    mica_parallel_for(2, make_denormal, alone);
    for (size_t i = 0; i < 64; i++)
        assert_true(memcmp(&results[i], &alone[0], sizeof alone[0]) == 0);
#if defined(__SSE2__) || defined(__aarch64__)
    assert_true(alone[0] == 0);
#endif
    mica_parallel_use(0);
}

/* --- pieces --- */

struct cover {
    struct shape shape;
    unsigned char *seen;
};

static void cover(void *context, struct piece piece)
{
    struct cover *c = context;
    size_t pixels = mica_shape_pixels(c->shape);
    assert_true(piece.sample < c->shape.n && piece.from <= piece.to &&
                piece.to <= pixels);
    for (size_t p = piece.from; p < piece.to; p++)
        c->seen[piece.sample * pixels + p]++;
}

TEST(pieces_cover_every_pixel_once)
{
    static const struct shape shapes[] = {
        {1, 1, 1, 5},    {7, 1, 1, 9},      {3, 32, 64, 1}, {3, 33, 63, 2},
        {2, 2049, 1, 1}, {2, 100, 1001, 1}, {0, 8, 8, 1},   {2, 64, 32, 3}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t pixels = shapes[s].n * mica_shape_pixels(shapes[s]);
        struct cover c = {shapes[s], mica_need(pixels, 1)};
        mica_parallel_pieces(shapes[s], cover, &c);
        for (size_t p = 0; p < pixels; p++)
            assert_int_equal(c.seen[p], 1);
        mica_free(c.seen);
    }
}

TEST(pieces_do_not_depend_on_batch_channels_or_threads)
{
    struct shape one = {1, 100, 100, 3}, many = {5, 100, 100, 64};
    size_t count = mica_pieces_per_sample(one);
    assert_int_equal(count, 5); /* of 2048 pixels and a rest */
    assert_int_equal(mica_pieces_per_sample(many), count);
    mica_parallel_use(7);
    for (size_t i = 0; i < count; i++) {
        struct piece a = mica_piece(one, i), b = mica_piece(many, 3 * count + i);
        assert_int_equal(b.sample, 3);
        assert_int_equal(a.from, b.from);
        assert_int_equal(a.to, b.to);
    }
    mica_parallel_use(0);
    assert_int_equal(mica_pieces_per_sample((struct shape){1, 1, 2048, 1}), 1);
    assert_int_equal(mica_pieces_per_sample((struct shape){1, 1, 2049, 1}), 2);
    assert_int_equal(mica_pieces_per_sample((struct shape){1, 64, 64, 1}), 2);
    assert_int_equal(mica_pieces_per_sample((struct shape){1, 17, 241, 1}), 3);
}

/* --- how many threads are allowed --- */

static void put(const char *name, const char *text)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", mica_test_folder(), name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(mica_file_folder(path, NULL), 0);
    *slash = '/';
    assert_int_equal(mica_file_write(path, text, strlen(text), NULL), 0);
}

static size_t quota(const char *memberships)
{
    return mica_parallel_quota(memberships, mica_test_folder());
}

TEST(quota_of_cgroup_2_is_the_least_on_the_way_up)
{
    put("cpu.max", "max 100000\n");
    put("a/cpu.max", "350000 100000\n");
    put("a/b/cpu.max", "max 100000\n");
    put("a/b/c/cpu.max", "200000 100000\n");
    put("tiny/cpu.max", "1000 100000\n");
    put("broken/cpu.max", "wild");
    assert_int_equal(quota("0::/\n"), 0);
    assert_int_equal(quota("0::/a\n"), 4);
    assert_int_equal(quota("0::/a/b\n"), 4);
    assert_int_equal(quota("0::/a/b/c\n"), 2);
    assert_int_equal(quota("0::/a/b/missing/here\n"), 4);
    assert_int_equal(quota("0::/tiny"), 1);
    assert_int_equal(quota("0::/broken\n"), 0);
}

TEST(quota_of_cgroup_1_is_that_of_the_cpu_controller)
{
    put("cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
    put("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
    put("cpu/free/cpu.cfs_quota_us", "-1\n");
    put("cpu/free/cpu.cfs_period_us", "100000\n");
    put("cpuset/job/cpu.cfs_quota_us", "100000\n");
    put("cpuset/job/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota("4:memory:/x\n2:cpu,cpuacct:/job\n3:cpuset:/job\n"), 3);
    assert_int_equal(quota("2:cpu:/free\n"), 0);
    assert_int_equal(quota("3:cpuset:/job\n0::/\n"), 0);
}

TEST(quota_survives_nonsense)
{
    assert_int_equal(quota(""), 0);
    assert_int_equal(quota("\n\n:::\nabc\n1:\n::"), 0);
    assert_int_equal(quota("0::"), 0);
    assert_int_equal(quota("1:cpu:x/y/../z"), 0);
}

TEST(threads_allowed_are_the_least_of_what_the_job_says)
{
    unsetenv("SLURM_CPUS_PER_TASK");
    char *former = getenv("OMP_NUM_THREADS");
    char *kept = former ? strdup(former) : NULL;
    unsetenv("OMP_NUM_THREADS");
    size_t machine = mica_parallel_allowed();
    assert_true(machine >= 1 && machine <= (size_t)sysconf(_SC_NPROCESSORS_CONF));
    setenv("OMP_NUM_THREADS", "1,4", 1);
    assert_int_equal(mica_parallel_allowed(), 1);
    setenv("OMP_NUM_THREADS", "100000", 1);
    assert_int_equal(mica_parallel_allowed(), machine);
    static const char *const nonsense[] = {"", "0", "-3", "many",
                                           "99999999999999999999"};
    for (size_t i = 0; i < 5; i++) {
        setenv("OMP_NUM_THREADS", nonsense[i], 1);
        assert_int_equal(mica_parallel_allowed(), machine);
    }
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    assert_int_equal(mica_parallel_allowed(), 1);
    unsetenv("SLURM_CPUS_PER_TASK");
    if (kept)
        setenv("OMP_NUM_THREADS", kept, 1);
    else
        unsetenv("OMP_NUM_THREADS");
    free(kept);
}

/* --- beside other programs --- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void work_a_little(void *context, size_t i)
{
    volatile double *sums = context, sum = (double)i;
    for (int k = 0; k < 10000; k++)
        sum = sum * 1.0000001 + 0.5;
    sums[8 * i] = sum;
}

static double time_loops(size_t threads)
{
    double sums[64], begin;
    mica_parallel_use(threads);
    begin = now();
    for (int i = 0; i < 1500; i++)
        mica_parallel_for(8, work_a_little, sums);
    return now() - begin;
}

/* libgomp's threads take ten times as long here as one thread alone. */
TEST_SLOW(parallel_is_not_ruined_by_a_busy_process_on_each_core)
{
    size_t cores = mica_parallel_allowed();
    if (cores < 2 || cores > 16)
        SKIP("wants 2 to 16 cores");
    pid_t children[16];
    for (size_t i = 0; i < cores; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            alarm(60); /* should this test die */
            for (;;)
                continue;
        }
    }
    double alone = time_loops(1), together = time_loops(cores);
    for (size_t i = 0; i < cores; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    mica_parallel_use(0);
    print_message("one thread %.2f s, %zu threads %.2f s\n", alone, cores, together);
    assert_true(together < 3 * alone);
}

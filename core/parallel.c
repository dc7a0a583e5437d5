/* parallel.c - work over threads; the only place that knows of threads

   A pool of threads that wait for jobs. Why not OpenMP: docs/decisions/threads.md. Indices
   are handed out one by one to whoever is free, which results do not depend on. The caller
   does its share and, once no index is left, waits only for those who have begun one: a
   thread that the system has not woken in time is not missed. */
#include "core/parallel.h"
#include "core/denormals.h"
#include "core/memory.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Looks at the state before a thread sleeps: some 20 us, longer than the steps of a tape are
   apart, too short to be in the way of other programs. */
enum { PATIENCE = 20000 };
/* Bytes: kernels hold up to three quarters of a megabyte there, and what a system or a limit of the shell
   gives may be less. */
enum { STACK = 4 << 20 };

/* The state of the job in one word: the number of threads at work in it, whether it is open
   to more, and its serial number. */
#define WORKING UINT64_C(0xffff)
#define OPEN UINT64_C(0x10000)
#define SERIAL UINT64_C(0x20000) /* the lowest bit of the serial number */

struct pool {
    pthread_mutex_t
        busy; /* held by the caller of the running job: an inner call finds it */
    pthread_mutex_t sleep;
    pthread_cond_t job_opened, job_done;
    _Atomic uint64_t state;
    atomic_size_t next; /* index */
    size_t count;       /* these three are written while nobody works */
    mica_work *work;
    void *context;
    atomic_size_t threads; /* wanted, the caller's included; 0: not yet known */
    pthread_t *helpers;    /* begun, NULL before the first job */
    size_t helper_count;
    bool stop;
};

/* The process's pool: what an OpenMP runtime keeps for itself as well. */
static struct pool pool = {.busy = PTHREAD_MUTEX_INITIALIZER,
                           .sleep = PTHREAD_MUTEX_INITIALIZER,
                           .job_opened = PTHREAD_COND_INITIALIZER,
                           .job_done = PTHREAD_COND_INITIALIZER};
static _Thread_local size_t worker; /* the number of this thread */

static void run_indices(void)
{
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
        if (i >= pool.count)
            return;
        pool.work(pool.context, i);
    }
}

/* Join the open job, if there is one that is not `seen`. */
static bool enter(uint64_t *seen)
{
    uint64_t state = atomic_load(&pool.state);
    while ((state & OPEN) && state / SERIAL != *seen)
        if (atomic_compare_exchange_weak(&pool.state, &state, state + 1)) {
            *seen = state / SERIAL;
            return true;
        }
    return false;
}

/* The last to leave a closed job tells the caller, who may be asleep. */
static void leave(void)
{
    uint64_t state = atomic_fetch_sub(&pool.state, 1) - 1;
    if (!(state & OPEN) && (state & WORKING) == 0) {
        pthread_mutex_lock(&pool.sleep);
        pthread_cond_signal(&pool.job_done);
        pthread_mutex_unlock(&pool.sleep);
    }
}

static bool news(uint64_t seen)
{
    uint64_t state = atomic_load(&pool.state);
    return (state & OPEN) && state / SERIAL != seen;
}

/* Whether there is a new job; false when there will be none. */
static bool wait_for_news(uint64_t seen)
{
    for (int i = 0; i < PATIENCE; i++)
        if (news(seen))
            return true;
    pthread_mutex_lock(&pool.sleep);
    while (!pool.stop && !news(seen))
        pthread_cond_wait(&pool.job_opened, &pool.sleep);
    bool stop = pool.stop;
    pthread_mutex_unlock(&pool.sleep);
    return !stop;
}

static void *help(void *number)
{
    uint64_t seen = 0;
    worker = (size_t)(uintptr_t)number;
    mica_denormals_flush();
    while (wait_for_news(seen))
        while (enter(&seen)) {
            run_indices();
            leave();
        }
    return NULL;
}

/* Signals are the main thread's. Where the system gives fewer threads, fewer do. */
static void begin_helpers(void)
{
    sigset_t all, former;
    pthread_attr_t attributes;
    size_t wanted = mica_parallel_threads() - 1;
    pool.helpers = mica_need(wanted + 1, sizeof *pool.helpers);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (size_t i = 0; i < wanted; i++) {
        void *number = (void *)(uintptr_t)(i + 1);
        if (pthread_create(&pool.helpers[i], &attributes, help, number))
            break;
        pool.helper_count++;
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
}

static void end_helpers(void)
{
    pthread_mutex_lock(&pool.sleep);
    pool.stop = true;
    pthread_cond_broadcast(&pool.job_opened);
    pthread_mutex_unlock(&pool.sleep);
    for (size_t i = 0; i < pool.helper_count; i++)
        pthread_join(pool.helpers[i], NULL);
    mica_free(pool.helpers);
    pool.helpers = NULL;
    pool.helper_count = 0;
    pool.stop = false;
}

static void open_job(size_t count, mica_work *work, void *context)
{
    pool.count = count;
    pool.work = work;
    pool.context = context;
    atomic_store(&pool.next, 0);
    pthread_mutex_lock(&pool.sleep);
    uint64_t serial = atomic_load(&pool.state) / SERIAL + 1;
    atomic_store(&pool.state, serial * SERIAL | OPEN);
    pthread_cond_broadcast(&pool.job_opened);
    pthread_mutex_unlock(&pool.sleep);
}

static void close_job(void)
{
    atomic_fetch_and(&pool.state, ~OPEN);
    for (int i = 0; i < PATIENCE; i++)
        if ((atomic_load(&pool.state) & WORKING) == 0)
            return;
    pthread_mutex_lock(&pool.sleep);
    while (atomic_load(&pool.state) & WORKING)
        pthread_cond_wait(&pool.job_done, &pool.sleep);
    pthread_mutex_unlock(&pool.sleep);
}

void mica_parallel_for(size_t count, mica_work *work, void *context)
{
    mica_denormals_flush();
    if (count < 2 || mica_parallel_threads() < 2 || pthread_mutex_trylock(&pool.busy)) {
        for (size_t i = 0; i < count; i++)
            work(context, i);
        return;
    }
    if (!pool.helpers)
        begin_helpers();
    open_job(count, work, context);
    run_indices();
    close_job();
    pthread_mutex_unlock(&pool.busy);
}

size_t mica_parallel_worker(void) { return worker; }

static size_t limit(size_t threads) { return threads < WORKING ? threads : WORKING; }

size_t mica_parallel_threads(void)
{
    size_t threads = atomic_load(&pool.threads);
    if (threads == 0) {
        threads = limit(mica_parallel_allowed());
        atomic_store(&pool.threads, threads);
    }
    return threads;
}

void mica_parallel_use(size_t threads)
{
    MICA_CHECK(pthread_mutex_trylock(&pool.busy) == 0); /* else a job is running */
    if (pool.helpers)
        end_helpers();
    atomic_store(&pool.threads, limit(threads));
    pthread_mutex_unlock(&pool.busy);
}

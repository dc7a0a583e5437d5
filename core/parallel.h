/* parallel.h - work over threads; the only place that knows of threads */
#ifndef MICA_CORE_PARALLEL_H
#define MICA_CORE_PARALLEL_H

#include <stddef.h>

/* Run work(context, i) for every i in 0 .. count-1, each exactly once, on any thread in
   any order. Work is cut by the caller into pieces that do not depend on the number of
   threads, so results do not either. Calls do not nest: an inner call runs in its thread,
   and so does one that comes while another thread's is running. Denormal numbers count as
   zero on every thread that was in a call, the caller's included. */
typedef void mica_work(void *context, size_t i);
void mica_parallel_for(size_t count, mica_work *work, void *context);
/* The number of this thread in the running parallel-for: 0 .. mica_parallel_threads()-1. */
size_t mica_parallel_worker(void);

/* The threads that a call may use, the caller's included. To change it is for the main
   thread while nothing runs. */
size_t mica_parallel_threads(void);
void mica_parallel_use(size_t threads); /* 0: what the machine and the job allow */
/* The least of affinity mask, cgroup quota, SLURM_CPUS_PER_TASK and OMP_NUM_THREADS. */
size_t mica_parallel_allowed(void);
/* The processors that a cgroup's quota allows, 0 where there is none: `memberships` is the
   text of /proc/self/cgroup, `mount` the folder of the cgroup file systems. */
size_t mica_parallel_quota(const char *memberships, const char *mount);

#endif

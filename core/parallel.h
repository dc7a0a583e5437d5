/* parallel.h - work over threads; the only place that knows of threads */
#ifndef MICA_CORE_PARALLEL_H
#define MICA_CORE_PARALLEL_H

#include <stddef.h>

/* Run work(context, i) for every i in 0 .. count-1, each exactly once, on any thread in
   any order. Work is cut by the caller into pieces that do not depend on the number of
   threads, so results do not either. Calls do not nest: an inner call runs in its thread. */
typedef void mica_work(void *context, size_t i);
void mica_parallel_for(size_t count, mica_work *work, void *context);
/* The number of this thread in the running parallel-for: 0 .. mica_parallel_threads()-1. */
size_t mica_parallel_worker(void);

size_t mica_parallel_threads(void);
void mica_parallel_use(size_t threads); /* 0: what the machine and the job allow */
/* The least of affinity mask, cgroup quota, SLURM_CPUS_PER_TASK and OMP_NUM_THREADS. */
size_t mica_parallel_allowed(void);

#endif

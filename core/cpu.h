/* cpu.h - which instruction sets this processor can run */
#ifndef MICA_CORE_CPU_H
#define MICA_CORE_CPU_H

#include <stdbool.h>

/* Whether the processor and the system can run a set by name: "generic", "avx2", "avx512",
   "amx". */
bool mica_cpu_runs(const char *set);

#endif

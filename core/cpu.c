/* cpu.c - which instruction sets this processor can run, the table of the best one, and the
   way of convolution */
#include "core/cpu.h"

#include "core/conv.h"
#include "core/error.h"
#include "core/kernels.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A table for each set that was built: sets.inc has a line SET(name) for each. */
#define SET(name) extern const struct kernels mica_table_##name;
#include "sets.inc"
#undef SET
#define SET(name) &mica_table_##name,
static const struct kernels *const built[] = {
#include "sets.inc"
};
#undef SET

enum { BUILT = sizeof built / sizeof *built };

/* Asks the processor and whether the system saves its registers. */
bool mica_cpu_runs(const char *set)
{
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                  __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512vl");
    if (strcmp(set, "avx2") == 0)
        return avx2;
    if (strcmp(set, "avx512") == 0)
        return avx512;
    if (strcmp(set, "avx512bf16") == 0)
        return avx512 && __builtin_cpu_supports("avx512bf16");
#endif
    return strcmp(set, "generic") == 0 || strcmp(set, "wide") == 0;
}

const struct kernels *mica_kernels_available(size_t i)
{
    for (size_t k = 0; k < BUILT; k++)
        if (mica_cpu_runs(built[k]->name) && i-- == 0)
            return built[k];
    return NULL;
}

static const struct kernels *find(const char *name)
{
    for (size_t k = 0; k < BUILT; k++)
        if (strcmp(built[k]->name, name) == 0)
            return built[k];
    return NULL;
}

/* What MICA_ISA asks for; NULL where nothing is asked for. */
static const char *asked(void)
{
    const char *name = getenv("MICA_ISA");
    return name && *name ? name : NULL;
}

/* avx512bf16 is for who asks for it: it is avx512 but for products of bf16, which networks do not
   use yet, and has not been run. */
static const struct kernels *best(void)
{
    const struct kernels *kernels = built[0];
    for (size_t k = 1; k < BUILT; k++)
        if (mica_cpu_runs(built[k]->name) && strcmp(built[k]->name, "avx512bf16") != 0)
            kernels = built[k];
    return kernels;
}

static void name_all(char *text, size_t size)
{
    size_t length = 0;
    text[0] = 0;
    for (size_t k = 0; k < BUILT && length < size; k++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", k ? ", " : "",
                                   built[k]->name);
}

int mica_kernels_check(struct error *err)
{
    const char *name = asked();
    if (!name)
        return 0;
    if (!find(name)) {
        char sets[128];
        name_all(sets, sizeof sets);
        return mica_misuse(err, "MICA_ISA: this program has no set '%s'; it has %s",
                           name, sets);
    }
    if (!mica_cpu_runs(name))
        return mica_misuse(
            err, "MICA_ISA: this machine cannot run '%s'; unset it, or try '%s'", name,
            best()->name);
    return 0;
}

static const struct kernels *usual, *chosen;

static void choose(void)
{
    const char *name = asked();
    const struct kernels *kernels = name ? find(name) : NULL;
    usual = kernels && mica_cpu_runs(name) ? kernels : best();
    chosen = usual;
}

/* Any thread may be the first to ask. */
const struct kernels *mica_kernels(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose);
    return chosen;
}

void mica_kernels_use(const struct kernels *kernels)
{
    (void)mica_kernels();
    chosen = kernels ? kernels : usual;
}

/* ---- the way of convolution ---- */

const char *const mica_conv_words[] = {"auto", "direct", "fft", "winograd", NULL};

static enum conv_algorithm pinned = CONV_AUTO;

void mica_conv_pin(enum conv_algorithm algorithm) { pinned = algorithm; }

enum conv_algorithm mica_conv_pinned(void) { return pinned; }

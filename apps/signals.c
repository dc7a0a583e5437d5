/* signals.c - Ctrl-C and SIGTERM end a run in order */
#define _POSIX_C_SOURCE 200809L /* sigaction */
#include "apps/signals.h"

#include <stddef.h>

static volatile sig_atomic_t stopped;

static void stop(int signal_number) { stopped = signal_number; }

const volatile sig_atomic_t *mica_signals_catch(void)
{
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stopped;
}

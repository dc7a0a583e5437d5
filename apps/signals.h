/* signals.h - Ctrl-C and SIGTERM end a run in order */
#ifndef MICA_APPS_SIGNALS_H
#define MICA_APPS_SIGNALS_H

#include <signal.h>

/* From now on SIGINT and SIGTERM only set the flag that is returned; a second one does not
   more than the first. */
const volatile sig_atomic_t *mica_signals_catch(void);

#endif

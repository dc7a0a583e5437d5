/* log.h - progress for people, and lines of JSON for programs */
#ifndef MICA_CORE_LOG_H
#define MICA_CORE_LOG_H

#include "core/error.h"
#include "core/text.h"
#include <stdint.h>
#include <stdio.h>

/* Work that takes a while, told on stderr: on a terminal one line that is rewritten, else a
   line every five seconds at most and one at the end. With `quiet` nothing is written.

       train: 1,204 of 1,536 images, 35.2 images/s, 10 s left, loss 0.1312 */
struct progress {
    const char *name, *unit; /* "train", "images" */
    uint64_t done, total;    /* 0: the total is not known */
    uint64_t before;         /* of them done by an earlier run; set it after begin */
    bool quiet, terminal;
    FILE *stream;
    double begun, shown; /* s, of a clock that does not jump */
    size_t width;        /* characters of the line on the terminal */
};
/* `name` and `unit` must last. */
void mica_progress_begin(struct progress *p, const char *name, const char *unit,
                         uint64_t total, bool quiet);
/* `done` so far; `note` ("loss 0.1312") may be NULL. */
void mica_progress_step(struct progress *p, uint64_t done, const char *note);
void mica_progress_end(struct progress *p, const char *note);
/* In place of the end where the work failed: its message stands alone. */
void mica_progress_abandon(struct progress *p);

/* A line of JSON that grows key by key, for log.jsonl:
   mica_log_begin(&line); mica_log_number(&line, "loss", x); mica_log_write(&line, stream).
   What is not finite becomes null. The text is freed by the write. */
void mica_log_begin(struct text *line);
void mica_log_number(struct text *line, const char *key, double value);
void mica_log_count(struct text *line, const char *key, uint64_t value);
void mica_log_text(struct text *line, const char *key, const char *value);
/* One write and one flush, so that a program that follows the file sees whole lines. -1 where
   it fails. */
int mica_log_write(struct text *line, FILE *stream);

/* Seconds of a clock that does not jump. */
double mica_log_clock(void);

#endif

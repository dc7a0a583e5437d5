/* log.c - progress for people, and lines of JSON for programs */
#include "core/log.h"
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double EVERY = 5; /* s between lines */
static const double EVERY_TERMINAL =
    0.2; /* s between looks of the line on a terminal */

double mica_log_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void mica_progress_begin(struct progress *p, const char *name, const char *unit,
                         uint64_t total, bool quiet)
{
    double now = mica_log_clock();
    *p = (struct progress){.name = name,
                           .unit = unit,
                           .total = total,
                           .quiet = quiet,
                           .terminal = isatty(STDERR_FILENO) == 1,
                           .stream = stderr,
                           .begun = now,
                           .shown = now};
}

/* "train: 1,204 of 1,536 images, 35.2 images/s, 10 s left, loss 0.1312" */
static void add_line(struct text *line, const struct progress *p, double seconds,
                     const char *note, bool last)
{
    char done[32], total[32], time[32];
    double now = p->done > p->before ? (double)(p->done - p->before) : 0;
    double rate = seconds > 0 ? now / seconds : 0;
    mica_text_add(line, "%s: %s", p->name, mica_text_count(done, p->done));
    if (p->total > 0)
        mica_text_add(line, " of %s", mica_text_count(total, p->total));
    mica_text_add(line, " %s", p->unit);
    if (rate > 0 && isfinite(rate))
        mica_text_add(line, ", %.*f %s/s",
                      rate < 9.995   ? 2
                      : rate < 99.95 ? 1
                                     : 0,
                      rate, p->unit);
    if (last)
        mica_text_add(line, ", took %s", mica_text_duration(time, seconds));
    else if (rate > 0 && p->total > p->done)
        mica_text_add(line, ", %s left",
                      mica_text_duration(time, (double)(p->total - p->done) / rate));
    if (note && *note)
        mica_text_add(line, ", %s", note);
}

static void show(struct progress *p, const char *note, bool last)
{
    struct text line = {0};
    double now = mica_log_clock();
    add_line(&line, p, now - p->begun, note, last);
    size_t width = line.length;
    if (p->terminal) /* spaces over what the line before was longer */
        fprintf(p->stream, "\r%s%*s%s", line.data,
                (int)(p->width > width ? p->width - width : 0), "", last ? "\n" : "");
    else
        fprintf(p->stream, "%s\n", line.data);
    fflush(p->stream);
    p->width = width;
    p->shown = now;
    mica_text_free(&line);
}

void mica_progress_step(struct progress *p, uint64_t done, const char *note)
{
    p->done = done;
    if (!p->quiet &&
        mica_log_clock() - p->shown >= (p->terminal ? EVERY_TERMINAL : EVERY))
        show(p, note, false);
}

void mica_progress_abandon(struct progress *p)
{
    if (!p->quiet && p->terminal && p->width > 0)
        fprintf(p->stream, "\n");
}

void mica_progress_end(struct progress *p, const char *note)
{
    if (!p->quiet)
        show(p, note, true);
}

static void add_text(struct text *line, const char *value)
{
    mica_text_append(line, "\"", 1);
    for (; *value; value++) {
        if ((unsigned char)*value < 0x20)
            mica_text_add(line, "\\u%04x", (unsigned)*value);
        else if (*value == '"' || *value == '\\')
            mica_text_add(line, "\\%c", *value);
        else
            mica_text_append(line, value, 1);
    }
    mica_text_append(line, "\"", 1);
}

static void add_key(struct text *line, const char *key)
{
    if (line->length > 1)
        mica_text_add(line, ", ");
    add_text(line, key);
    mica_text_add(line, ": ");
}

void mica_log_begin(struct text *line)
{
    *line = (struct text){0};
    mica_text_add(line, "{");
}

void mica_log_number(struct text *line, const char *key, double value)
{
    char digits[40];
    add_key(line, key);
    mica_text_add(line, "%s",
                  isfinite(value) ? mica_text_digits(digits, value, 9) : "null");
}

void mica_log_count(struct text *line, const char *key, uint64_t value)
{
    add_key(line, key);
    mica_text_add(line, "%llu", (unsigned long long)value);
}

void mica_log_text(struct text *line, const char *key, const char *value)
{
    add_key(line, key);
    add_text(line, value);
}

int mica_log_write(struct text *line, FILE *stream)
{
    mica_text_add(line, "}\n");
    size_t written = fwrite(line->data, 1, line->length, stream);
    int status = written == line->length && fflush(stream) == 0 ? 0 : -1;
    mica_text_free(line);
    return status;
}

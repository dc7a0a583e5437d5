/* history.c - what each epoch gave */
#include "apps/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "datasets/chart.h"

/* The columns of log.csv, in order, and the keys of the JSON. */
static const struct column {
    const char *name;
    size_t offset;
} columns[] = {{"lr", offsetof(struct epoch, rate)},
               {"train_loss", offsetof(struct epoch, train_loss)},
               {"train_accuracy", offsetof(struct epoch, train_accuracy)},
               {"val_loss", offsetof(struct epoch, loss)},
               {"val_accuracy", offsetof(struct epoch, accuracy)},
               {"background_accuracy", offsetof(struct epoch, background)},
               {"val_f1", offsetof(struct epoch, f1)},
               {"seconds", offsetof(struct epoch, seconds)}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static double *field(const struct epoch *epoch, size_t column)
{
    return (double *)((uintptr_t)epoch + columns[column].offset);
}

void mica_history_free(struct history *history)
{
    free(history->epochs);
    *history = (struct history){.whole = history->whole};
}

void mica_history_add(struct history *history, const struct epoch *epoch)
{
    size_t size = (history->count + 1) * sizeof *history->epochs;
    history->epochs = realloc(history->epochs, size);
    MICA_CHECK(history->epochs);
    history->epochs[history->count++] = *epoch;
}

void mica_history_number(cJSON *json, const char *key, double value)
{
    char digits[40];
    cJSON_AddRawToObject(json, key, mica_text_digits(digits, value, 17));
}

cJSON *mica_history_json(const struct history *history)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < history->count; i++) {
        const struct epoch *e = &history->epochs[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "epoch", e->epoch);
        cJSON_AddNumberToObject(item, "step", (double)e->step);
        for (size_t c = 0; c < COLUMNS; c++)
            if (isfinite(*field(e, c)))
                mica_history_number(item, columns[c].name, *field(e, c));
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static double number_of(const cJSON *json, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

int mica_history_from(struct history *history, const cJSON *json)
{
    const cJSON *item;
    mica_history_free(history);
    cJSON_ArrayForEach(item, json)
    {
        struct epoch e = {0};
        double epoch = number_of(item, "epoch"), step = number_of(item, "step");
        if (isnan(epoch) || isnan(step))
            return -1;
        e.epoch = (int)epoch;
        e.step = (unsigned long long)step;
        for (size_t c = 0; c < COLUMNS; c++)
            *field(&e, c) = number_of(item, columns[c].name);
        mica_history_add(history, &e);
    }
    return cJSON_IsArray(json) ? 0 : -1;
}

int mica_history_write(const struct history *history, const char *folder,
                       struct error *err)
{
    struct text table = {0}, path = {0};
    char digits[40];
    mica_text_add(&table, "epoch,step");
    for (size_t c = 0; c < COLUMNS; c++)
        mica_text_add(&table, ",%s", columns[c].name);
    mica_text_add(&table, "\n");
    for (size_t i = 0; i < history->count; i++) {
        const struct epoch *e = &history->epochs[i];
        mica_text_add(&table, "%d,%llu", e->epoch, e->step);
        for (size_t c = 0; c < COLUMNS; c++)
            mica_text_add(
                &table, ",%s",
                isnan(*field(e, c)) ? "" : mica_text_digits(digits, *field(e, c), 9));
        mica_text_add(&table, "\n");
    }
    mica_text_add(&path, "%s/log.csv", folder);
    int status = mica_file_write(path.data, table.data, table.length, err);
    mica_text_free(&table);
    mica_text_free(&path);
    return status;
}

/* One column over the epochs; the arrays are freed by draw. */
static struct series series_of(const struct history *history, const char *name,
                               size_t offset)
{
    double *x = mica_need(history->count, sizeof *x);
    double *y = mica_need(history->count, sizeof *y);
    for (size_t i = 0; i < history->count; i++) {
        x[i] = history->epochs[i].epoch;
        y[i] = *(const double *)((const char *)&history->epochs[i] + offset);
    }
    return (struct series){.name = name, .x = x, .y = y, .count = history->count};
}

static int draw(struct chart *chart, struct series *series, const char *folder,
                const char *name, struct error *err)
{
    static const char *const endings[] = {"svg", "png"};
    int status = 0;
    chart->series = series;
    for (size_t i = 0; i < 2 && !status; i++) {
        struct text path = {0};
        mica_text_add(&path, "%s/%s.%s", folder, name, endings[i]);
        status = mica_chart_write(chart, path.data, err);
        mica_text_free(&path);
    }
    for (size_t i = 0; i < chart->count; i++) {
        mica_free((double *)(uintptr_t)series[i].x);
        mica_free((double *)(uintptr_t)series[i].y);
    }
    return status;
}

static int draw_loss(const struct history *history, const char *folder,
                     struct error *err)
{
    struct series series[] = {
        series_of(history, "training", offsetof(struct epoch, train_loss)),
        series_of(history, "validation", offsetof(struct epoch, loss))};
    struct chart chart = {.title = "Loss",
                          .x_label = "epoch",
                          .y_label = "loss",
                          .y_log = true,
                          .count = sizeof series / sizeof *series};
    return draw(&chart, series, folder, "loss", err);
}

static int draw_accuracy(const struct history *history, const char *folder,
                         struct error *err)
{
    struct series series[] = {
        series_of(history, "training", offsetof(struct epoch, train_accuracy)),
        series_of(history, "validation", offsetof(struct epoch, accuracy)),
        series_of(history, history->whole ? "commonest class" : "all background",
                  offsetof(struct epoch, background)),
        series_of(history, "validation F1", offsetof(struct epoch, f1))};
    struct chart chart = {.title = history->whole
                                       ? "Accuracy and mean F1 of the classes"
                                       : "Pixel accuracy and mean F1 of the classes",
                          .x_label = "epoch",
                          .count = sizeof series / sizeof *series};
    return draw(&chart, series, folder, "accuracy", err);
}

int mica_history_draw(const struct history *history, const char *folder,
                      struct error *err)
{
    return draw_loss(history, folder, err) || draw_accuracy(history, folder, err) ? -1
                                                                                  : 0;
}

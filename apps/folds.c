/* folds.c - the runs of a k-fold cross-validation side by side */
#include "apps/folds.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "datasets/table.h"

static const struct {
    const char *name;
    size_t offset;
} columns[] = {{"val_loss", offsetof(struct epoch, loss)},
               {"val_accuracy", offsetof(struct epoch, accuracy)},
               {"background_accuracy", offsetof(struct epoch, background)},
               {"val_f1", offsetof(struct epoch, f1)}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static int number_of(const cJSON *split, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(split, key);
    return cJSON_IsNumber(item) ? item->valueint : 0;
}

int mica_folds_asked(const struct recipe *recipe)
{
    const cJSON *split = cJSON_GetObjectItemCaseSensitive(recipe->data, "split");
    return number_of(split, "fold") ? 0 : number_of(split, "kfold");
}

void mica_folds_take(struct folds *folds, int fold, const struct training *t)
{
    struct epoch *best = &folds->best[fold - 1];
    folds->whole = t->data->whole;
    for (size_t i = 0; i < t->history.count; i++) {
        const struct epoch *e = &t->history.epochs[i];
        if (!isnan(e->loss) && (!best->epoch || e->loss < best->loss))
            *best = *e;
    }
}

static double value(const struct folds *folds, int fold, size_t column)
{
    return *(const double *)((const char *)&folds->best[fold] + columns[column].offset);
}

static double mean(const struct folds *folds, size_t column)
{
    double sum = 0;
    for (int i = 0; i < folds->count; i++)
        sum += value(folds, i, column);
    return sum / folds->count;
}

static double spread(const struct folds *folds, size_t column)
{
    double squares = 0, middle = mean(folds, column);
    for (int i = 0; i < folds->count; i++)
        squares +=
            (value(folds, i, column) - middle) * (value(folds, i, column) - middle);
    return sqrt(squares / (folds->count - 1));
}

int mica_folds_write(const struct folds *folds, const char *folder, struct error *err)
{
    static const char *const names[] = {
        "fold",   "best_epoch", "val_loss", "val_accuracy", "background_accuracy",
        "val_f1", NULL};
    struct table_out table;
    struct text path = {0};
    mica_text_add(&path, "%s/folds.csv", folder);
    int status = mica_table_begin(&table, path.data, names, err);
    mica_text_free(&path);
    if (status)
        return -1;
    for (int i = 0; i < folds->count; i++) {
        mica_table_put_integer(&table, i + 1);
        mica_table_put_integer(&table, folds->best[i].epoch);
        for (size_t c = 0; c < COLUMNS; c++)
            mica_table_put_number(&table, value(folds, i, c), 9);
    }
    for (int row = 0; row < 2; row++) {
        mica_table_put_text(&table, row ? "sd" : "mean");
        mica_table_put_text(&table, NULL);
        for (size_t c = 0; c < COLUMNS; c++)
            mica_table_put_number(&table, row ? spread(folds, c) : mean(folds, c), 9);
    }
    return mica_table_commit(&table, err);
}

void mica_folds_tell(const struct folds *folds, const char *folder)
{
    printf("%-6s %10s %10s %10s %10s %10s\n", "fold", "best epoch", "loss", "accuracy",
           folds->whole ? "commonest" : "background", "F1");
    for (int i = 0; i < folds->count; i++) {
        printf("%-6d %10d", i + 1, folds->best[i].epoch);
        for (size_t c = 0; c < COLUMNS; c++)
            printf(" %10.4f", value(folds, i, c));
        printf("\n");
    }
    for (int row = 0; row < 2; row++) {
        printf("%-6s %10s", row ? "sd" : "mean", "");
        for (size_t c = 0; c < COLUMNS; c++)
            printf(" %10.4f", row ? spread(folds, c) : mean(folds, c));
        printf("\n");
    }
    printf("%s/folds.csv: this table; %s/fold_1 and on: the runs\n", folder, folder);
}

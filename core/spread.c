/* spread.c - values that are drawn: reading, limits, drawing */
#include "core/numeric.h"
#include "core/param.h"
#include "core/random.h"
#include "core/text.h"
#include <string.h>

enum { MOST_CHOICES = 1000000 };

/* Draws further out than this are drawn again, so that limits are limits. */
static const double MOST_SD = 4;

double mica_spread_draw(const struct spread *spread, struct random *random)
{
    double a = spread->a, b = spread->b;
    switch (spread->kind) {
    case SPREAD_UNIFORM:
        return mica_random_between(random, a, b);
    case SPREAD_LOG_UNIFORM:
        return mica_exp(mica_random_between(random, mica_log(a), mica_log(b)));
    case SPREAD_NORMAL:
        for (;;) {
            double x = mica_random_normal(random);
            if (fabs(x) <= MOST_SD)
                return a + b * x;
        }
    case SPREAD_CHOICE:
        return spread->choices.values[mica_random_below(random, spread->choices.count)];
    default:
        return a;
    }
}

void mica_spread_limits(const struct spread *spread, double *least, double *most)
{
    const struct numbers *choices = &spread->choices;
    double reach = spread->kind == SPREAD_NORMAL ? MOST_SD * spread->b : 0;
    *least = spread->a - reach;
    *most = spread->kind == SPREAD_UNIFORM || spread->kind == SPREAD_LOG_UNIFORM
                ? spread->b
                : spread->a + reach;
    if (spread->kind != SPREAD_CHOICE)
        return;
    *least = *most = choices->values[0];
    for (size_t i = 1; i < choices->count; i++) {
        *least = fmin(*least, choices->values[i]);
        *most = fmax(*most, choices->values[i]);
    }
}

/* --- reading: a kind's word, how many numbers follow it, and what they must be --- */

struct form {
    const char *word;
    int count; /* 0: one or more */
    const char *usage;
    int (*read)(struct spread *out, const double *values, size_t count,
                const struct reader *reader);
    const char *rule; /* said where `read` refuses */
};

static int read_uniform(struct spread *out, const double *values,
                        __attribute__((unused)) size_t count,
                        __attribute__((unused)) const struct reader *reader)
{
    *out = (struct spread){.kind = SPREAD_UNIFORM, .a = values[0], .b = values[1]};
    return values[0] <= values[1] ? 0 : -1;
}

static int read_log_uniform(struct spread *out, const double *values,
                            __attribute__((unused)) size_t count,
                            __attribute__((unused)) const struct reader *reader)
{
    *out = (struct spread){.kind = SPREAD_LOG_UNIFORM, .a = values[0], .b = values[1]};
    return 0 < values[0] && values[0] <= values[1] ? 0 : -1;
}

static int read_normal(struct spread *out, const double *values,
                       __attribute__((unused)) size_t count,
                       __attribute__((unused)) const struct reader *reader)
{
    *out = (struct spread){.kind = SPREAD_NORMAL, .a = values[0], .b = values[1]};
    return values[1] >= 0 ? 0 : -1;
}

static double *new_choices(struct spread *out, size_t count,
                           const struct reader *reader)
{
    double *values = mica_arena_take(reader->arena, count, sizeof *values);
    *out = (struct spread){.kind = SPREAD_CHOICE, .choices = {count, values}};
    return values;
}

static int read_choice(struct spread *out, const double *values, size_t count,
                       const struct reader *reader)
{
    memcpy(new_choices(out, count, reader), values, count * sizeof *values);
    return 0;
}

/* Both ends belong to a range, so the steps must lead from one to the other. */
static int read_range(struct spread *out, const double *values,
                      __attribute__((unused)) size_t count, const struct reader *reader)
{
    double a = values[0], b = values[1], step = values[2];
    double steps = step > 0 && b >= a ? floor((b - a) / step + 0.5) : -1;
    if (!(steps >= 0 && steps < MOST_CHOICES) ||
        fabs(a + steps * step - b) > 1e-6 * step)
        return -1;
    size_t last = (size_t)steps;
    double *choices = new_choices(out, last + 1, reader);
    for (size_t i = 0; i < last; i++)
        choices[i] = a + (double)i * step;
    choices[last] = b;
    return 0;
}

static const struct form forms[] = {
    {"uniform", 2, "[a, b]", read_uniform, "a must not be greater than b"},
    {"log_uniform", 2, "[a, b]", read_log_uniform,
     "a must be greater than 0 and not greater than b"},
    {"normal", 2, "[mean, sd]", read_normal, "sd must not be negative"},
    {"choice", 0, "[one, another, ...]", read_choice, ""},
    {"range", 3, "[a, b, step]", read_range,
     "whole steps must lead from a to b (which belongs to it), a million at most"},
};
enum { FORMS = sizeof forms / sizeof *forms };

static int fail_word(const cJSON *item, const struct reader *reader, struct error *err)
{
    const char *words[FORMS];
    for (size_t i = 0; i < FORMS; i++)
        words[i] = forms[i].word;
    bool single = item->child && !item->child->next;
    const char *word = single ? item->child->string : "";
    const char *near = mica_text_nearest(word, words, FORMS);
    if (near)
        return mica_json_fail(reader->json, item, err,
                              "no random value is called '%.40s'; did you mean '%s'?",
                              word, near);
    return mica_json_fail(
        reader->json, item, err,
        "a random value has one key: uniform, log_uniform, normal, choice "
        "or range");
}

static const struct form *find_form(const cJSON *item)
{
    for (size_t i = 0; i < FORMS; i++)
        if (item->child && !item->child->next &&
            strcmp(item->child->string, forms[i].word) == 0)
            return &forms[i];
    return NULL;
}

bool mica_param_is_spread(const cJSON *item)
{
    return cJSON_IsObject(item) && find_form(item);
}

static int read_form(struct spread *out, const cJSON *item, const struct form *form,
                     enum dimension dimension, const struct reader *reader,
                     struct error *err)
{
    const cJSON *list = item->child, *entry = list->child;
    size_t count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    if (count == 0 || (form->count > 0 && count != (size_t)form->count))
        return mica_json_fail(reader->json, list, err, "must be %s", form->usage);
    double *values = mica_need(count, sizeof *values);
    int status = 0;
    for (size_t i = 0; i < count; i++, entry = entry->next)
        status |= mica_param_quantity(&values[i], entry, dimension, reader, err);
    if (status == 0 && form->read(out, values, count, reader))
        status =
            mica_json_fail(reader->json, list, err, "%s: %s", form->usage, form->rule);
    mica_free(values);
    return status;
}

int mica_param_spread(struct spread *out, const cJSON *item, enum dimension dimension,
                      const struct reader *reader, struct error *err)
{
    *out = (struct spread){0};
    if (cJSON_IsArray(item))
        return mica_json_fail(
            reader->json, item, err,
            "a bare array is no random value; write {\"uniform\": [a, b]} "
            "or {\"choice\": [...]}");
    if (!cJSON_IsObject(item))
        return mica_param_quantity(&out->a, item, dimension, reader, err);
    const struct form *form = find_form(item);
    if (!form)
        return fail_word(item, reader, err);
    return read_form(out, item, form, dimension, reader, err);
}

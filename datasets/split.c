/* split.c - which files train and which validate */
#include "datasets/split.h"

#include <regex.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "core/text.h"

struct split {
    double validation;
    const char *group;
    int seed, kfold, fold;
    bool stratified, last;
};

const struct param mica_split_params[] = {
    {"validation", PARAM_FLOAT, offsetof(struct split, validation), 0.2, 0, 0.9,
     "share of the groups that validate"},
    {"group", PARAM_TEXT, offsetof(struct split, group), 0, 0, 0,
     "a regular expression on the image's name: what its first parentheses hold is the "
     "group; without it each file (frame, row) is one, or what the table of labels "
     "says; only files of one folder whose names differ by the ending stay together"},
    {"stratified", PARAM_BOOL, offsetof(struct split, stratified), 0, PARAM_ANY,
     "every part has the same shares of the classes, as far as groups allow"},
    {"last", PARAM_BOOL, offsetof(struct split, last), 0, PARAM_ANY,
     "the last of the files (frames, rows) validate, not drawn ones: where neighbours "
     "are alike"},
    {"kfold", PARAM_INT, offsetof(struct split, kfold), 0, 0, 1000,
     "in place of a share: so many folds, of which each validates once; `mica train` "
     "runs "
     "them all"},
    {"fold", PARAM_INT, offsetof(struct split, fold), 0, 0, 1000,
     "the one that validates, from 1 on; 0: all, one after another"},
    {"seed", PARAM_INT, offsetof(struct split, seed), 1, 0, 1e9, "draws the groups"},
    {0}};

enum { LABELS = 256 };

struct group {
    const char *name;
    uint32_t order; /* drawn: the first in this order validate */
    size_t unit, rank;
    int label, stratum; /* of the unit; of the group */
};

char *mica_split_stem(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    char *stem = mica_need(length + 1, 1);
    memcpy(stem, name, length);
    return stem;
}

/* NULL where the name does not fit. */
static char *match(const char *stem, const regex_t *expression, struct arena *arena)
{
    regmatch_t match[2];
    if (regexec(expression, stem, 2, match, 0) || match[1].rm_so < 0)
        return NULL;
    size_t length = (size_t)(match[1].rm_eo - match[1].rm_so);
    char *group = mica_arena_take(arena, length + 1, 1);
    memcpy(group, stem + match[1].rm_so, length);
    return group;
}

static uint32_t group_order(const char *group, int seed)
{
    struct random random;
    mica_random_start(&random, (uint64_t)seed, 1, mica_text_hash(group));
    return mica_random_bits(&random);
}

static int by_order(const void *a, const void *b)
{
    const struct group *p = a, *q = b;
    if (p->stratum != q->stratum)
        return p->stratum < q->stratum ? -1 : 1;
    if (p->order != q->order)
        return p->order < q->order ? -1 : 1;
    return strcmp(p->name, q->name);
}

/* Sorts the units by group and numbers the groups; returns how many there are. */
static size_t rank_groups(struct group *groups, size_t count)
{
    size_t rank = 0;
    qsort(groups, count, sizeof *groups, by_order);
    for (size_t i = 0; i < count; i++) {
        rank += i > 0 && by_order(&groups[i - 1], &groups[i]) != 0;
        groups[i].rank = rank;
    }
    return count ? rank + 1 : 0;
}

/* The commonest class of each group; the groups are sorted. */
static void find_strata(struct group *groups, size_t count)
{
    for (size_t i = 0, end; i < count; i = end) {
        size_t seen[LABELS] = {0};
        int commonest = 0;
        for (end = i; end < count && groups[end].rank == groups[i].rank; end++)
            seen[groups[end].label]++;
        for (int k = 1; k < LABELS; k++)
            commonest = seen[k] > seen[commonest] ? k : commonest;
        for (size_t k = i; k < end; k++)
            groups[k].stratum = commonest;
    }
}

/* A unit that fits no group is refused: alone it could validate what its like train. */
static int name_groups(struct group *groups, const struct unit *units, size_t count,
                       const regex_t *expression, const struct split *split,
                       const cJSON *place, const struct reader *reader,
                       struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct unit *u = &units[i];
        groups[i] = (struct group){.unit = i, .label = u->label};
        groups[i].name = expression ? match(u->stem, expression, reader->arena)
                         : u->group ? u->group
                                    : u->own;
        if (!groups[i].name)
            return mica_json_fail(reader->json, place, err,
                                  "the name of %s does not fit: no group for it",
                                  u->name);
        groups[i].order = split->last ? UINT32_MAX - (uint32_t)i
                                      : group_order(groups[i].name, split->seed);
    }
    return 0;
}

/* Which ranks validate. Of a share: in each stratum the first so many of its groups. */
static void choose_share(const struct split *split, const struct group *groups,
                         size_t count, bool *validates)
{
    bool any = false;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && groups[end].stratum == groups[i].stratum;)
            end++;
        size_t first = groups[i].rank, n = groups[end - 1].rank - first + 1;
        size_t share = (size_t)(split->validation * (double)n + 0.5);
        for (size_t k = 0; k < share; k++)
            any = validates[first + k] = true;
    }
    if (!any && split->validation > 0)
        validates[0] = true;
}

/* Each fold needs a group to validate with; told before the first of them is trained. */
static int check_folds(const struct split *split, size_t groups,
                       const struct reader *reader, const cJSON *item,
                       struct error *err)
{
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "kfold");
    if ((size_t)split->kfold <= groups)
        return 0;
    if (groups < 2)
        return mica_json_fail(reader->json, place, err,
                              "one group cannot make %d folds; there must be two or "
                              "more",
                              split->kfold);
    return mica_json_fail(reader->json, place, err,
                          "%zu groups cannot make %d folds; at most --folds %zu",
                          groups, split->kfold, groups);
}

static int keep_part(const struct split *split, struct group *groups, size_t count,
                     enum part part, const struct reader *reader, const cJSON *item,
                     bool *keep, struct error *err)
{
    size_t all = rank_groups(groups, count), kept = 0;
    if (part != PART_ALL && check_folds(split, all, reader, item, err))
        return -1;
    if (split->stratified) {
        find_strata(groups, count);
        rank_groups(groups, count);
    }
    bool *validates = mica_need(all + 1, sizeof *validates);
    if (split->kfold)
        for (size_t i = 0; i < all; i++)
            validates[i] = i % (size_t)split->kfold + 1 == (size_t)split->fold;
    else
        choose_share(split, groups, count, validates);
    for (size_t i = 0; i < count; i++) {
        keep[groups[i].unit] =
            part == PART_ALL || validates[groups[i].rank] == (part == PART_VALIDATION);
        kept += keep[groups[i].unit];
    }
    mica_free(validates);
    if (kept)
        return 0;
    return mica_json_fail(reader->json, item, err,
                          "leaves no image to %s with: there %s %zu group%s",
                          part == PART_TRAINING ? "train" : "validate",
                          all == 1 ? "is" : "are", all, all == 1 ? "" : "s");
}

/* 0 with a compiled expression, or -1 and a line. */
static int compile(regex_t *expression, const char *text, const cJSON *place,
                   const struct reader *reader, struct error *err)
{
    char why[128];
    int status = regcomp(expression, text, REG_EXTENDED);
    if (status) {
        regerror(status, expression, why, sizeof why);
        return mica_json_fail(reader->json, place, err, "no regular expression: %s",
                              why);
    }
    if (expression->re_nsub > 0)
        return 0;
    regfree(expression);
    return mica_json_fail(reader->json, place, err,
                          "needs parentheses around what names the group, like "
                          "\"(^[^_]+)\"");
}

static int check(const struct split *split, const struct unit *units, size_t count,
                 enum part part, const cJSON *item, const struct reader *reader,
                 struct error *err)
{
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "kfold");
    if (split->kfold == 1)
        return mica_json_fail(reader->json, place, err, "must be 2 or more, or 0");
    if (split->fold && !split->kfold)
        return mica_json_fail(reader->json,
                              cJSON_GetObjectItemCaseSensitive(item, "fold"), err,
                              "needs \"kfold\": how many folds there are");
    if (split->fold > split->kfold)
        return mica_json_fail(reader->json,
                              cJSON_GetObjectItemCaseSensitive(item, "fold"), err,
                              "must be one of the folds 1 to %d", split->kfold);
    if (split->kfold && !split->fold && part != PART_ALL)
        return mica_json_fail(reader->json, place, err,
                              "the folds are run one after another by `mica train` "
                              "alone; \"fold\": 1 picks one");
    place = cJSON_GetObjectItemCaseSensitive(item, "last");
    if (split->last && (split->kfold || split->group || (count && units[0].group)))
        return mica_json_fail(reader->json, place, err,
                              "the last ones are single files, frames or rows: neither "
                              "folds nor groups go with it");
    for (size_t i = 0; split->stratified && i < count; i++)
        if (units[i].label < 0)
            return mica_json_fail(
                reader->json, cJSON_GetObjectItemCaseSensitive(item, "stratified"), err,
                "needs one class an image; these have one a pixel");
    return 0;
}

int mica_split_choose(const struct unit *units, size_t count, enum part part,
                      const cJSON *item, const struct reader *reader, bool *keep,
                      struct error *err)
{
    struct split split;
    regex_t expression;
    for (size_t i = 0; i < count; i++)
        keep[i] = true;
    if (!item)
        return 0;
    if (mica_param_read(mica_split_params, &split, NULL, item, NULL, reader, err) ||
        check(&split, units, count, part, item, reader, err))
        return -1;
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "group");
    if (split.group && compile(&expression, split.group, place, reader, err))
        return -1;
    struct group *groups = mica_need(count + 1, sizeof *groups);
    int status = name_groups(groups, units, count, split.group ? &expression : NULL,
                             &split, place, reader, err);
    if (!status)
        status = keep_part(&split, groups, count, part, reader, item, keep, err);
    mica_free(groups);
    if (split.group)
        regfree(&expression);
    return status;
}

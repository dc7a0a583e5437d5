/* split.c - which files train and which validate */
#include "datasets/split.h"

#include <regex.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/text.h"

struct split {
    double validation;
    const char *group;
    int seed;
};

const struct param mica_split_params[] = {
    {"validation", PARAM_FLOAT, offsetof(struct split, validation), 0.2, 0, 0.9,
     "share of the groups that validate"},
    {"group", PARAM_TEXT, offsetof(struct split, group), 0, 0, 0,
     "a regular expression on the image's name: what its first parentheses hold is the "
     "group; without it each file is one"},
    {"seed", PARAM_INT, offsetof(struct split, seed), 1, 0, 1e9, "draws the groups"},
    {0}};

struct group {
    char *name;
    uint32_t order; /* drawn: the first in this order validate */
    size_t file, rank;
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
static char *group_of(const char *path, const regex_t *expression)
{
    char *stem = mica_split_stem(path);
    regmatch_t match[2];
    if (!expression)
        return stem;
    if (regexec(expression, stem, 2, match, 0) || match[1].rm_so < 0) {
        mica_free(stem);
        return NULL;
    }
    size_t length = (size_t)(match[1].rm_eo - match[1].rm_so);
    memmove(stem, stem + match[1].rm_so, length);
    stem[length] = '\0';
    return stem;
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
    if (p->order != q->order)
        return p->order < q->order ? -1 : 1;
    return strcmp(p->name, q->name);
}

/* Sorts the files by group and numbers the groups; returns how many there are. */
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

/* A file that fits no group is refused: alone it could validate what its like train. */
static int name_groups(struct group *groups, const struct file_list *files,
                       const regex_t *expression, const struct split *split,
                       const cJSON *place, const struct reader *reader,
                       struct error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        groups[i].file = i;
        groups[i].name = group_of(files->paths[i], expression);
        if (!groups[i].name)
            return mica_json_fail(reader->json, place, err,
                                  "the name of %s does not fit: no group for it",
                                  files->paths[i]);
        groups[i].order = group_order(groups[i].name, split->seed);
    }
    return 0;
}

static int keep_part(const struct split *split, struct group *groups, size_t count,
                     enum part part, const struct reader *reader, const cJSON *item,
                     bool *keep, struct error *err)
{
    size_t all = rank_groups(groups, count), kept = 0;
    size_t validating = (size_t)(split->validation * (double)all + 0.5);
    validating = validating < 1 && split->validation > 0 ? 1 : validating;
    for (size_t i = 0; i < count; i++) {
        bool validates = groups[i].rank < validating;
        keep[groups[i].file] =
            part == PART_ALL || validates == (part == PART_VALIDATION);
        kept += keep[groups[i].file];
    }
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

int mica_split_choose(const struct file_list *files, enum part part, const cJSON *item,
                      const struct reader *reader, bool *keep, struct error *err)
{
    struct split split;
    regex_t expression;
    for (size_t i = 0; i < files->count; i++)
        keep[i] = true;
    if (!item)
        return 0;
    if (mica_param_read(mica_split_params, &split, NULL, item, NULL, reader, err))
        return -1;
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "group");
    if (split.group && compile(&expression, split.group, place, reader, err))
        return -1;
    struct group *groups = mica_need(files->count + 1, sizeof *groups);
    int status = name_groups(groups, files, split.group ? &expression : NULL, &split,
                             place, reader, err);
    if (!status)
        status = keep_part(&split, groups, files->count, part, reader, item, keep, err);
    for (size_t i = 0; i < files->count; i++)
        mica_free(groups[i].name);
    mica_free(groups);
    if (split.group)
        regfree(&expression);
    return status;
}

/* truth.c - which way of saying what is true a dataset's JSON asks for */
#include "datasets/truth.h"

#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "datasets/split.h"

#define TRUTH(name) extern const struct truth mica_truth_##name;
#include "truths.inc"
#undef TRUTH

static const struct truth *const members[] = {
#define TRUTH(name) &mica_truth_##name,
#include "truths.inc"
    NULL};

const struct truth *mica_truth(size_t i)
{
    return i < sizeof members / sizeof *members ? members[i] : NULL;
}

bool mica_source_takes(const struct source *source, const struct truth *truth)
{
    return source->labelled && (!source->rows || (truth->whole && !truth->mark));
}

/* The word that asks for a member: a key, or a mark in the pattern. */
static const char *word_of(const struct truth *truth)
{
    return truth->mark ? truth->mark : truth->params[0].name;
}

static bool asks_for(const cJSON *item, const struct truth *truth)
{
    if (!truth->mark)
        return cJSON_GetObjectItemCaseSensitive(item, truth->params[0].name);
    const cJSON *images = cJSON_GetObjectItemCaseSensitive(item, "images");
    return cJSON_IsString(images) && strstr(images->valuestring, truth->mark);
}

const struct truth *mica_truth_of(const cJSON *item, const struct reader *reader,
                                  struct error *err)
{
    const struct truth *found = NULL;
    struct text known = {0};
    for (size_t i = 0; members[i]; i++) {
        if (asks_for(item, members[i]) && found) {
            mica_json_fail(reader->json, item, err,
                           "says what is true of it twice: by '%s' and by '%s'",
                           word_of(found), word_of(members[i]));
            mica_text_free(&known);
            return NULL;
        }
        if (asks_for(item, members[i]))
            found = members[i];
        mica_text_add(&known, "%s%s%s%s", i ? ", " : "", members[i]->mark ? "" : "'",
                      word_of(members[i]),
                      members[i]->mark ? " in the pattern of the images" : "'");
    }
    if (!found)
        mica_json_fail(reader->json, item, err,
                       "does not say what is true of it; it needs one of %s",
                       known.data);
    mica_text_free(&known);
    return found;
}

char *mica_truth_path(const char *pattern, const char *from, const char *path)
{
    const char *mark = path ? strstr(pattern, "{stem}") : NULL;
    if (!mark)
        return mica_file_find_pattern(pattern, from);
    struct text named = {0};
    char *stem = mica_split_stem(path);
    mica_text_append(&named, pattern, (size_t)(mark - pattern));
    mica_text_add(&named, "%s%s", stem, mark + strlen("{stem}"));
    char *found = mica_file_find_pattern(named.data, from);
    mica_free(stem);
    mica_text_free(&named);
    return found;
}

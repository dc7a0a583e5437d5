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

/* Whether a key is one of these misspelt. */
static bool told_misspelt(const cJSON *item, const struct reader *reader,
                          struct error *err)
{
    const char *words[sizeof members / sizeof *members];
    size_t count = 0;
    for (size_t i = 0; members[i]; i++)
        if (!members[i]->mark)
            words[count++] = word_of(members[i]);
    for (const cJSON *key = item->child; key; key = key->next) {
        const char *near = mica_text_nearest(key->string, words, count);
        if (near) {
            mica_json_fail(reader->json, key, err,
                           "unknown key '%.60s'; did you mean '%s'?", key->string,
                           near);
            return true;
        }
    }
    return false;
}

/* What stands in braces is one of the words that are replaced. */
static int check_marks(const cJSON *item, const char *key, const char *known,
                       const struct reader *reader, struct error *err)
{
    const cJSON *pattern = cJSON_GetObjectItemCaseSensitive(item, key);
    const char *at = cJSON_IsString(pattern) ? pattern->valuestring : "";
    for (at = strchr(at, '{'); at; at = strchr(at + 1, '{')) {
        const char *end = strchr(at, '}');
        if (end && strncmp(at, known, strlen(known)) != 0)
            return mica_json_fail(reader->json, pattern, err,
                                  "'%.*s' stands for nothing here; known is %s, and * "
                                  "for anything",
                                  (int)(end - at) + 1, at, known);
    }
    return 0;
}

const struct truth *mica_truth_of(const cJSON *item, const struct reader *reader,
                                  struct error *err)
{
    const struct truth *found = NULL;
    struct text known = {0};
    if (check_marks(item, "images", "{label}", reader, err))
        return NULL;
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
    if (!found && !told_misspelt(item, reader, err))
        mica_json_fail(reader->json, item, err,
                       "does not say what is true of it; it needs one of %s",
                       known.data);
    mica_text_free(&known);
    if (found && !found->mark &&
        check_marks(item, word_of(found), "{stem}", reader, err))
        return NULL;
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

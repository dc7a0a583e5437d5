/* names.c - the classes that a folder or a table names */
#include "datasets/truths/names.h"

#include <stdlib.h>
#include <string.h>

int mica_names_read(struct names *names, const cJSON *classes,
                    const struct reader *reader, struct error *err)
{
    const cJSON *item;
    if (!classes)
        return 0;
    if (!cJSON_IsArray(classes))
        return mica_json_fail(reader->json, classes, err,
                              "must be a list of names, like [\"bulk\", \"vacancy\"]");
    cJSON_ArrayForEach(item, classes)
    {
        if (!cJSON_IsString(item) || !*item->valuestring)
            return mica_json_fail(reader->json, item, err, "must be a name");
        if (names->count == MICA_CLASSES_NAMED)
            return mica_json_fail(reader->json, classes, err, "more than %d classes",
                                  MICA_CLASSES_NAMED);
        if (mica_names_find(names, item->valuestring) >= 0)
            return mica_json_fail(reader->json, item, err, "'%s' is named twice",
                                  item->valuestring);
        names->list[names->count++] = item->valuestring;
    }
    names->given = true; /* from here on numbers mean classes, too */
    return 0;
}

static int by_letters(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_number(const char *word, double *number)
{
    char *end;
    *number = mica_text_number(word, &end);
    return *word && *end == '\0';
}

static int by_number(const void *a, const void *b)
{
    double p = 0, q = 0;
    is_number(*(const char *const *)a, &p);
    is_number(*(const char *const *)b, &q);
    if (p != q)
        return p < q ? -1 : 1;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int mica_names_gather(struct names *names, const char *const *words, size_t count)
{
    if (names->given || count == 0)
        return 0;
    const char **sorted = mica_need(count, sizeof *sorted);
    bool numbers = true;
    double number;
    for (size_t i = 0; i < count; i++) {
        sorted[i] = words[i];
        numbers = numbers && is_number(words[i], &number);
    }
    qsort(sorted, count, sizeof *sorted, numbers ? by_number : by_letters);
    int status = 0;
    for (size_t i = 0; i < count && !status; i++) {
        if (i > 0 && strcmp(sorted[i], sorted[i - 1]) == 0)
            continue;
        if (names->count == MICA_CLASSES_NAMED)
            status = -1;
        else
            names->list[names->count++] = sorted[i];
    }
    mica_free(sorted);
    return status;
}

int mica_names_find(const struct names *names, const char *word)
{
    double number;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], word) == 0)
            return (int)i;
    if (names->given && is_number(word, &number) && number >= 0 &&
        number < (double)(names->count - names->first) &&
        number == (double)(size_t)number)
        return (int)((size_t)number + names->first);
    return -1;
}

void mica_names_list(const struct names *names, struct text *text)
{
    enum { MOST = 10 };
    for (size_t i = names->first; i < names->count && i < names->first + MOST; i++)
        mica_text_add(text, "%s'%s'", i > names->first ? ", " : "", names->list[i]);
    if (names->count > names->first + MOST)
        mica_text_add(text, ", ...");
}

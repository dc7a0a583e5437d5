/* listed.c - the files of a pattern, and which of them a part of the data has */
#include "datasets/listed.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "datasets/split.h"

static const char mark[] = "{label}";

/* "a/{label}_*.png" with the mark replaced by a star. Freed with free. */
static char *wild(const char *pattern)
{
    struct text text = {0};
    const char *at = strstr(pattern, mark);
    mica_text_append(&text, pattern, at ? (size_t)(at - pattern) : strlen(pattern));
    if (at)
        mica_text_add(&text, "*%s", at + strlen(mark));
    return text.data;
}

/* What the mark stands for in a path that fits: in the part of the path that it is in, what
   is between the letters before it and those behind it. NULL where that is not plain. */
static char *find_mark(const char *pattern, const char *path, struct arena *arena)
{
    const char *at = strstr(pattern, mark), *part = at, *begin = path;
    while (part > pattern && part[-1] != '/')
        part--;
    for (const char *c = pattern; c < part && begin; c++)
        if (*c == '/' && (begin = strchr(begin, '/')))
            begin++;
    if (!begin)
        return NULL;
    size_t before = (size_t)(at - part), length = strcspn(begin, "/");
    const char *behind = at + strlen(mark);
    size_t same = strcspn(behind, "*?/");
    if (memchr(part, '*', before) || memchr(part, '?', before) ||
        (same == 0 && *behind && *behind != '/') || before > length)
        return NULL;
    begin += before;
    length -= before;
    size_t end = same ? 1 : length; /* the first place where what is behind follows */
    while (same && end + same <= length && memcmp(begin + end, behind, same) != 0)
        end++;
    char *word = mica_arena_take(arena, end + 1, 1);
    memcpy(word, begin, end);
    return word;
}

static int find_marks(struct listed *listed, const char *pattern, const cJSON *place,
                      const struct reader *reader, struct error *err)
{
    size_t count = listed->files.count;
    char **marks = mica_arena_take(reader->arena, count + 1, sizeof *marks);
    listed->listing.marks = marks;
    for (size_t i = 0; i < count; i++) {
        marks[i] = find_mark(pattern, listed->files.paths[i], reader->arena);
        if (!marks[i])
            return mica_json_fail(reader->json, place, err,
                                  "{label} must stand alone or between letters of a "
                                  "name, as in {label}/*.png or {label}_*.png");
    }
    return 0;
}

static int fail_none(const cJSON *place, const char *pattern, const char *from,
                     const struct reader *reader, struct error *err)
{
    struct text places = {0};
    if (place->valuestring[0] == '/')
        return mica_json_fail(reader->json, place, err, "no file fits %s", pattern);
    mica_file_places(from, &places);
    mica_json_fail(
        reader->json, place, err,
        "no file fits %s; looked in %s; MICA_PATH may name the folder of the "
        "data",
        place->valuestring, places.data);
    mica_text_free(&places);
    return -1;
}

int mica_listed_open(struct listed *listed, const cJSON *place,
                     const struct reader *reader, struct error *err)
{
    struct error why = {0};
    const char *from = mica_json_origin(reader->json, place);
    *listed = (struct listed){.listing.from = from};
    char *pattern = mica_truth_path(place->valuestring, from, NULL);
    char *plain = wild(pattern);
    int status = mica_file_list(&listed->files, plain, &why);
    if (status || !listed->files.count)
        status = fail_none(place, pattern, from, reader, err);
    for (const char *c = plain; *c && *c != '*' && *c != '?'; c++)
        if (*c == '/')
            listed->listing.fixed = (size_t)(c - plain) + 1;
    listed->listing.files = listed->files.count;
    listed->listing.paths = listed->files.paths;
    if (!status && strstr(pattern, mark))
        status = find_marks(listed, pattern, place, reader, err);
    free(plain);
    free(pattern);
    if (status)
        mica_listed_close(listed);
    return status;
}

void mica_listed_close(struct listed *listed)
{
    mica_file_list_free(&listed->files);
    *listed = (struct listed){0};
}

/* The folders of a path in which the files of the pattern differ, wherever they lie. */
static void add_folders(struct text *text, const char *path, size_t fixed)
{
    const char *slash = strrchr(path, '/');
    size_t end = slash ? (size_t)(slash - path) + 1 : 0;
    if (end > fixed)
        mica_text_append(text, path + fixed, end - fixed);
}

int mica_listed_split(const struct labelling *l, enum part part, const cJSON *split,
                      bool *keep, struct error *err)
{
    const struct listing *listing = l->listing;
    struct arena *arena = mica_arena_new();
    struct unit *units = mica_arena_take(arena, listing->count + 1, sizeof *units);
    for (size_t i = 0; i < listing->count; i++) {
        const char *path = listing->paths[listing->by_frame ? 0 : i];
        struct text stem = {0}, own = {0}, name = {0};
        char *plain = mica_split_stem(path);
        mica_text_add(&stem, listing->by_frame ? "%s %zu" : "%s", plain, i);
        mica_text_add(&name, listing->by_frame ? "%s %zu" : "%s", path, i);
        if (!listing->by_frame)
            add_folders(&own, path, listing->fixed);
        mica_text_add(&own, "%s", stem.data);
        units[i] = (struct unit){.name = mica_arena_text(arena, name.data),
                                 .stem = mica_arena_text(arena, stem.data),
                                 .own = mica_arena_text(arena, own.data),
                                 .label = -1};
        if (l->truth->describe)
            l->truth->describe(l, i, &units[i].label, &units[i].group);
        mica_text_free(&stem);
        mica_text_free(&own);
        mica_text_free(&name);
        mica_free(plain);
    }
    int status =
        mica_split_choose(units, listing->count, part, split, l->reader, keep, err);
    mica_arena_free(arena);
    return status;
}

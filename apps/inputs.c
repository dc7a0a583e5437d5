/* inputs.c - the images that a command is given: files, folders, patterns */
#include "apps/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "datasets/image.h"

static char *copy(const char *text, size_t length)
{
    char *result = mica_need(length + 1, 1);
    memcpy(result, text, length);
    return result;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static size_t stem_length(const char *base)
{
    const char *dot = strrchr(base, '.');
    return dot && dot > base ? (size_t)(dot - base) : strlen(base);
}

char *mica_path_like(const char *pattern, const char *path)
{
    const char *mark = strstr(pattern, "{stem}"), *base = base_of(path);
    struct text text = {0};
    if (mark)
        mica_text_add(&text, "%.*s%.*s%s", (int)(mark - pattern), pattern,
                      (int)stem_length(base), base, mark + strlen("{stem}"));
    else
        mica_text_add(&text, "%s", pattern);
    char *result = copy(text.data, text.length);
    mica_text_free(&text);
    return result;
}

static void add(struct inputs *inputs, const char *path)
{
    struct input *list = realloc(inputs->list, (inputs->count + 1) * sizeof *list);
    MICA_CHECK(list);
    inputs->list = list;
    list[inputs->count++] = (struct input){.path = copy(path, strlen(path))};
}

/* The images of FOLDER/parts; freed with mica_file_list_free. */
static void list_images(struct file_list *files, const char *folder, const char *parts)
{
    struct text pattern = {0};
    struct error none = {0};
    size_t images = 0;
    mica_text_add(&pattern, "%s/%s", folder, parts);
    mica_file_list(files, pattern.data, &none);
    for (size_t i = 0; i < files->count; i++)
        if (mica_format_of(files->paths[i]))
            files->paths[images++] = files->paths[i];
        else
            free(files->paths[i]);
    files->count = images;
    mica_text_free(&pattern);
}

static int add_folder(struct inputs *inputs, const char *path, struct error *err)
{
    struct file_list files, below;
    list_images(&files, path, "*");
    for (size_t i = 0; i < files.count; i++)
        add(inputs, files.paths[i]);
    int status = files.count > 0 ? 0 : -1;
    mica_file_list_free(&files);
    if (status) {
        list_images(&below, path, "*/*");
        mica_fail(err, "%s: there is no image in this folder%s", path,
                  below.count ? "; name its sub-folders, which have some" : "");
        mica_file_list_free(&below);
    }
    return status;
}

static int add_pattern(struct inputs *inputs, const char *pattern, struct error *err)
{
    struct file_list files = {0};
    if (mica_file_list(&files, pattern, err))
        return -1;
    for (size_t i = 0; i < files.count; i++)
        add(inputs, files.paths[i]);
    mica_file_list_free(&files);
    return 0;
}

static int add_word(struct inputs *inputs, const char *word, struct error *err)
{
    if (mica_file_is_folder(word))
        return add_folder(inputs, word, err);
    if (!mica_file_exists(word) && strpbrk(word, "*?"))
        return add_pattern(inputs, word, err);
    if (!mica_file_exists(word))
        return mica_fail(err, "%s: there is no such file or folder", word);
    add(inputs, word);
    return 0;
}

/* ---- names ---- */

static char *stem_only(const char *path)
{
    return copy(base_of(path), stem_length(base_of(path)));
}

static char *base_only(const char *path)
{
    return copy(base_of(path), strlen(base_of(path)));
}

/* The whole path as one name; what led it out of a folder goes. */
static char *whole_path(const char *path)
{
    while (strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0 || *path == '/')
        path += *path == '/' ? 1 : strcspn(path, "/");
    char *name = copy(path, strlen(path));
    for (char *c = name; *c; c++)
        if (*c == '/')
            *c = '_';
    return name;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whether a way of naming gives every input another name. */
static bool tells_apart(const struct inputs *inputs, char *(*name)(const char *path))
{
    char **names = mica_need(inputs->count + 1, sizeof *names);
    bool apart = true;
    for (size_t i = 0; i < inputs->count; i++)
        names[i] = name(inputs->list[i].path);
    qsort(names, inputs->count, sizeof *names, compare);
    for (size_t i = 1; i < inputs->count; i++)
        apart = apart && strcmp(names[i - 1], names[i]) != 0;
    for (size_t i = 0; i < inputs->count; i++)
        mica_free(names[i]);
    mica_free(names);
    return apart;
}

static int give_names(struct inputs *inputs, struct error *err)
{
    static char *(*const ways[])(const char *) = {stem_only, base_only, whole_path};
    size_t way = 0;
    while (way < 3 && !tells_apart(inputs, ways[way]))
        way++;
    if (way == 3)
        return mica_misuse(err,
                           "the same image is given twice: results are named after "
                           "their images; leave one out");
    for (size_t i = 0; i < inputs->count; i++) {
        struct input *input = &inputs->list[i];
        input->stem = ways[way](input->path);
        input->name =
            way < 2 ? base_only(input->path) : copy(input->path, strlen(input->path));
    }
    return 0;
}

/* Images in sub-folders of the folders that are given, but for those given themselves. */
static size_t count_below(const struct inputs *inputs, const struct words *words)
{
    char **paths = mica_need(inputs->count + 1, sizeof *paths);
    size_t count = 0;
    for (size_t i = 0; i < inputs->count; i++)
        paths[i] = inputs->list[i].path;
    qsort(paths, inputs->count, sizeof *paths, compare);
    for (size_t w = 0; w < words->count; w++) {
        struct file_list below = {0};
        if (mica_file_is_folder(words->items[w]))
            list_images(&below, words->items[w], "*/*");
        for (size_t i = 0; i < below.count; i++)
            count +=
                !bsearch(&below.paths[i], paths, inputs->count, sizeof *paths, compare);
        mica_file_list_free(&below);
    }
    mica_free(paths);
    return count;
}

int mica_inputs_list(struct inputs *inputs, const struct words *words,
                     struct error *err)
{
    *inputs = (struct inputs){0};
    for (size_t i = 0; i < words->count; i++)
        add_word(inputs, words->items[i], err);
    int status = inputs->count ? give_names(inputs, err) : -1;
    if (status)
        mica_inputs_free(inputs);
    else
        inputs->below = count_below(inputs, words);
    return status;
}

void mica_inputs_free(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        mica_free(inputs->list[i].path);
        mica_free(inputs->list[i].name);
        mica_free(inputs->list[i].stem);
    }
    free(inputs->list);
    *inputs = (struct inputs){0};
}

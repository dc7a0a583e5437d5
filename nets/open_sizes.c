/* open_sizes.c - a trial's messages with the network's own words for sizes that are open */
#include <stdlib.h>
#include <string.h>

#include "nets/parts.h"

/* The word for the rows (axis 0) or columns of the input; NULL where they are given. */
static const char *word_of(const struct net *net, size_t axis)
{
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(net->root, "input");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(input, "shape");
    int place = (int)axis + cJSON_GetArraySize(shape) - 3;
    const cJSON *item = place < 0 ? NULL : cJSON_GetArrayItem(shape, place);
    bool open = cJSON_IsString(item) && item->valuestring[0] != '=';
    return open ? item->valuestring : NULL;
}

/* A size that a network makes of `trial`: "H", "2 H", "H/4", "H/2 - 1". False, and nothing
   is added, where the number is far from all of these. */
static bool add_size(struct text *out, const char *word, long number, long trial)
{
    enum { PARTS_MOST = 512, REST_MOST = 64 };
    long times = (number + trial / 2) / trial, parts = 1, rest = number - times * trial;
    for (long p = 2; p <= PARTS_MOST && times <= 1; p++)
        if (trial % p == 0 && labs(number - trial / p) < labs(rest)) {
            parts = p;
            rest = number - trial / p;
        }
    if (labs(rest) > REST_MOST)
        return false;
    if (times > 1)
        mica_text_add(out, "%ld ", times);
    mica_text_add(out, "%s", word);
    if (parts > 1)
        mica_text_add(out, "/%ld", parts);
    if (rest != 0)
        mica_text_add(out, " %c %ld", rest < 0 ? '-' : '+', labs(rest));
    return true;
}

/* Shapes are written as rows x columns, perhaps x channels. */
static void add_line(struct text *out, const char *line, size_t length,
                     const char *const words[2], long trial)
{
    const char *end = line + length;
    size_t axis = 0;
    while (line < end) {
        size_t digits = strspn(line, "0123456789");
        size_t other = strcspn(line, "0123456789");
        if (digits == 0) {
            other = other < (size_t)(end - line) ? other : (size_t)(end - line);
            axis = other == 3 && memcmp(line, " x ", 3) == 0 ? axis + 1 : 0;
            mica_text_append(out, line, other);
            line += other;
            continue;
        }
        bool size = axis == 1 || strncmp(line + digits, " x ", 3) == 0;
        const char *word = size && axis < 2 ? words[axis] : NULL;
        if (!word || digits > 9 || !add_size(out, word, atol(line), trial))
            mica_text_append(out, line, digits);
        line += digits;
    }
}

int mica_net_name_sizes(const struct net *net, size_t trial, const struct error *from,
                        struct error *err)
{
    const char *const words[2] = {word_of(net, 0), word_of(net, 1)};
    for (const char *line = from->text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        struct text text = {0};
        add_line(&text, line, length, words, (long)trial);
        mica_misuse(err, "%s", text.data);
        mica_text_free(&text);
        line += length + (line[length] == '\n');
    }
    return -1;
}

/* options.c - a table of options and arguments: reading, limits, messages, help */
#include "apps/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/param.h"
#include "core/text.h"

enum { WORDS_MAX = 64, HELP_COLUMN = 24, LINE = 80 };

/* Understood by every command. */
static const struct option threads_option = {
    "threads",  0,           OPTION_COUNT,
    0,          "N",         "threads to use [what the machine and the job allow]",
    .least = 1, .most = 4096};

/* One walk over the arguments of a command. */
struct walk {
    const struct option *options;
    int argc, at; /* `at` is the argument being read */
    char **argv;
    void *target;
    uint64_t threads;
    size_t met; /* positional arguments so far */
    struct error *err;
};

static bool is_argument(const struct option *option)
{
    return option->type >= ARGUMENT;
}

static void *field(void *target, const struct option *option)
{
    return (char *)target + option->offset;
}

static bool is_end(const struct option *option) { return option->type == OPTION_END; }

/* --- values ------------------------------------------------------------------ */

static int refuse(const struct walk *walk, const struct option *option,
                  const char *found, const char *allowed)
{
    return mica_misuse(walk->err, "mica %s: %s%s must be %s, not '%s'", walk->argv[0],
                       is_argument(option) ? "" : "--", option->name, allowed, found);
}

static bool within(const struct option *option, double value)
{
    bool limited =
        option->least < 0 || option->least > 0 || option->most < 0 || option->most > 0;
    return !limited || (value >= option->least && value <= option->most);
}

static int read_number(const struct walk *walk, const struct option *option,
                       const char *text, void *into)
{
    char *end, least[40], most[40], allowed[128];
    bool whole = option->type == OPTION_COUNT;
    double value = mica_text_number(text, &end);
    uint64_t count = 0;
    bool good = end != text && *end == '\0' && isfinite(value);
    if (whole && good) {
        good = strspn(text, "0123456789") == strlen(text) && strlen(text) <= 19;
        count = good ? strtoull(text, NULL, 10) : 0;
    }
    if (good && within(option, value)) {
        if (whole)
            *(uint64_t *)into = count;
        else
            *(double *)into = value;
        return 0;
    }
    bool limits = !within(option, -HUGE_VAL) || !within(option, HUGE_VAL);
    snprintf(
        allowed, sizeof allowed, "a %snumber%s%s%s%s", whole ? "whole " : "",
        limits ? " from " : "", limits ? mica_text_digits(least, option->least, 9) : "",
        limits ? " to " : "", limits ? mica_text_digits(most, option->most, 9) : "");
    return refuse(walk, option, text, allowed);
}

static int read_quantity(const struct walk *walk, const struct option *option,
                         const char *text, double *into)
{
    struct error problem = {0};
    char least[40], most[40], allowed[160];
    double value;
    if (mica_units_parse(text, option->dimension, 0, &value, &problem))
        return mica_misuse(walk->err, "mica %s: --%s: %s", walk->argv[0], option->name,
                           problem.text);
    if (within(option, value)) {
        *into = value;
        return 0;
    }
    snprintf(
        allowed, sizeof allowed, "a %s from %s to %s %s",
        mica_units_name(option->dimension), mica_text_digits(least, option->least, 9),
        mica_text_digits(most, option->most, 9), mica_units_unit(option->dimension, 0));
    return refuse(walk, option, text, allowed);
}

static int read_choice(const struct walk *walk, const struct option *option,
                       const char *text, int *into)
{
    struct text allowed = {0};
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(text, option->choices[i]) == 0) {
            *into = i;
            mica_text_free(&allowed);
            return 0;
        }
        mica_text_add(&allowed, "%s%s", i == 0 ? "" : " or ", option->choices[i]);
    }
    refuse(walk, option, text, allowed.data);
    mica_text_free(&allowed);
    return -1;
}

static void append(const struct walk *walk, struct words *words, const char *text)
{
    if (words->items == NULL)
        words->items = mica_need((size_t)walk->argc, sizeof *words->items);
    words->items[words->count++] = text;
}

static int read_value(const struct walk *walk, const struct option *option,
                      const char *text, void *into)
{
    switch (option->type) {
    case OPTION_COUNT:
    case OPTION_FLOAT:
        return read_number(walk, option, text, into);
    case OPTION_QUANTITY:
        return read_quantity(walk, option, text, into);
    case OPTION_CHOICE:
        return read_choice(walk, option, text, into);
    case OPTION_LIST:
    case ARGUMENTS:
    case ARGUMENTS_RAW:
        append(walk, into, text);
        return 0;
    default:
        *(const char **)into = text;
        return 0;
    }
}

/* --- names ------------------------------------------------------------------- */

/* --epochs 3, where there is --set train.epochs=3: its value is passed over. */
static bool is_key(struct walk *walk, const char *word)
{
    size_t length = strcspn(word + 2, "=");
    for (const struct option *o = walk->options; word[1] == '-' && !is_end(o); o++)
        for (const struct param *p = o->keys; p && p->name; p++) {
            if (strlen(p->name) != length || strncmp(p->name, word + 2, length) != 0)
                continue;
            const char *value = word[2 + length] ? word + 3 + length : NULL;
            if (!value && walk->at + 1 < walk->argc &&
                walk->argv[walk->at + 1][0] != '-')
                value = walk->argv[++walk->at];
            mica_misuse(
                walk->err,
                "mica %s: there is no option '--%s'; did you mean --%s %s%s=%s?",
                walk->argv[0], p->name, o->name, o->under, p->name,
                value ? value : "VALUE");
            return true;
        }
    return false;
}

static int unknown(struct walk *walk, const char *word)
{
    if (is_key(walk, word))
        return -1;
    const char *words[WORDS_MAX];
    size_t count = 0, length = strcspn(word + 2, "=");
    for (const struct option *o = walk->options; !is_end(o) && count < WORDS_MAX; o++)
        if (!is_argument(o))
            words[count++] = o->name;
    words[count < WORDS_MAX ? count++ : 0] = threads_option.name;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)length, word + 2);
    const char *nearest = mica_text_nearest(name, words, count);
    if (word[1] != '-' || nearest == NULL)
        return mica_misuse(walk->err,
                           "mica %s: there is no option '%s'; see mica %s -h",
                           walk->argv[0], word, walk->argv[0]);
    return mica_misuse(walk->err,
                       "mica %s: there is no option '--%s'; did you mean '--%s'?",
                       walk->argv[0], name, nearest);
}

/* The option that `word` names; *value is what stands behind it in the same word. */
static const struct option *find(const struct walk *walk, const char *word,
                                 const char **value)
{
    bool is_long = word[1] == '-';
    size_t length = is_long ? strcspn(word + 2, "=") : 0;
    *value = NULL;
    if (is_long)
        *value = word[2 + length] == '=' ? word + 3 + length : NULL;
    else
        *value = word[2] != '\0' ? word + 2 : NULL;
    for (const struct option *o = walk->options; !is_end(o); o++) {
        if (is_argument(o))
            continue;
        if (is_long ? strlen(o->name) == length && !strncmp(o->name, word + 2, length)
                    : o->letter == word[1])
            return o;
    }
    bool common = is_long && strlen(threads_option.name) == length &&
                  strncmp(threads_option.name, word + 2, length) == 0;
    return common ? &threads_option : NULL;
}

static int read_option(struct walk *walk)
{
    const char *word = walk->argv[walk->at], *value;
    const struct option *option = find(walk, word, &value);
    if (option == NULL)
        return unknown(walk, word);
    void *into =
        option == &threads_option ? &walk->threads : field(walk->target, option);
    if (option->type == OPTION_FLAG) {
        if (value != NULL)
            return mica_misuse(walk->err, "mica %s: --%s takes no value", walk->argv[0],
                               option->name);
        *(bool *)into = true;
        return 0;
    }
    if (value == NULL && walk->at + 1 < walk->argc)
        value = walk->argv[++walk->at];
    if (value == NULL)
        return mica_misuse(walk->err, "mica %s: --%s needs a value: --%s %s",
                           walk->argv[0], option->name, option->name, option->value);
    return read_value(walk, option, value, into);
}

/* The place of the next positional argument in the table, or NULL. */
static const struct option *next_argument(const struct walk *walk)
{
    size_t place = 0;
    for (const struct option *o = walk->options; !is_end(o); o++) {
        if (!is_argument(o))
            continue;
        if (place++ == walk->met || o->type >= ARGUMENTS)
            return o;
    }
    return NULL;
}

static int read_argument(struct walk *walk)
{
    const struct option *option = next_argument(walk);
    const char *word = walk->argv[walk->at];
    walk->met++;
    if (option == NULL)
        return mica_misuse(walk->err,
                           "mica %s: '%s' is one argument too many; see mica %s -h",
                           walk->argv[0], word, walk->argv[0]);
    return read_value(walk, option, word, field(walk->target, option));
}

static int check_arguments(const struct walk *walk)
{
    size_t place = 0;
    int result = 0;
    for (const struct option *o = walk->options; !is_end(o); o++) {
        if (!is_argument(o))
            continue;
        if (place++ >= walk->met && (o->type == ARGUMENT || o->type == ARGUMENTS))
            result = mica_misuse(walk->err, "mica %s: %s is missing; see mica %s -h",
                                 walk->argv[0], o->name, walk->argv[0]);
    }
    return result;
}

int mica_options_read(const struct option *options, int argc, char **argv, void *target,
                      struct error *err)
{
    struct walk walk = {options, argc, 1, argv, target, 0, 0, err};
    bool only_arguments = false;
    int result = 0;
    for (; walk.at < argc; walk.at++) {
        const char *word = argv[walk.at];
        const struct option *next = next_argument(&walk);
        /* what follows the first word of ARGUMENTS_RAW is not ours to read */
        bool raw = next != NULL && next->type == ARGUMENTS_RAW;
        bool is_option = !only_arguments && !raw && word[0] == '-' && word[1] != '\0';
        if (is_option && strcmp(word, "--") == 0)
            only_arguments = true;
        else if ((is_option ? read_option(&walk) : read_argument(&walk)) != 0)
            result = -1;
    }
    if (result == 0)
        result = check_arguments(&walk);
    if (result == 0 && walk.threads > 0)
        mica_parallel_use((size_t)walk.threads);
    return result;
}

int mica_options_end(const struct option *options, void *target, int result,
                     const struct error *err)
{
    for (const struct option *o = options; !is_end(o); o++)
        if (o->type == OPTION_LIST || o->type >= ARGUMENTS)
            mica_free(((struct words *)field(target, o))->items);
    if (err->code == 0)
        return result;
    fflush(stdout);
    fprintf(stderr, "%s\n", err->text);
    return err->code;
}

/* --- help -------------------------------------------------------------------- */

static void name_option(char *out, size_t size, const struct option *option)
{
    if (is_argument(option)) {
        snprintf(out, size, "%s%s", option->name,
                 option->type >= ARGUMENTS ? "..." : "");
        return;
    }
    char letter[8] = "";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(out, size, "%s--%s%s%s", letter, option->name,
             option->value != NULL ? " " : "",
             option->value != NULL ? option->value : "");
}

/* Words of the usage line; a line is broken before it grows too long. */
static void print_usage(const char *name, const struct option *options, FILE *out)
{
    char word[160];
    int column = fprintf(out, "usage: mica %s", name);
    int indent = column + 1;
    for (int arguments = 1; arguments >= 0; arguments--) {
        for (const struct option *o = options; !is_end(o); o++) {
            if (is_argument(o) != (arguments == 1))
                continue;
            bool needed = o->type == ARGUMENT || o->type == ARGUMENTS;
            snprintf(word, sizeof word, "%s%s%s%s%s%s%s", needed ? "" : "[",
                     arguments ? "" : "--", o->name, o->value != NULL ? " " : "",
                     o->value != NULL ? o->value : "", needed ? "" : "]",
                     o->type == OPTION_LIST || o->type >= ARGUMENTS ? "..." : "");
            if (column + 1 + (int)strlen(word) > LINE)
                column = fprintf(out, "\n%*s", indent - 1, "") - 1;
            column += fprintf(out, " %s", word);
        }
    }
    fputs("\n", out);
}

static void print_option(const struct option *option, FILE *out)
{
    char name[160];
    name_option(name, sizeof name, option);
    fprintf(out, "  %-*s", HELP_COLUMN - 3, name);
    if (strlen(name) > HELP_COLUMN - 3)
        fprintf(out, "\n  %-*s", HELP_COLUMN - 3, "");
    fprintf(out, " %s", option->help);
    if (option->choices != NULL) {
        fputs(": ", out);
        for (size_t i = 0; option->choices[i] != NULL; i++)
            fprintf(out, "%s%s", i == 0 ? "" : ", ", option->choices[i]);
    }
    fputs("\n", out);
}

void mica_options_help(const char *name, const char *summary,
                       const struct option *options, const char *details,
                       const char *examples, FILE *out)
{
    fprintf(out, "mica %s - %s\n\n", name, summary);
    print_usage(name, options, out);
    fputs("\n", out);
    for (const struct option *o = options; !is_end(o); o++)
        if (is_argument(o))
            print_option(o, out);
    for (const struct option *o = options; !is_end(o); o++)
        if (!is_argument(o))
            print_option(o, out);
    print_option(&threads_option, out);
    if (details != NULL)
        fprintf(out, "\n%s", details);
    if (examples == NULL)
        return;
    fputs("\nexamples:\n", out);
    for (const char *line = examples; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        fprintf(out, "  %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

/* options.h - a table of options and arguments: reading, limits, messages, help */
#ifndef MICA_APPS_OPTIONS_H
#define MICA_APPS_OPTIONS_H

#include "core/error.h"
#include "core/units.h"
#include <stdio.h>

/* What is read, and the field of the struct that takes it. */
enum option_type {
    OPTION_END,
    OPTION_FLAG,     /* bool: true where given */
    OPTION_TEXT,     /* const char *: points into argv */
    OPTION_COUNT,    /* uint64_t: sizes, numbers of, seeds */
    OPTION_FLOAT,    /* double */
    OPTION_QUANTITY, /* double, in the unit of `dimension` (units.h) */
    OPTION_CHOICE,   /* int: the place of the word in `choices` */
    OPTION_LIST,     /* struct words: may be given again and again */
    ARGUMENT,        /* const char *: needed, in the order of the table */
    ARGUMENT_MAYBE,  /* const char *: may be left out */
    ARGUMENTS,       /* struct words: one or more, to the end */
    ARGUMENTS_RAW    /* struct words: all that follows, options included */
};

/* {"size", 's', OPTION_COUNT, offsetof(...), "PIXELS", "help", .least = 1, .most = 9}. What
   is not given keeps the value that the caller's struct has; the help should name it. An
   argument's name is its word in the usage line: {"FILE", 0, ARGUMENT, ...}. Both limits
   zero: none. Ends with {0}. */
struct option {
    const char *name; /* without the dashes */
    char letter;      /* the short form, or 0 */
    enum option_type type;
    size_t offset;
    const char *value; /* what the help calls the value; NULL for flags and arguments */
    const char *help;
    double least, most;
    const char *const *choices; /* ends with NULL */
    enum dimension dimension;
    const struct param *keys; /* what this option sets by "`under`KEY=VALUE": a mistaken
                                 --KEY is told so; may be NULL */
    const char *under;
};

struct words {
    size_t count;
    const char **items; /* point into argv; the list is freed by mica_options_end */
};

/* Fill `target` from argv[1..]. "--name VALUE", "--name=VALUE", "-n VALUE", "-nVALUE"; "--"
   ends the options. --threads N is understood everywhere. Every problem adds a line; -1
   where there was one. */
int mica_options_read(const struct option *options, int argc, char **argv, void *target,
                      struct error *err);
/* Free the lists, print the lines of `err` and turn the result into an exit code: the
   error's where there is one, else `result`. */
int mica_options_end(const struct option *options, void *target, int result,
                     const struct error *err);
/* What -h prints; details and examples may be NULL. */
void mica_options_help(const char *name, const char *summary,
                       const struct option *options, const char *details,
                       const char *examples, FILE *out);

#endif

/* mica.c - the program: a table of sub-commands, found by make */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command.h"
#include "core/conv.h"
#include "core/kernels.h"
#include "core/text.h"
#include "core/version.h"

#define COMMAND(name) extern const struct command mica_command_##name;
#include "commands.inc"
#undef COMMAND

static const struct command *const commands[] = {
#define COMMAND(name) &mica_command_##name,
#include "commands.inc"
#undef COMMAND
    NULL};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_commands(FILE *out)
{
    fputs("mica " MICA_VERSION " - deep learning for microscopy\n\n"
          "usage: mica COMMAND [ARGUMENT]...   (mica COMMAND -h: its options)\n\n",
          out);
    for (const struct command *const *c = commands; *c != NULL; c++)
        fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
}

static const struct command *find(const char *name)
{
    for (const struct command *const *c = commands; *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static int complain(const char *name)
{
    const char *names[COMMANDS] = {NULL};
    size_t count = 0;
    for (const struct command *const *c = commands; *c != NULL; c++)
        names[count++] = (*c)->name;
    const char *nearest = mica_text_nearest(name, names, count);
    fprintf(stderr, "mica: there is no command '%s'", name);
    if (nearest != NULL)
        fprintf(stderr, "; did you mean '%s'?\n", nearest);
    else
        fprintf(stderr, "; mica -h lists them\n");
    return MICA_MISUSE;
}

static bool is_help(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return true;
    return false;
}

/* MICA_CONV=direct|fft|winograd|auto */
static int pin_convolution(struct error *err)
{
    const char *word = getenv("MICA_CONV");
    for (int i = 0; word && mica_conv_words[i]; i++)
        if (strcmp(word, mica_conv_words[i]) == 0) {
            mica_conv_pin((enum conv_algorithm)i);
            return 0;
        }
    return word && *word
               ? mica_misuse(
                     err, "MICA_CONV must be auto, direct, fft or winograd, not '%s'",
                     word)
               : 0;
}

/* What is asked for and not there must not pass unnoticed. */
static int run_command(const struct command *command, int argc, char **argv)
{
    struct error err = {0};
    if (mica_kernels_check(&err) == 0 && pin_convolution(&err) == 0)
        return command->run(argc, argv);
    fprintf(stderr, "%s\n", err.text);
    return err.code;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return MICA_MISUSE;
    }
    if (is_help(argv[1])) {
        print_commands(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("mica " MICA_VERSION);
        return 0;
    }
    const struct command *command = find(argv[1]);
    if (command == NULL)
        return complain(argv[1]);
    if (command->options == NULL || !asks_for_help(argc - 1, argv + 1))
        return run_command(command, argc - 1, argv + 1);
    mica_options_help(command->name, command->summary, command->options,
                      command->details, command->examples, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    int code = run(argc, argv);
    /* a full disk behind "mica net x.json > file" must not look like success */
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == 0) {
        fputs("mica: the output could not be written\n", stderr);
        return MICA_FAILURE;
    }
    return code;
}

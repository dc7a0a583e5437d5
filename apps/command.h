/* command.h - what a sub-command is: its name, its options, its help, what it does */
#ifndef MICA_APPS_COMMAND_H
#define MICA_APPS_COMMAND_H

#include "apps/options.h"

/* A sub-command is one file with one `const struct command mica_command_NAME = {`; make
   finds it. The shape of `run`:

       static int run(int argc, char **argv)
       {
           struct choice choice = {.size = 256};
           struct error err = {0};
           int result = mica_options_read(options, argc, argv, &choice, &err);
           if (result == 0)
               result = show(&choice, &err);
           return mica_options_end(options, &choice, result, &err);
       }
*/
struct command {
    const char *name, *summary;
    const struct option
        *options;         /* ends with {0}; NULL: `run` reads all, -h included */
    const char *details;  /* paragraphs after the options; may be NULL */
    const char *examples; /* one a line: "mica net resunet.json --set width=16\n" */
    int (*run)(int argc, char **argv); /* argv[0] is the name; returns an exit code */
};

#endif

/* info.h - what mica info tells of each kind of file */
#ifndef MICA_APPS_INFO_H
#define MICA_APPS_INFO_H

#include "nets/nets.h"

/* "  name          text": the names stand in a column. */
void mica_info_line(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A JSON value in words: "kind standardise, scope image"; long lists are counted. */
void mica_info_words(struct text *text, const cJSON *item);

/* Each prints what there is to say of a file that is of its kind. -1 and a line where it
   cannot be read. */
int mica_info_image(const char *path, struct error *err);
int mica_info_tensors(const char *path, bool list, struct error *err);
int mica_info_json(const char *path, struct error *err);
int mica_info_table(const char *path, struct error *err);
int mica_info_folder(const char *path, struct error *err);
/* Parameters, input, and what an output sees. */
int mica_info_net(const struct net *net, struct error *err);

#endif

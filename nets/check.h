/* check.h - inside nets/: the form of keys and names */
#ifndef MICA_NETS_CHECK_H
#define MICA_NETS_CHECK_H

#include "nets/parts.h"

/* All return -1 after adding to err, else 0. */
int mica_check_name(const struct net *net, const cJSON *item, const char *word,
                    struct error *err);
/* Keys of `object` are in `allowed` (ends with NULL), or are `type` (may be NULL). */
int mica_check_keys(const struct net *net, const cJSON *object,
                    const char *const *allowed, const char *type, struct error *err);
int mica_check_text(const struct net *net, const cJSON *object, const char *key,
                    struct error *err);
/* A list that is not empty. */
int mica_check_list(const struct net *net, const cJSON *item, const char *what,
                    struct error *err);
bool mica_check_is_among(const char *word, const char *const *words);

/* A list of nodes, and all that is in them. */
int mica_check_list_of_nodes(const struct net *net, const cJSON *list,
                             struct error *err);
/* Whether a layer or a structure (for, seq, net) is called so. */
bool mica_check_is_taken(const char *name);

#endif

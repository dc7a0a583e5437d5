/* expression.h - the arithmetic of "=width * 2**i" in networks */
#ifndef MICA_NETS_EXPRESSION_H
#define MICA_NETS_EXPRESSION_H

#include "core/memory.h"

enum value_kind { VALUE_NUMBER, VALUE_BOOL, VALUE_TEXT, VALUE_LIST };

/* What a name stands for or an expression gives. A bool counts as 0 or 1. Text and lists
   live as long as where they came from. */
struct cJSON;
struct value {
    enum value_kind kind;
    double number;
    const char *text;         /* VALUE_TEXT */
    const struct cJSON *list; /* VALUE_LIST: can be passed on, not reckoned with */
};

/* The names that may be used, as a chain from the newest to the oldest. */
struct binding {
    const char *name;
    struct value value;
    const struct binding *next;
};

/* From loose to tight: c ? a : b, ||, &&, == != < <= > >=, + -, * / // %, - !, **. As in
   Python, // rounds down, % has the sign of its right side, ** binds to the right and
   tighter than a minus before it. 'text' in single quotes may be compared. No calls; at
   most 500 characters and 32 levels. `text` is what follows the "="; `arena` owns quoted
   text. -1 and a line that says where in the expression it is wrong, without a file. */
int mica_expression(const char *text, const struct binding *names, struct arena *arena,
                    struct value *value, struct error *err);

/* The value of a name, or NULL. */
const struct value *mica_binding_find(const struct binding *names, const char *name,
                                      size_t length);
/* Whether it is a whole number that fits a size. */
bool mica_value_is_whole(const struct value *value);
bool mica_value_is_number(const struct value *value);
bool mica_value_is_true(const struct value *value);

#endif

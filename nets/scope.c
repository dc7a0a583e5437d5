/* scope.c - the names that a network gives to its nodes while it is recorded */
#include "nets/scope.h"

#include <string.h>

struct scope *mica_scope_new(struct arena *arena, const char *path,
                             const struct scope *outer, int previous)
{
    struct scope *scope = mica_arena_take(arena, 1, sizeof *scope);
    scope->path = mica_arena_text(arena, path);
    scope->outer = outer;
    scope->previous = previous;
    scope->number = -1;
    return scope;
}

static struct name *push(struct name **list, struct arena *arena, const char *text,
                         int node)
{
    struct name *name = mica_arena_take(arena, 1, sizeof *name);
    name->text = text == NULL ? NULL : mica_arena_text(arena, text);
    name->node = node;
    name->next = *list;
    *list = name;
    return name;
}

void mica_scope_add(struct scope *scope, struct arena *arena, const char *id, int node,
                    struct scope *inside)
{
    push(&scope->names, arena, id, node)->inside = inside;
    if (id != NULL && scope->until != NULL && strcmp(id, scope->until) == 0)
        scope->ended = true;
}

/* An id may have dots itself, so every id that begins `reference` is tried. */
const struct name *mica_scope_find(const struct scope *scope, const char *reference)
{
    for (const struct name *n = scope->names; n != NULL; n = n->next) {
        const char *rest = reference;
        if (n->text != NULL) {
            size_t length = strlen(n->text);
            if (strncmp(reference, n->text, length) != 0)
                continue;
            if (reference[length] == '\0')
                return n;
            if (reference[length] != '.')
                continue;
            rest = reference + length + 1;
        }
        const struct name *found =
            n->inside != NULL ? mica_scope_find(n->inside, rest) : NULL;
        if (found != NULL)
            return found;
    }
    return NULL;
}

static struct name *find_text(struct name *list, const char *text)
{
    while (list != NULL && strcmp(list->text, text) != 0)
        list = list->next;
    return list;
}

const struct name *mica_scope_port(const struct scope *scope, const char *port)
{
    while (scope->outer != NULL)
        scope = scope->outer;
    return find_text(scope->ports, port);
}

void mica_scope_add_port(struct scope *scope, struct arena *arena, const char *port,
                         int node)
{
    push(&scope->ports, arena, port, node);
}

int mica_scope_count(struct scope *scope, struct arena *arena, const char *type)
{
    struct name *name = find_text(scope->types, type);
    if (name == NULL)
        name = push(&scope->types, arena, type, 0);
    return name->node++;
}

static size_t list(const struct scope *scope, const char **ids, size_t count,
                   size_t most)
{
    for (const struct name *n = scope->names; n != NULL && count < most; n = n->next) {
        if (n->text != NULL)
            ids[count++] = n->text;
        else
            count = list(n->inside, ids, count, most);
    }
    return count;
}

size_t mica_scope_list(const struct scope *scope, const char **ids, size_t most)
{
    size_t count = 0;
    for (; scope != NULL; scope = scope->outer)
        count = list(scope, ids, count, most);
    return count;
}

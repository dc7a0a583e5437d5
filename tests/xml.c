/* xml.c - a walk over elements, their attributes and the text between */
#include "tests/xml.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { DEPTH = 64, ATTRIBUTES = 64 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_:.";
static const char space[] = " \t\r\n";

struct name {
    const char *text;
    size_t length;
};

struct walk {
    const char *at, *problem;
    struct name open[DEPTH];
    size_t depth, roots;
};

static struct name take_name(struct walk *w)
{
    struct name name = {w->at, strspn(w->at, letters)};
    if (name.length == 0)
        w->problem = "a name is missing";
    w->at += name.length;
    return name;
}

static bool same(struct name a, struct name b)
{
    return a.length == b.length && strncmp(a.text, b.text, a.length) == 0;
}

/* One letter of a text, or an entity. */
static void take_letter(struct walk *w)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    size_t length = *w->at != '&';
    if ((unsigned char)*w->at < ' ' && strchr(space, *w->at) == NULL)
        w->problem = "a control character";
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (strncmp(w->at, entities[i], strlen(entities[i])) == 0)
            length = strlen(entities[i]);
    if (length == 0)
        w->problem = "a bare &";
    w->at += length;
}

/* name="value" */
static struct name take_attribute(struct walk *w)
{
    struct name name = take_name(w);
    if (strncmp(w->at, "=\"", 2) != 0) {
        w->problem = "an attribute without =\"";
        return name;
    }
    w->at += 2;
    while (!w->problem && *w->at != '"') {
        if (*w->at == '\0' || *w->at == '<')
            w->problem = "an attribute does not end";
        else
            take_letter(w);
    }
    w->at += *w->at == '"';
    return name;
}

static void take_attributes(struct walk *w)
{
    struct name names[ATTRIBUTES];
    for (size_t n = 0; !w->problem; n++) {
        size_t gap = strspn(w->at, space);
        w->at += gap;
        if (*w->at == '>' || *w->at == '/')
            return;
        if (gap == 0 || n == ATTRIBUTES) {
            w->problem = "no space before an attribute, or too many";
            return;
        }
        names[n] = take_attribute(w);
        for (size_t i = 0; i < n; i++)
            if (same(names[i], names[n]))
                w->problem = "an attribute is there twice";
    }
}

/* Behind "<". */
static void take_tag(struct walk *w)
{
    if (*w->at == '/') {
        w->at++;
        struct name name = take_name(w);
        if (w->depth == 0 || !same(name, w->open[w->depth - 1]) || *w->at != '>')
            w->problem = "an end of what is not open";
        w->depth -= w->depth > 0;
    } else {
        struct name name = take_name(w);
        take_attributes(w);
        w->roots += w->depth == 0;
        bool empty = *w->at == '/';
        w->at += empty;
        if (w->problem || *w->at != '>' || w->depth == DEPTH)
            w->problem = w->problem ? w->problem : "an element does not end";
        else if (!empty)
            w->open[w->depth++] = name;
    }
    w->at += *w->at == '>';
}

const char *mica_xml_problem(const char *text)
{
    struct walk w = {.at = text};
    while (!w.problem && *w.at != '\0') {
        if (*w.at == '<') {
            w.at++;
            take_tag(&w);
        } else if (w.depth == 0 && strchr(space, *w.at) == NULL) {
            w.problem = "text outside of the root";
        } else {
            take_letter(&w);
        }
    }
    if (!w.problem && (w.depth > 0 || w.roots != 1))
        w.problem = "not one root that is closed";
    return w.problem;
}

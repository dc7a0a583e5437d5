/* drawing_dot.c - a network in the language of Graphviz */
#include "nets/drawing.h"

static const char *const colours[] = {[BOX_INPUT] = "#dddddd",
                                      [BOX_WEIGHTS] = "#cfe3f5",
                                      [BOX_SIZE] = "#fde2b9",
                                      [BOX_JOIN] = "#cdebd8",
                                      [BOX_OTHER] = "#f2f2f2"};

static void put_box(const struct box *box, size_t i, struct text *text)
{
    char count[32];
    mica_text_add(text, "    n%zu [label=\"%s\\n", i, box->title);
    if (box->layers.length > 0)
        mica_text_add(text, "%s\\n", box->layers.data);
    if (box->out.h == 1 && box->out.w == 1)
        mica_text_add(text, "%zu", box->out.c);
    else
        mica_text_add(text, "%zu x %zu x %zu", box->out.h, box->out.w, box->out.c);
    if (box->parameters > 0)
        mica_text_add(text, ", %s parameters", mica_text_count(count, box->parameters));
    mica_text_add(text, "\", fillcolor=\"%s\"%s];\n", colours[box->kind],
                  box->output ? ", penwidth=2.5" : "");
}

/* A name may have any letters; a quote would end the text. */
static void put_name(const char *name, struct text *text)
{
    for (; *name != '\0'; name++)
        mica_text_add(text, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
}

void mica_drawing_dot(const struct drawing *drawing, struct text *text)
{
    char count[32];
    mica_text_add(text, "digraph \"");
    put_name(drawing->name, text);
    mica_text_add(text, "\" {\n    label=\"");
    put_name(drawing->name, text);
    mica_text_add(text,
                  ": %s parameters\"; labelloc=t; fontname=\"sans-serif\";\n"
                  "    node [shape=box, style=\"rounded,filled\", "
                  "fontname=\"sans-serif\", fontsize=11];\n",
                  mica_text_count(count, drawing->parameters));
    for (size_t i = 0; i < drawing->count; i++)
        put_box(&drawing->boxes[i], i, text);
    for (size_t i = 0; i < drawing->count; i++)
        for (size_t k = 0; k < drawing->boxes[i].input_count; k++)
            mica_text_add(text, "    n%zu -> n%zu;\n", drawing->boxes[i].inputs[k], i);
    mica_text_add(text, "}\n");
}

/* mistakes.c - images that were taken for another class: a sheet of the surest, and a table */
#include "apps/mistakes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "datasets/picture.h"
#include "datasets/table.h"

enum { SIDE = 128 };

struct mistake {
    double probability; /* of what it was taken for */
    int truth, taken;
    uint64_t order; /* in which they came: of equals the first */
    char name[sizeof((struct sample *)0)->name];
    struct canvas picture;
};

struct mistakes {
    size_t most, count;
    uint64_t all;
    char *const *names;
    struct mistake *list;
};

struct mistakes *mica_mistakes_new(size_t most, char *const *names)
{
    struct mistakes *m = mica_need(1, sizeof *m);
    *m = (struct mistakes){.most = most, .names = names};
    m->list = mica_need(most + 1, sizeof *m->list);
    return m;
}

void mica_mistakes_free(struct mistakes *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        mica_canvas_free(&m->list[i].picture);
    mica_free(m->list);
    mica_free(m);
}

static int by_probability(const void *a, const void *b)
{
    const struct mistake *p = a, *q = b;
    if (p->probability < q->probability || p->probability > q->probability)
        return p->probability > q->probability ? -1 : 1;
    return p->order < q->order ? -1 : p->order > q->order;
}

static int draw(struct canvas *picture, const struct sample *s, struct error *err)
{
    struct image image = {.frames = 1,
                          .height = s->height,
                          .width = s->width,
                          .channels = s->channels,
                          .data = s->image};
    struct display display = {.scale = mica_picture_fit(&image, SIDE, SIDE)};
    return mica_picture(picture, &image, &display, err);
}

/* The list stays sorted: there are few that are kept, and few mistakes. */
int mica_mistakes_add(struct mistakes *m, const struct sample *s,
                      const struct prediction *p, struct error *err)
{
    struct mistake one = {.probability = (double)p->scores[0],
                          .truth = s->labels[0],
                          .taken = p->classes[0],
                          .order = m->all};
    if (one.truth == one.taken || one.truth == MICA_IGNORED)
        return 0;
    m->all++;
    if (m->count == m->most &&
        (m->most == 0 || by_probability(&m->list[m->most - 1], &one) < 0))
        return 0;
    memcpy(one.name, s->name, sizeof one.name);
    if (draw(&one.picture, s, err))
        return -1;
    if (m->count == m->most)
        mica_canvas_free(&m->list[--m->count].picture);
    m->list[m->count++] = one;
    qsort(m->list, m->count, sizeof *m->list, by_probability);
    return 0;
}

static int draw_sheet(const struct mistakes *m, const char *path, struct error *err)
{
    struct panel *panels = mica_need(m->count, sizeof *panels);
    struct text *titles = mica_need(m->count, sizeof *titles);
    struct canvas sheet = {0};
    char heading[96], digits[40];
    for (size_t i = 0; i < m->count; i++) {
        const struct mistake *one = &m->list[i];
        mica_text_add(&titles[i], "%s -> %s, %s", m->names[one->truth],
                      m->names[one->taken],
                      mica_text_digits(digits, one->probability, 3));
        panels[i] = (struct panel){titles[i].data, &one->picture};
    }
    snprintf(heading, sizeof heading, "truth -> prediction: %zu of %llu mistakes",
             m->count, (unsigned long long)m->all);
    int status = mica_sheet(&sheet, panels, m->count, mica_sheet_columns(m->count),
                            heading, NULL, err);
    if (!status)
        status = mica_canvas_write(&sheet, path, 0, err);
    mica_canvas_free(&sheet);
    for (size_t i = 0; i < m->count; i++)
        mica_text_free(&titles[i]);
    mica_free(titles);
    mica_free(panels);
    return status;
}

static int write_table(const struct mistakes *m, const char *path, struct error *err)
{
    static const char *const names[] = {"sample", "truth", "prediction", "probability",
                                        NULL};
    struct table_out table;
    if (mica_table_begin(&table, path, names, err))
        return -1;
    for (size_t i = 0; i < m->count; i++) {
        mica_table_put_text(&table, m->list[i].name);
        mica_table_put_text(&table, m->names[m->list[i].truth]);
        mica_table_put_text(&table, m->names[m->list[i].taken]);
        mica_table_put_number(&table, m->list[i].probability, 6);
    }
    return mica_table_commit(&table, err);
}

int mica_mistakes_write(struct mistakes *m, const char *folder, struct error *err)
{
    struct text sheet = {0}, table = {0};
    mica_text_add(&sheet, "%s/mistakes.png", folder);
    mica_text_add(&table, "%s/mistakes.csv", folder);
    int status = 0;
    remove(sheet.data); /* of an evaluation before */
    remove(table.data);
    if (m->count)
        status = draw_sheet(m, sheet.data, err) || write_table(m, table.data, err);
    mica_text_free(&sheet);
    mica_text_free(&table);
    return status ? -1 : (int)m->count;
}

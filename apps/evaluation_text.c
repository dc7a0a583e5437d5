/* evaluation_text.c - an evaluation as JSON, as a table, and for people */
#include <math.h>
#include <string.h>

#include "apps/evaluation.h"

enum { CLEAN_BINS = 3 }; /* up to 0.5 nm of carbon */

static cJSON *counts_json(const struct match_counts *c)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "right", (double)c->right);
    cJSON_AddNumberToObject(json, "missed", (double)c->missed);
    cJSON_AddNumberToObject(json, "wrong", (double)c->wrong);
    cJSON_AddNumberToObject(json, "precision", mica_match_precision(c));
    cJSON_AddNumberToObject(json, "recall", mica_match_recall(c));
    cJSON_AddNumberToObject(json, "f1", mica_match_f1(c));
    return json;
}

static cJSON *cell_json(const struct evaluation *e, const struct cell *cell)
{
    cJSON *json = counts_json(&cell->model);
    cJSON_AddNumberToObject(json, "rms_A", mica_match_rms(&cell->model));
    if (e->limited) {
        cJSON_AddItemToObject(json, "counting_limit", counts_json(&cell->likely));
        cJSON_AddItemToObject(json, "counting_limit_with_prior",
                              counts_json(&cell->probable));
    }
    return json;
}

/* What a guess that looks at nothing would reach. */
static double baseline(const struct evaluation *e)
{
    return e->whole ? mica_confusion_commonest(&e->confusion)
                    : mica_confusion_background(&e->confusion);
}

/* Of pixels, or of samples as a whole. */
static cJSON *pixels_json(const struct evaluation *e, char *const *names)
{
    cJSON *json = cJSON_CreateObject(), *classes, *rows;
    cJSON_AddNumberToObject(json, "accuracy", mica_confusion_accuracy(&e->confusion));
    cJSON_AddNumberToObject(
        json, e->whole ? "commonest_accuracy" : "background_accuracy", baseline(e));
    cJSON_AddNumberToObject(json, "mean_f1",
                            mica_confusion_mean_f1(&e->confusion, e->whole ? 0 : 1));
    classes = cJSON_AddObjectToObject(json, "classes");
    rows = cJSON_AddArrayToObject(json, "confusion");
    for (size_t i = 0; i < e->classes; i++) {
        struct measures m = mica_confusion_class(&e->confusion, i);
        cJSON *item = cJSON_AddObjectToObject(classes, names[i]);
        cJSON_AddNumberToObject(item, "precision", m.precision);
        cJSON_AddNumberToObject(item, "recall", m.recall);
        cJSON_AddNumberToObject(item, "f1", m.f1);
        cJSON_AddNumberToObject(item, "dice", m.f1);
        cJSON_AddNumberToObject(item, "iou", m.iou);
        cJSON_AddNumberToObject(item, e->whole ? "samples" : "pixels", (double)m.truth);
        cJSON *row = cJSON_CreateArray();
        for (size_t k = 0; k < e->classes; k++)
            cJSON_AddItemToArray(
                row,
                cJSON_CreateNumber((double)e->confusion.counts[i * e->classes + k]));
        cJSON_AddItemToArray(rows, row);
    }
    return json;
}

static cJSON *objects_json(const struct evaluation *e, char *const *names)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "radius_A", e->radius);
    cJSON_AddNumberToObject(json, "smallest_A2", e->smallest);
    for (size_t c = 0; c < e->classes; c++) {
        cJSON *item = cJSON_AddObjectToObject(json, c ? names[c] : "all");
        struct cell all = mica_evaluation_sum(e, -1, 0, CARBON_BINS, c);
        struct cell clean = mica_evaluation_sum(e, -1, 0, CLEAN_BINS, c);
        cJSON_AddItemToObject(item, "all_sites", cell_json(e, &all));
        cJSON_AddItemToObject(item, "carbon_up_to_0.5_nm", cell_json(e, &clean));
    }
    return json;
}

/* The background is no object, nor is what keeps objects apart. */
static bool has_objects(size_t label, const char *name)
{
    return label > 0 && strcmp(name, "border") != 0;
}

static cJSON *areas_json(const struct evaluation *e, char *const *names)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "iou_above", 0.5);
    for (size_t c = 0; c < e->classes; c++) {
        if (!has_objects(c, names[c]))
            continue;
        cJSON *item = counts_json(&e->overlaps[c].match);
        cJSON_AddNumberToObject(item, "mean_iou", mica_overlap_iou(&e->overlaps[c]));
        cJSON_AddNumberToObject(item, "panoptic_quality",
                                mica_overlap_quality(&e->overlaps[c]));
        cJSON_AddItemToObject(json, names[c], item);
    }
    return json;
}

cJSON *mica_evaluation_json(const struct evaluation *e, char *const *names)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "images", (double)e->images);
    cJSON_AddItemToObject(json, e->whole ? "samples" : "pixels", pixels_json(e, names));
    if (e->pixel_count)
        cJSON_AddItemToObject(json, "objects", objects_json(e, names));
    if (e->by_area)
        cJSON_AddItemToObject(json, "objects_by_area", areas_json(e, names));
    return json;
}

static void add_number(struct text *table, double number)
{
    char digits[40];
    mica_text_add(table, ",%s", mica_text_digits(digits, number, 6));
}

static void add_row(const struct evaluation *e, size_t pixel, size_t bin, size_t label,
                    const char *name, struct text *table)
{
    struct cell cell = mica_evaluation_sum(e, (int)pixel, bin, bin + 1, label);
    char digits[40];
    mica_text_add(table, "%s", mica_text_digits(digits, e->pixels[pixel], 6));
    add_number(table, mica_carbon_edges[bin]);
    if (isfinite(mica_carbon_edges[bin + 1]))
        add_number(table, mica_carbon_edges[bin + 1]);
    else
        mica_text_add(table, ",");
    mica_text_add(
        table, ",%s,%llu,%llu,%llu", name, (unsigned long long)cell.model.right,
        (unsigned long long)cell.model.missed, (unsigned long long)cell.model.wrong);
    add_number(table, mica_match_precision(&cell.model));
    add_number(table, mica_match_recall(&cell.model));
    add_number(table, mica_match_f1(&cell.model));
    add_number(table, mica_match_rms(&cell.model));
    if (e->limited)
        add_number(table, mica_match_f1(&cell.likely));
    else
        mica_text_add(table, ",");
    mica_text_add(table, "\n");
}

static size_t rank_of(const struct evaluation *e, size_t i)
{
    size_t rank = 0;
    for (size_t k = 0; k < e->pixel_count; k++)
        rank += e->pixels[k] < e->pixels[i];
    return rank;
}

static size_t ranked(const struct evaluation *e, size_t rank)
{
    for (size_t i = 0; i < e->pixel_count; i++)
        if (rank_of(e, i) == rank)
            return i;
    return 0;
}

void mica_evaluation_table(const struct evaluation *e, char *const *names,
                           struct text *table)
{
    mica_text_add(table, "pixel_A,carbon_from_nm,carbon_to_nm,label,right,missed,wrong,"
                         "precision,recall,f1,rms_A,counting_limit_f1\n");
    for (size_t rank = 0; rank < e->pixel_count; rank++)
        for (size_t b = 0; b < CARBON_BINS; b++)
            for (size_t c = 0; c < e->classes; c++)
                add_row(e, ranked(e, rank), b, c, c ? names[c] : "all", table);
}

static void tell_cell(const struct evaluation *e, const char *name,
                      const struct cell *cell, struct text *text)
{
    mica_text_add(text, "  %-30s %9.3f %9.3f %9.3f", name,
                  mica_match_precision(&cell->model), mica_match_recall(&cell->model),
                  mica_match_f1(&cell->model));
    if (e->limited)
        mica_text_add(text, " %9.3f %9.3f", mica_match_f1(&cell->likely),
                      mica_match_f1(&cell->probable));
    mica_text_add(text, " %9.3f %8llu\n", mica_match_rms(&cell->model),
                  (unsigned long long)(cell->model.right + cell->model.missed));
}

static void tell_objects(const struct evaluation *e, char *const *names,
                         struct text *text)
{
    mica_text_add(
        text,
        "objects within %.3g A of the truth, one to one, right class; regions "
        "below %.3g A^2 not counted; centres within %.3g A of the border "
        "ignored\n  %-30s %9s %9s %9s",
        e->radius, e->smallest, e->radius, "", "precision", "recall", "F1");
    if (e->limited)
        mica_text_add(text, " %9s %9s", "limit F1", "and prior");
    mica_text_add(text, " %9s %8s\n", "rms (A)", "objects");
    for (size_t c = 0; c < e->classes; c++)
        for (size_t clean = 0; clean < (e->limited ? 2 : 1); clean++) {
            struct text name = {0};
            struct cell cell =
                mica_evaluation_sum(e, -1, 0, clean ? CLEAN_BINS : CARBON_BINS, c);
            mica_text_add(&name, "%s%s", c ? names[c] : "all classes",
                          clean ? ", carbon <= 0.5 nm" : "");
            tell_cell(e, name.data, &cell, text);
            mica_text_free(&name);
        }
}

static void tell_areas(const struct evaluation *e, char *const *names,
                       struct text *text)
{
    mica_text_add(text,
                  "objects by area: connected regions of a class that share more than "
                  "half of their union with a true one\n"
                  "  %-30s %9s %9s %9s %9s %9s %8s\n",
                  "", "precision", "recall", "F1", "mean IoU", "PQ", "objects");
    for (size_t c = 0; c < e->classes; c++) {
        const struct overlap_counts *o = &e->overlaps[c];
        if (has_objects(c, names[c]))
            mica_text_add(text, "  %-30s %9.3f %9.3f %9.3f %9.3f %9.3f %8llu\n",
                          names[c], mica_match_precision(&o->match),
                          mica_match_recall(&o->match), mica_match_f1(&o->match),
                          mica_overlap_iou(o), mica_overlap_quality(o),
                          (unsigned long long)(o->match.right + o->match.missed));
    }
}

/* F1 by pixel size (rows) and contamination (columns), all classes together. */
static void tell_grid(const struct evaluation *e, struct text *text)
{
    mica_text_add(text,
                  "F1 by pixel size and carbon (in brackets: the counting limit)\n"
                  "  %10s",
                  "");
    for (size_t b = 0; b < CARBON_BINS; b++) {
        struct text head = {0};
        if (isfinite(mica_carbon_edges[b + 1]))
            mica_text_add(&head, "%g-%g nm", mica_carbon_edges[b],
                          mica_carbon_edges[b + 1]);
        else
            mica_text_add(&head, "> %g nm", mica_carbon_edges[b]);
        mica_text_add(text, " %15s", head.data);
        mica_text_free(&head);
    }
    mica_text_add(text, "\n");
    for (size_t rank = 0; rank < e->pixel_count; rank++) {
        size_t p = ranked(e, rank);
        mica_text_add(text, "  %8.3f A", e->pixels[p]);
        for (size_t b = 0; b < CARBON_BINS; b++) {
            struct cell cell = mica_evaluation_sum(e, (int)p, b, b + 1, 0);
            if (cell.model.right + cell.model.missed + cell.model.wrong > 0)
                mica_text_add(text, "   %.3f (%.3f)", mica_match_f1(&cell.model),
                              mica_match_f1(&cell.likely));
            else
                mica_text_add(text, " %15s", "-");
        }
        mica_text_add(text, "\n");
    }
}

/* Rows are the truth; a dozen classes fit a screen. */
static void tell_confusion(const struct evaluation *e, char *const *names,
                           struct text *text)
{
    enum { MOST = 12 };
    if (e->classes > MOST)
        return;
    mica_text_add(text, "truth (rows) as predicted (columns, in the same order)\n");
    for (size_t i = 0; i < e->classes; i++) {
        mica_text_add(text, "  %-30s", names[i]);
        for (size_t k = 0; k < e->classes; k++)
            mica_text_add(text, " %6llu",
                          (unsigned long long)e->confusion.counts[i * e->classes + k]);
        mica_text_add(text, "\n");
    }
}

void mica_evaluation_tell(const struct evaluation *e, char *const *names,
                          struct text *text)
{
    mica_text_add(text, "%zu %s %.4f (all %s: %.4f)\n", e->images,
                  e->whole ? "samples, accuracy" : "images, pixel accuracy",
                  mica_confusion_accuracy(&e->confusion),
                  e->whole ? "of the commonest class" : "background", baseline(e));
    mica_text_add(text, "  %-30s %9s %9s %9s %9s\n", e->whole ? "samples" : "pixels",
                  "precision", "recall", "F1, Dice", "IoU");
    for (size_t i = 0; i < e->classes; i++) {
        struct measures m = mica_confusion_class(&e->confusion, i);
        mica_text_add(text, "  %-30s %9.3f %9.3f %9.3f %9.3f\n", names[i], m.precision,
                      m.recall, m.f1, m.iou);
    }
    if (e->whole)
        tell_confusion(e, names, text);
    if (e->by_area)
        tell_areas(e, names, text);
    if (!e->pixel_count)
        return;
    tell_objects(e, names, text);
    if (e->limited)
        tell_grid(e, text);
}

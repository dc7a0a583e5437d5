/* class_weights.c - how common each class is in training, and weights that make up for it */
#include "apps/class_weights.h"

#include <stdio.h>
#include <string.h>

static int count_classes(struct training *t, struct error *err)
{
    const struct dataset *data = t->data;
    t->class_counts = mica_need(data->classes, sizeof *t->class_counts);
    for (uint64_t i = 0; i < mica_dataset_probes(data); i++) {
        struct sample s = {0};
        if (mica_dataset_get(data, mica_dataset_probe(data, i), &s, err)) {
            mica_sample_free(&s);
            return -1;
        }
        size_t labels = data->whole ? 1 : s.height * s.width;
        for (size_t k = 0; k < labels; k++)
            if (s.labels[k] < data->classes)
                t->class_counts[s.labels[k]]++;
        mica_sample_free(&s);
    }
    return 0;
}

static double total(const struct training *t)
{
    double all = 0;
    for (size_t i = 0; i < t->data->classes; i++)
        all += (double)t->class_counts[i];
    return all;
}

static struct numbers *place_of(const struct aim *aim)
{
    const struct layer *loss = aim->loss.what;
    for (const struct param *p = loss->params; p->name; p++)
        if (strcmp(p->name, "class_weights") == 0)
            return (struct numbers *)((uintptr_t)aim->loss.params + p->offset);
    return NULL;
}

static double weight_of(const struct training *t, size_t i)
{
    uint64_t count = t->class_counts[i];
    return count ? total(t) / ((double)t->data->classes * (double)count) : 1;
}

int mica_class_weights_find(struct training *t, struct error *err)
{
    const struct recipe *r = t->recipe;
    size_t classes = t->data->classes;
    struct numbers weights = {.count = classes};
    if (count_classes(t, err))
        return -1;
    weights.values = mica_arena_take(r->arena, classes, sizeof(double));
    for (size_t i = 0; i < classes; i++)
        weights.values[i] = weight_of(t, i);
    for (size_t i = 0; i < r->aim_count; i++)
        if (r->aims[i].weigh)
            *place_of(&r->aims[i]) = weights;
    return 0;
}

void mica_class_weights_tell(const struct training *t)
{
    printf("class weights:");
    for (size_t i = 0; i < t->data->classes; i++)
        printf("%s %s %.4g (%.3g %%)", i ? "," : "", t->data->names[i], weight_of(t, i),
               100 * (double)t->class_counts[i] / total(t));
    printf("\n");
}

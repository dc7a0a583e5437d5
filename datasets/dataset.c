/* dataset.c - opening a dataset by the key of its source, and what all have in common */
#include "datasets/dataset.h"

#include <string.h>

#include "core/random.h"
#include "core/text.h"
#include "datasets/truth.h"

#define SOURCE(name) extern const struct source mica_source_##name;
#include "sources.inc"
#undef SOURCE

static const struct source *const members[] = {
#define SOURCE(name) &mica_source_##name,
#include "sources.inc"
    NULL};

const struct source *mica_source(size_t i)
{
    return i < sizeof members / sizeof *members ? members[i] : NULL;
}

void mica_sample_free(struct sample *sample)
{
    mica_free(sample->image);
    mica_free(sample->labels);
    mica_free(sample->carbon);
    mica_free(sample->objects);
    memset(sample, 0, sizeof *sample);
}

double mica_sample_reach(const struct sample *sample, int axis)
{
    double sigma = sample->sigma;
    return sigma > 0 ? MICA_REACH * sigma / (sample->sigma_px ? 1 : sample->pixel[axis])
                     : 0;
}

bool mica_sample_holds(const struct sample *sample, double y, double x,
                       const double beyond[2])
{
    return y >= -0.5 - beyond[0] && x >= -0.5 - beyond[1] &&
           y < (double)sample->height - 0.5 + beyond[0] &&
           x < (double)sample->width - 0.5 + beyond[1];
}

bool mica_sample_inside(const struct sample *sample, const struct object *object)
{
    static const double nothing[2] = {0, 0};
    return mica_sample_holds(sample, object->y, object->x, nothing);
}

int mica_sample_size(struct sample *sample, size_t height, size_t width,
                     size_t channels, struct error *err)
{
    sample->height = height;
    sample->width = width;
    sample->channels = channels;
    sample->image = mica_allocate(height * width, channels * sizeof(float));
    sample->labels = mica_allocate(height * width, 1);
    if (sample->image && sample->labels)
        return 0;
    mica_sample_free(sample);
    return mica_fail(err, "no memory for a sample of %zu x %zu pixels", height, width);
}

static const struct source *source_of(const cJSON *item, const struct reader *reader,
                                      struct error *err)
{
    struct text known = {0};
    const struct source *found = NULL;
    for (size_t i = 0; members[i] && !found; i++) {
        if (cJSON_HasObjectItem(item, members[i]->params[0].name))
            found = members[i];
        mica_text_add(&known, "%s'%s'", i ? ", " : "", members[i]->params[0].name);
    }
    if (!found)
        mica_json_fail(reader->json, item, err, "a dataset needs one of the keys %s",
                       known.data ? known.data : "(none)");
    mica_text_free(&known);
    return found;
}

static size_t count_params(const struct param *table)
{
    size_t count = 0;
    while (table[count].name)
        count++;
    return count;
}

const struct param *mica_source_table(const struct source *source,
                                      const struct truth *truth, struct arena *arena)
{
    if (!truth)
        return source->params;
    size_t first = count_params(source->params), second = count_params(truth->params);
    struct param *table = mica_arena_take(arena, first + second + 1, sizeof *table);
    memcpy(table, source->params, first * sizeof *table);
    memcpy(table + first, truth->params, second * sizeof *table);
    for (size_t i = first; i < first + second; i++)
        table[i].offset += source->params_size;
    return table;
}

struct dataset *mica_dataset_open(const cJSON *item, enum part part, size_t crop,
                                  const struct reader *reader, struct error *err)
{
    return mica_dataset_open_with(item, part, crop, NULL, reader, err);
}

struct dataset *mica_dataset_open_with(const cJSON *item, enum part part, size_t crop,
                                       const char *const *others,
                                       const struct reader *reader, struct error *err)
{
    const struct source *source = source_of(item, reader, err);
    if (!source)
        return NULL;
    const struct truth *truth =
        source->labelled ? mica_truth_of(item, reader, err) : NULL;
    if (source->labelled && !truth)
        return NULL;
    const struct param *table = mica_source_table(source, truth, reader->arena);
    size_t size = source->params_size + (truth ? truth->params_size : 0);
    void *params = mica_arena_take(reader->arena, 1, size);
    if (mica_param_read(table, params, NULL, item, others, reader, err))
        return NULL;
    struct dataset *dataset = mica_need(1, sizeof *dataset);
    dataset->source = source;
    dataset->truth = truth;
    dataset->whole = truth && truth->whole;
    dataset->part = part;
    dataset->training = part == PART_TRAINING;
    dataset->crop = crop;
    if (source->open(dataset, params, reader, item, err)) {
        mica_dataset_free(dataset);
        return NULL;
    }
    return dataset;
}

void mica_dataset_free(struct dataset *dataset)
{
    if (!dataset)
        return;
    dataset->source->close(dataset);
    for (size_t i = 0; i < dataset->classes; i++)
        mica_free(dataset->names[i]);
    mica_free(dataset->names);
    mica_free(dataset);
}

void mica_dataset_classes(struct dataset *dataset, const char *const *names,
                          size_t count)
{
    dataset->names = mica_need(count, sizeof *dataset->names);
    dataset->classes = count;
    for (size_t i = 0; i < count; i++) {
        dataset->names[i] = mica_need(strlen(names[i]) + 1, 1);
        memcpy(dataset->names[i], names[i], strlen(names[i]));
    }
}

uint64_t mica_dataset_number(const struct dataset *dataset, uint64_t seed,
                             uint64_t number)
{
    if (!dataset->count || !dataset->training)
        return number;
    uint64_t epoch = number / dataset->count;
    size_t place = mica_random_permuted(seed, epoch, (size_t)(number % dataset->count),
                                        (size_t)dataset->count);
    return epoch * dataset->count + place;
}

int mica_dataset_check_sizes(const struct dataset *dataset, struct error *err)
{
    const struct source *source = dataset->source;
    return source->check_sizes ? source->check_sizes(dataset, err) : 0;
}

enum { PROBES = 2000, PROBES_ENDLESS = 64 };

static uint64_t known_count(const struct dataset *dataset)
{
    return dataset->count ? dataset->count : PROBES_ENDLESS;
}

uint64_t mica_dataset_probes(const struct dataset *dataset)
{
    const uint64_t all = known_count(dataset);
    return all < PROBES ? all : PROBES;
}

uint64_t mica_dataset_probe(const struct dataset *dataset, uint64_t i)
{
    return i * known_count(dataset) / mica_dataset_probes(dataset);
}

int mica_dataset_get(const struct dataset *dataset, uint64_t number,
                     struct sample *sample, struct error *err)
{
    return dataset->source->get(dataset, number, sample, err);
}

/* balance.c - samples of every class alike often, however many of each there are */
#include "datasets/balance.h"

#include "core/memory.h"
#include "core/random.h"

enum { CLASSES = 256 };

struct balance {
    uint64_t count;                     /* of the dataset */
    size_t classes;                     /* that have samples */
    size_t *samples;                    /* class after class */
    size_t first[CLASSES], of[CLASSES]; /* where each begins, and how many it has */
};

struct balance *mica_balance_new(const struct dataset *dataset, struct error *err)
{
    const struct source *source = dataset->source;
    size_t seen[CLASSES] = {0}, first = 0, place[CLASSES];
    if (!dataset->whole || !source->labelled || !dataset->count) {
        mica_misuse(err, "train.balance: needs images or rows of one class each");
        return NULL;
    }
    struct balance *b = mica_need(1, sizeof *b);
    b->count = dataset->count;
    b->samples = mica_need((size_t)b->count, sizeof *b->samples);
    for (uint64_t i = 0; i < b->count; i++)
        seen[source->label_of(dataset, i)]++;
    for (size_t k = 0; k < CLASSES; k++) {
        place[k] = first;
        if (seen[k]) {
            b->first[b->classes] = first;
            b->of[b->classes++] = seen[k];
        }
        first += seen[k];
    }
    for (uint64_t i = 0; i < b->count; i++)
        b->samples[place[source->label_of(dataset, i)]++] = (size_t)i;
    return b;
}

void mica_balance_free(struct balance *balance)
{
    if (balance)
        mica_free(balance->samples);
    mica_free(balance);
}

uint64_t mica_balance_number(const struct balance *b, uint64_t seed, uint64_t n)
{
    uint64_t round = n / b->classes;
    size_t k =
        mica_random_permuted(seed + 101, round, (size_t)(n % b->classes), b->classes);
    size_t place = mica_random_permuted(seed + 211 + k, round / b->of[k],
                                        (size_t)(round % b->of[k]), b->of[k]);
    return round * b->count + b->samples[b->first[k] + place];
}

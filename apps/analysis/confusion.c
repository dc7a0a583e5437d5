/* confusion.c - truth against prediction, pixel by pixel */
#include "apps/analysis/confusion.h"

#include <string.h>

#include "core/memory.h"

void mica_confusion_open(struct confusion *confusion, size_t classes)
{
    confusion->classes = classes;
    confusion->counts = mica_need(classes * classes, sizeof *confusion->counts);
}

void mica_confusion_close(struct confusion *confusion)
{
    mica_free(confusion->counts);
    *confusion = (struct confusion){0};
}

void mica_confusion_clear(struct confusion *confusion)
{
    size_t cells = confusion->classes * confusion->classes;
    memset(confusion->counts, 0, cells * sizeof *confusion->counts);
}

void mica_confusion_add(struct confusion *confusion, const uint8_t *truth,
                        const uint8_t *predicted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (truth[i] < confusion->classes)
            confusion->counts[truth[i] * confusion->classes + predicted[i]]++;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

struct measures mica_confusion_class(const struct confusion *confusion, size_t label)
{
    struct measures m = {0};
    size_t n = confusion->classes;
    m.both = confusion->counts[label * n + label];
    for (size_t i = 0; i < n; i++) {
        m.truth += confusion->counts[label * n + i];
        m.predicted += confusion->counts[i * n + label];
    }
    m.precision = ratio(m.both, m.predicted);
    m.recall = ratio(m.both, m.truth);
    m.f1 = ratio(2 * m.both, m.truth + m.predicted); /* the Dice coefficient too */
    m.iou = ratio(m.both, m.truth + m.predicted - m.both);
    return m;
}

uint64_t mica_confusion_total(const struct confusion *confusion)
{
    uint64_t total = 0;
    for (size_t i = 0; i < confusion->classes * confusion->classes; i++)
        total += confusion->counts[i];
    return total;
}

double mica_confusion_accuracy(const struct confusion *confusion)
{
    uint64_t right = 0;
    for (size_t i = 0; i < confusion->classes; i++)
        right += confusion->counts[i * confusion->classes + i];
    return ratio(right, mica_confusion_total(confusion));
}

double mica_confusion_background(const struct confusion *confusion)
{
    uint64_t background = 0;
    for (size_t i = 0; i < confusion->classes; i++)
        background += confusion->counts[i];
    return ratio(background, mica_confusion_total(confusion));
}

double mica_confusion_commonest(const struct confusion *confusion)
{
    uint64_t most = 0;
    for (size_t i = 0; i < confusion->classes; i++) {
        uint64_t truth = mica_confusion_class(confusion, i).truth;
        most = truth > most ? truth : most;
    }
    return ratio(most, mica_confusion_total(confusion));
}

double mica_confusion_mean_f1(const struct confusion *confusion, size_t first)
{
    double sum = 0;
    for (size_t i = first; i < confusion->classes; i++)
        sum += mica_confusion_class(confusion, i).f1;
    return sum / (double)(confusion->classes - first);
}

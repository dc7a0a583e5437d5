/* confusion.h - counts of truth against prediction, and the measures that follow */
#ifndef MICA_APPS_ANALYSIS_CONFUSION_H
#define MICA_APPS_ANALYSIS_CONFUSION_H

#include <stddef.h>
#include <stdint.h>

/* counts[truth * classes + predicted]; class 0 is the background. */
struct confusion {
    size_t classes;
    uint64_t *counts;
};
void mica_confusion_open(struct confusion *confusion, size_t classes);
void mica_confusion_close(struct confusion *confusion);
void mica_confusion_clear(struct confusion *confusion);
/* Add pixels: truth as class numbers, those of `classes` and above count nowhere. */
void mica_confusion_add(struct confusion *confusion, const uint8_t *truth,
                        const uint8_t *predicted, size_t count);

/* Of one class; a ratio without a denominator is 0, as scikit-learn's zero_division=0. */
struct measures {
    double precision, recall, f1, iou;
    uint64_t truth, predicted, both;
};
struct measures mica_confusion_class(const struct confusion *confusion, size_t label);
double mica_confusion_accuracy(const struct confusion *confusion);
/* What calling everything background would reach. */
double mica_confusion_background(const struct confusion *confusion);
/* What always naming the commonest class would reach. */
double mica_confusion_commonest(const struct confusion *confusion);
/* The mean F1 of the classes from `first` on (1: without the background). */
double mica_confusion_mean_f1(const struct confusion *confusion, size_t first);
uint64_t mica_confusion_total(const struct confusion *confusion);

#endif

/* matching.h - objects found against objects that are there */
#ifndef MICA_APPS_ANALYSIS_MATCHING_H
#define MICA_APPS_ANALYSIS_MATCHING_H

#include "datasets/dataset.h"

/* Counts of one class. Where nothing was counted a ratio is 0. */
struct match_counts {
    uint64_t right, missed,
        wrong;      /* true positives, false negatives, false positives */
    double squares; /* A^2: of the distances of the right ones */
};
double mica_match_precision(const struct match_counts *counts);
double mica_match_recall(const struct match_counts *counts);
double mica_match_f1(const struct match_counts *counts);
double mica_match_rms(const struct match_counts *counts); /* A */

/* What became of an object of the truth or of a prediction. */
enum match_fate { MATCH_IGNORED, MATCH_RIGHT, MATCH_UNMATCHED };

/* Pair truth and predictions of the same class that are at most `radius` [A] apart, one to
   one, nearest pairs first. Objects whose centre is nearer than the radius to the border of
   the height x width image are ignored, in the truth and among the predictions alike: a
   pair counts where its truth does. Each object gets its fate, a truth that is right its
   distance [A]. */
int mica_match(const struct object *truth, size_t truth_count,
               const struct object *predicted, size_t predicted_count, size_t height,
               size_t width, const double pixel[2], double radius,
               enum match_fate *fates_truth, enum match_fate *fates_predicted,
               double *distances, struct error *err);

#endif

/* overlap.h - regions found against regions that are there, by the area that they share */
#ifndef MICA_APPS_ANALYSIS_OVERLAP_H
#define MICA_APPS_ANALYSIS_OVERLAP_H

#include "apps/analysis/matching.h"

/* Counts of one class; mica_match_precision, _recall and _f1 take `match`, whose squares
   stay 0. */
struct overlap_counts {
    struct match_counts match;
    double iou; /* the sum over the right ones */
};

/* Objects are the connected regions of a class (8 neighbours), in the truth and in the
   prediction alike. Two of one class are a pair where their intersection over union is above
   1/2: then neither has another such partner. True ones without a partner are missed,
   predicted ones are wrong. Pixels whose truth is `classes` or more (MICA_IGNORED) belong
   to no area; a predicted region of which they are more than half is not wrong. Kirillov et
   al., Panoptic segmentation, CVPR 2019.

   Adds the counts of one map of height x width classes to counts[classes]; counts[0], of the
   background, stays as it is. -1 where memory is short. */
int mica_overlap_add(struct overlap_counts *counts, size_t classes,
                     const uint8_t *truth, const uint8_t *predicted, size_t height,
                     size_t width, struct error *err);

/* From 0 to 1; 0 where nothing was counted: the mean IoU of the right ones (segmentation
   quality), and panoptic quality, sum of IoU / (right + wrong/2 + missed/2), which is their
   product with F1. */
double mica_overlap_iou(const struct overlap_counts *counts);
double mica_overlap_quality(const struct overlap_counts *counts);

#endif

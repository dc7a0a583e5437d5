/* prediction_files.h - what mica predict leaves of one image or stack */
#ifndef MICA_APPS_PREDICTION_FILES_H
#define MICA_APPS_PREDICTION_FILES_H

#include "apps/predictor.h"
#include "core/file.h"

/* FOLDER/STEM_classes.png (of a stack .tif): indexed, the value is the class;
   FOLDER/STEM_overlay.png (of a stack FOLDER/STEM_overlay/0000.png ...): the image with its
   classes and a scale bar; FOLDER/STEM_probabilities.npy: N, H, W and one for each class,
   fp32. Map and probabilities appear when they are whole. */
struct prediction_files {
    const struct image *image;
    const char *folder, *stem;
    struct image classes;
    bool wants_probabilities;
    struct file_out probabilities;
    struct folder_out overlays; /* of a stack */
};
/* `classes`: how many there are. The image must last. */
int mica_prediction_files_begin(struct prediction_files *files,
                                const struct model *model, size_t classes,
                                const struct image *image, const char *folder,
                                const char *stem, bool probabilities,
                                struct error *err);
int mica_prediction_files_add(struct prediction_files *files, size_t frame,
                              const struct prediction *prediction, struct error *err);
/* Write what was collected where `status` is 0, else leave nothing. */
int mica_prediction_files_end(struct prediction_files *files, int status,
                              struct error *err);

#endif

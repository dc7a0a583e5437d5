/* simulated_files.h - what mica simulate leaves of a sample */
#ifndef MICA_APPS_SIMULATED_FILES_H
#define MICA_APPS_SIMULATED_FILES_H

#include "datasets/image.h"
#include "datasets/physics/simulation.h"

/* The names of the classes, background first, and NULL after them. Returns how many. */
enum { MICA_CLASSES_MOST = 255 };
size_t mica_simulated_names(const struct simulation *simulation,
                            const char *names[MICA_CLASSES_MOST + 1]);

/* A sample as images. That of the detectors' signals borrows its values from the sample (it
   is not freed); that of the classes, indexed with their colours, is the caller's. */
struct image mica_simulated_image(const struct simulated *sample);
int mica_simulated_classes(const struct simulated *sample,
                           const struct simulation *simulation, struct image *classes,
                           struct error *err);

/* Write image_NNNN.npy and .tif (fp32), labels_NNNN.png (indexed), atoms_NNNN.csv and
   sample_NNNN.json (every drawn value) for sample NNNN into a folder. The columns of the
   table are in docs/reference/conventions.md; it holds the atoms and the vacant sites (these
   without an element) that the image shows. */
int mica_simulated_write(const struct simulated *sample, const struct image *classes,
                         const struct simulation *simulation, const char *folder,
                         uint64_t number, struct error *err);

#endif

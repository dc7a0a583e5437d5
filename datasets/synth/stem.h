/* stem.h - simulated STEM images as a dataset */
#ifndef MICA_DATASETS_SYNTH_STEM_H
#define MICA_DATASETS_SYNTH_STEM_H

#include "datasets/dataset.h"
#include "datasets/physics/simulation.h"

extern const struct source mica_source_stem;
/* What a dataset simulates; NULL where it does not. */
const struct simulation *mica_stem_simulation(const struct dataset *dataset);

#endif

/* scene.h - the atoms of a specimen as points that scatter, rendered on a grid */
#ifndef MICA_DATASETS_PHYSICS_SCENE_H
#define MICA_DATASETS_PHYSICS_SCENE_H

#include "datasets/physics/specification.h"

/* Render atoms on a new grid under the scan and `margin` [A] more. `carbon` (may be NULL)
   gets the kernel of a carbon atom at a point of the grid. -1 where there is no memory, or
   an element that the specification does not know. */
int mica_scene_render(struct grid *grid, const struct simulation *simulation,
                      const struct view *view, const struct scan *scan, double margin,
                      const struct atoms *atoms, struct kernel *carbon,
                      struct error *err);

#endif

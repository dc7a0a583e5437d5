/* scene.c - the atoms of a specimen as points that scatter, rendered on a grid */
#include "datasets/physics/scene.h"
#include "datasets/physics/elements.h"

enum { KERNELS_MOST = 8 };

/* Atoms as points that scatter, and a kernel for every thermal motion among them. */
struct scene {
    size_t count, kernel_count;
    struct scatterer *scatterers;
    double *weights;
    double blurs[KERNELS_MOST];
    struct kernel kernels[KERNELS_MOST + 1];
};

static void free_scene(struct scene *scene)
{
    for (size_t i = 0; i < scene->kernel_count; i++)
        mica_kernel_free(&scene->kernels[i]);
    mica_free(scene->scatterers);
    mica_free(scene->weights);
}

/* The kernel for an element's thermal motion; the last stands in for what is too many. */
static size_t find_blur(struct scene *scene, int element)
{
    double blur = mica_element_thermal(element);
    for (size_t i = 0; i < scene->kernel_count; i++)
        if (scene->blurs[i] == blur)
            return i;
    if (scene->kernel_count == KERNELS_MOST)
        return KERNELS_MOST - 1;
    scene->blurs[scene->kernel_count] = blur;
    return scene->kernel_count++;
}

/* Atoms exactly above each other, one after the other, become one point. */
static void add_point(struct scene *scene, const struct atom *atom, double *weights,
                      size_t channels)
{
    struct scatterer point = {atom->x, atom->y, find_blur(scene, atom->element),
                              weights};
    if (scene->count > 0) {
        const struct scatterer *last = &scene->scatterers[scene->count - 1];
        if (last->x == point.x && last->y == point.y && last->kernel == point.kernel) {
            double *sum = scene->weights + (last->weights - scene->weights);
            for (size_t c = 0; c < channels; c++)
                sum[c] += weights[c];
            return;
        }
    }
    scene->scatterers[scene->count++] = point;
}

/* `carbon` (may be NULL) takes one kernel more, of an atom at a point of the grid. */
static int make_scene(struct scene *scene, const struct simulation *simulation,
                      const struct view *view, const struct atoms *atoms,
                      struct kernel *carbon, struct error *err)
{
    size_t channels = simulation->sections.detectors;
    *scene = (struct scene){.count = 0};
    scene->weights = mica_allocate(atoms->count * channels + 1, sizeof *scene->weights);
    scene->scatterers = mica_allocate(atoms->count + 1, sizeof *scene->scatterers);
    if (!scene->weights || !scene->scatterers)
        return mica_fail(err, "no memory to render %zu atoms", atoms->count);
    if (mica_columns_weigh(&simulation->sections, atoms, view->coherence,
                           scene->weights, err) != 0)
        return -1;
    for (size_t i = 0; i < atoms->count; i++)
        if (atoms->list[i].element)
            add_point(scene, &atoms->list[i], scene->weights + i * channels, channels);
    size_t count = scene->kernel_count;
    struct kernel_wish wishes[KERNELS_MOST + 1];
    for (size_t i = 0; i < count; i++)
        wishes[i] = (struct kernel_wish){scene->blurs[i], 2};
    wishes[count] = (struct kernel_wish){mica_element_thermal(6), 1};
    if (mica_probe_kernels(&view->optics, simulation->kernel_radius, wishes,
                           count + (carbon != NULL), scene->kernels, err) != 0)
        return -1;
    if (carbon)
        *carbon = scene->kernels[count];
    return 0;
}

int mica_scene_render(struct grid *grid, const struct simulation *simulation,
                      const struct view *view, const struct scan *scan, double margin,
                      const struct atoms *atoms, struct kernel *carbon,
                      struct error *err)
{
    struct scene scene;
    int result = make_scene(&scene, simulation, view, atoms, carbon, err);
    if (result == 0)
        result = mica_grid_new(grid, scan, simulation->sections.detectors,
                               mica_probe_step(&view->optics), margin, err);
    if (result == 0)
        result = mica_grid_add(grid, scene.kernels, scene.scatterers, scene.count, err);
    free_scene(&scene);
    return result;
}

int mica_simulation_render(const struct simulation *simulation, const struct view *view,
                           const struct atoms *atoms, float *image, struct error *err)
{
    struct scan scan = {
        view->height, view->width, {view->pixel[0], view->pixel[1]}, NULL, NULL};
    struct grid grid = {.values = NULL};
    int result = mica_scene_render(&grid, simulation, view, &scan, 0, atoms, NULL, err);
    if (result == 0)
        mica_grid_sample(&grid, &scan, image);
    mica_grid_free(&grid);
    return result;
}

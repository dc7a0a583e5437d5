/* fit.c - how much of an image a network takes at once in the memory there is */
#include "apps/fit.h"

#include <math.h>

struct trial {
    struct fit *fit;
    struct error *err; /* has lines once the network has refused a size */
    bool refused;
};

static bool fits(void *context, size_t height, size_t width)
{
    struct trial *trial = context;
    struct fit *fit = trial->fit;
    struct runner runner;
    if (trial->refused)
        return false;
    if (mica_runner_record(&runner, fit->model, 1, height, width, trial->err)) {
        trial->refused = true;
        return false;
    }
    fit->bytes = mica_runner_bytes(&runner);
    mica_runner_close(&runner);
    return fit->pictures + fit->bytes <= fit->memory;
}

/* The node is named by a recording of the whole, which takes no memory to speak of. */
static int fail_global(const struct fit *fit, struct error *err)
{
    struct runner runner;
    char needs[32], has[32];
    if (mica_runner_record(&runner, fit->model, 1, fit->height, fit->width, err))
        return -1;
    struct reach reach = mica_tape_reach(runner.tape, runner.input, runner.output);
    const struct node *node = mica_tape_node(runner.tape, (size_t)reach.global);
    mica_fail(
        err,
        "%s: %zu x %zu pixels need %s, %s are allowed, and tiles would give other "
        "values: %s '%s' looks at the whole image; allow more with --mem",
        fit->name, fit->height, fit->width,
        mica_text_bytes(needs, (double)(fit->pictures + fit->bytes)),
        mica_text_bytes(has, (double)fit->memory), node->layer->name, node->path);
    mica_runner_close(&runner);
    return -1;
}

static int fail_small(const struct fit *fit, struct error *err)
{
    char needs[32], has[32], pictures[32];
    return mica_fail(
        err,
        "%s: %zu x %zu pixels need at least %s (%s for the pictures, the rest for a "
        "tile of %zu x %zu with a halo of %zu), and %s are allowed; allow more with "
        "--mem",
        fit->name, fit->height, fit->width,
        mica_text_bytes(needs, (double)(fit->pictures + fit->bytes)),
        mica_text_bytes(pictures, (double)fit->pictures), fit->tiling.tile[0],
        fit->tiling.tile[1], fit->tiling.halo,
        mica_text_bytes(has, (double)fit->memory));
}

int mica_fit_choose(struct fit *fit, struct error *err)
{
    struct trial trial = {fit, err, false};
    size_t halo = (size_t)ceil(fmax(fit->reach.before, fit->reach.after));
    fit->tiling = mica_tiling_whole(fit->height, fit->width);
    if (fits(&trial, fit->height, fit->width))
        return 0;
    if (!trial.refused && fit->reach.global >= 0)
        return fail_global(fit, err);
    if (!trial.refused && mica_tiling_choose(&fit->tiling, fit->height, fit->width,
                                             fit->reach.multiple, halo, fits, &trial))
        return 0;
    return trial.refused ? -1 : fail_small(fit, err);
}

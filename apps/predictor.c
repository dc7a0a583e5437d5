/* predictor.c - resample, normalise, pad, run whole or in tiles, and map back */
#include "apps/predictor.h"

#include <string.h>

#include "apps/fit.h"
#include "apps/grid.h"
#include "core/plan.h"
#include "datasets/image_transform.h"

enum { CLASSES_MOST = 255 }; /* they are kept as bytes */

/* ---- the network ---- */

/* Whether the network takes any number of rows and columns: what it makes of one more. */
static void find_open(struct predictor *p, size_t side)
{
    struct shape a = mica_net_input(p->model->net, 1, side, side);
    struct shape b = mica_net_input(p->model->net, 1, side + 1, side + 1);
    p->open[0] = a.h != b.h;
    p->open[1] = a.w != b.w;
}

static int check_output(struct predictor *p, struct error *err)
{
    struct runner runner;
    size_t side = 8 * p->reach.multiple;
    struct shape shape = mica_net_input(p->model->net, 1, side, side);
    find_open(p, side);
    if (mica_runner_record(&runner, p->model, 1, shape.h, shape.w, err))
        return -1;
    struct shape in = mica_tape_node(runner.tape, (size_t)runner.input)->out;
    struct shape out = mica_tape_node(runner.tape, (size_t)runner.output)->out;
    mica_runner_close(&runner);
    p->inputs = in.c;
    p->outputs = out.c;
    p->first = mica_model_first(out.c, p->model->classes);
    p->whole = out.h == 1 && out.w == 1;
    if (out.c + p->first > CLASSES_MOST)
        return mica_misuse(err, "%s: has %zu classes, more than %d", p->model->path,
                           out.c + p->first, (int)CLASSES_MOST);
    if (p->whole || (in.h == out.h && in.w == out.w))
        return 0;
    return mica_misuse(err,
                       "%s: gives %zu x %zu answers for %zu x %zu pixels; it takes a "
                       "network that gives one for each pixel, or one for all",
                       p->model->path, out.h, out.w, in.h, in.w);
}

/* An eighth stays free for what is not planned: the pages of files, other programs. */
static size_t free_memory(void)
{
    size_t left = mica_memory_left();
    return left > 0 ? left - left / 8 : SIZE_MAX;
}

int mica_predictor_open(struct predictor *predictor, const struct model *model,
                        size_t memory, struct error *err)
{
    *predictor =
        (struct predictor){.model = model, .memory = memory ? memory : free_memory()};
    if (mica_net_reach(model->net, &predictor->reach, err))
        return -1;
    return check_output(predictor, err);
}

void mica_predictor_close(struct predictor *predictor)
{
    mica_runner_close(&predictor->runner);
    *predictor = (struct predictor){0};
}

static int plan(struct predictor *p, const size_t window[2], struct error *err)
{
    if (p->planned[0] == window[0] && p->planned[1] == window[1])
        return 0;
    mica_runner_close(&p->runner);
    p->planned[0] = p->planned[1] = 0;
    if (mica_runner_open(&p->runner, p->model, 1, window[0], window[1], err))
        return -1;
    memcpy(p->planned, window, sizeof p->planned);
    return 0;
}

/* ---- tiles ---- */

static void give_window(const struct grid *c, const struct tile *tile,
                        const struct tensor *input)
{
    for (size_t y = 0; y < input->shape.h; y++)
        for (size_t x = 0; x < input->shape.w; x++)
            memcpy(mica_tensor_at(input, 0, y * input->shape.w + x),
                   c->data + ((tile->window_y + y) * c->columns + tile->window_x + x) *
                                 c->channels,
                   c->channels * sizeof(float));
}

static void take_tile(const struct grid *c, const struct tile *tile,
                      const struct tensor *output, float *probabilities)
{
    size_t channels = output->shape.c;
    for (size_t y = tile->y; y < tile->y + tile->height && y < c->height; y++)
        for (size_t x = tile->x; x < tile->x + tile->width && x < c->width; x++) {
            size_t inside = (y - tile->window_y) * output->shape.w + x - tile->window_x;
            memcpy(probabilities + (y * c->width + x) * channels,
                   mica_tensor_at(output, 0, inside), channels * sizeof(float));
        }
}

static void run_tiles(const struct predictor *p, const struct grid *c,
                      const struct tiling *tiling, float *probabilities)
{
    const struct runner *runner = &p->runner;
    struct tensor input = mica_plan_value(runner->plan, runner->input);
    struct tensor output = mica_plan_value(runner->plan, runner->output);
    struct run run = {.samples = 1};
    for (size_t i = 0; i < mica_tiling_count(tiling); i++) {
        struct tile tile = mica_tiling_at(tiling, i);
        give_window(c, &tile, &input);
        mica_plan_run(runner->plan, &run);
        mica_model_activate(p->model, &output);
        take_tile(c, &tile, &output, probabilities);
    }
}

/* ---- the answer ---- */

static void choose_class(struct prediction *r, size_t pixel)
{
    const float *p = r->probabilities + pixel * r->channels;
    size_t class = mica_model_class(p, r->channels, r->first, 0.5f);
    float most = 0;
    for (size_t i = 0; i < r->channels; i++)
        most = p[i] > most ? p[i] : most;
    r->classes[pixel] = (uint8_t) class;
    r->scores[pixel] = class < r->first ? 1 - most : p[class - r->first];
}

/* `seen`: the answers of the network. */
static int allocate(struct grid *c, size_t seen, struct prediction *r,
                    struct error *err)
{
    size_t pixels = r->height * r->width;
    c->data = mica_allocate(c->rows * c->columns, c->channels * sizeof(float));
    r->probabilities = mica_allocate(seen, r->channels * sizeof(float));
    r->classes = mica_allocate(pixels, 1);
    r->scores = mica_allocate(pixels, sizeof(float));
    if (c->data && r->probabilities && r->classes && r->scores)
        return 0;
    return mica_fail(err, "no memory for the probabilities of %zu x %zu pixels",
                     r->height, r->width);
}

/* Back from the network's grid. */
static int map_back(const struct grid *c, struct prediction *r, struct error *err)
{
    struct image to, from = {.frames = 1,
                             .height = c->height,
                             .width = c->width,
                             .channels = r->channels,
                             .data = r->probabilities};
    if (c->height == r->height && c->width == r->width)
        return 0;
    if (mica_image_resample(&to, &from, r->height, r->width, INTERPOLATE_LINEAR, err))
        return -1;
    mica_free(r->probabilities);
    r->probabilities = to.data;
    return 0;
}

static int predict(struct predictor *p, const struct frame *frame, struct grid *c,
                   struct prediction *r, struct error *err)
{
    if (plan(p, r->tiling.window, err) || allocate(c, c->height * c->width, r, err) ||
        mica_grid_fill(c, frame, &p->model->normalise, err))
        return -1;
    run_tiles(p, c, &r->tiling, r->probabilities);
    if (map_back(c, r, err))
        return -1;
    for (size_t i = 0; i < r->height * r->width; i++)
        choose_class(r, i);
    return 0;
}

static size_t most(size_t a, size_t b) { return a > b ? a : b; }

/* Bytes beside the plan: the answer, and what is needed for a while: before, the grid with
   what resamples it and normalises it in windows (sums in double); after, what maps the
   answer back, or regions and a drawing of it. */
static size_t picture_bytes(const struct predictor *p, const struct grid *c,
                            const struct prediction *r)
{
    size_t pixels = r->height * r->width, seen = c->rows * c->columns;
    bool resampled = c->height != r->height || c->width != r->width;
    size_t between = resampled ? most(pixels, seen) : 0;
    size_t sums = p->model->normalise.window > 0 ? 4 * seen : 0;
    size_t answer = most(pixels, seen) * r->channels + 2 * pixels;
    size_t before = seen * c->channels + most(sums, 2 * between * c->channels);
    size_t after = most(2 * between * r->channels, 5 * pixels);
    return (answer + most(before, after)) * sizeof(float);
}

/* ---- one answer for a frame ---- */

static int check_frame(const struct predictor *p, const struct grid *c,
                       const char *name, struct error *err)
{
    struct shape in = mica_net_input(p->model->net, 1, c->rows, c->columns);
    if (in.h == c->rows && in.w == c->columns)
        return 0;
    return mica_misuse(err, "%s: %zu x %zu pixels, the network takes %zu x %zu", name,
                       c->rows, c->columns, in.h, in.w);
}

static int predict_whole(struct predictor *p, const struct frame *frame, struct grid *c,
                         const char *name, struct prediction *r, struct error *err)
{
    const size_t size[2] = {c->rows, c->columns};
    if (check_frame(p, c, name, err) || plan(p, size, err) || allocate(c, 1, r, err) ||
        mica_grid_fill(c, frame, &p->model->normalise, err))
        return -1;
    struct tensor input = mica_plan_value(p->runner.plan, p->runner.input);
    struct tensor output = mica_plan_value(p->runner.plan, p->runner.output);
    struct run run = {.samples = 1};
    for (size_t i = 0; i < c->rows * c->columns; i++)
        memcpy(mica_tensor_at(&input, 0, i), c->data + i * c->channels,
               c->channels * sizeof(float));
    mica_plan_run(p->runner.plan, &run);
    mica_model_activate(p->model, &output);
    memcpy(r->probabilities, mica_tensor_at(&output, 0, 0),
           r->channels * sizeof(float));
    choose_class(r, 0);
    return 0;
}

static int run_whole(struct predictor *p, const struct frame *frame, const char *name,
                     struct prediction *r, struct error *err)
{
    static const double any[2] = {0, 0};
    bool resampled = p->open[0] && p->open[1];
    struct grid c = mica_grid_for(frame, resampled ? p->model->pixel_range : any, 1);
    *r = (struct prediction){.height = 1,
                             .width = 1,
                             .channels = p->outputs,
                             .first = p->first,
                             .grid = {c.height, c.width},
                             .pixel = {c.pixel[0], c.pixel[1]}};
    int status = mica_frame_check(frame, name, err)
                     ? -1
                     : predict_whole(p, frame, &c, name, r, err);
    mica_free(c.data);
    if (status)
        mica_prediction_free(r);
    return status;
}

int mica_predictor_run(struct predictor *predictor, const struct frame *frame,
                       const char *name, struct prediction *prediction,
                       struct error *err)
{
    const struct model *model = predictor->model;
    if (predictor->whole)
        return run_whole(predictor, frame, name, prediction, err);
    struct grid c = mica_grid_for(frame, model->pixel_range, predictor->reach.multiple);
    *prediction = (struct prediction){.height = frame->height,
                                      .width = frame->width,
                                      .channels = predictor->outputs,
                                      .first = predictor->first,
                                      .grid = {c.height, c.width},
                                      .pixel = {c.pixel[0], c.pixel[1]}};
    struct fit fit = {.model = model,
                      .reach = predictor->reach,
                      .name = name,
                      .height = c.rows,
                      .width = c.columns,
                      .memory = predictor->memory,
                      .pictures =
                          predictor->held + picture_bytes(predictor, &c, prediction)};
    if (mica_frame_check(frame, name, err) || mica_fit_choose(&fit, err))
        return -1;
    prediction->tiling = fit.tiling;
    prediction->plan_bytes = fit.bytes;
    prediction->picture_bytes = fit.pictures;
    int status = predict(predictor, frame, &c, prediction, err);
    mica_free(c.data);
    if (status)
        mica_prediction_free(prediction);
    return status;
}

void mica_prediction_free(struct prediction *prediction)
{
    mica_free(prediction->probabilities);
    mica_free(prediction->classes);
    mica_free(prediction->scores);
    *prediction = (struct prediction){0};
}

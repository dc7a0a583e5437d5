/* bench_instructions.c - hot kernels, one at a time, for an instruction count: see instructions.sh

   bench_instructions            the compiler, then the names
   bench_instructions NAME       runs it on one thread, in `counted` */
#include "core/conv.h"
#include "core/initialize.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/plan.h"
#include "nets/nets.h"
#include "optim/optim.h"
#include <stdio.h>
#include <string.h>

/* Convolutions of stride 1 over a batch of one; or networks of a line. */
struct kernel {
    const char *name;
    enum work { FORWARD, DATA, WEIGHTS, STEP, OPTIMISER } work;
    size_t size, in, out, taps, groups;
    enum conv_algorithm algorithm;
    const char *graph;
};

static const struct kernel kernels[] = {
    {"direct_forward_3x3", FORWARD, 32, 32, 32, 3, 1, CONV_DIRECT, NULL},
    {"direct_data_3x3", DATA, 32, 32, 32, 3, 1, CONV_DIRECT, NULL},
    {"direct_weights_3x3", WEIGHTS, 32, 32, 32, 3, 1, CONV_DIRECT, NULL},
    {"direct_forward_1x1", FORWARD, 32, 64, 64, 1, 1, CONV_DIRECT, NULL},
    {"direct_forward_odd", FORWARD, 29, 19, 45, 3, 1, CONV_DIRECT, NULL},
    {"direct_weights_odd", WEIGHTS, 29, 19, 45, 3, 1, CONV_DIRECT, NULL},
    {"direct_forward_thin", FORWARD, 64, 1, 32, 3, 1, CONV_DIRECT, NULL},
    {"depthwise_forward_3x3", FORWARD, 64, 32, 32, 3, 32, CONV_DIRECT, NULL},
    {"tiles_forward_3x3", FORWARD, 32, 32, 32, 3, 1, CONV_FFT, NULL},
    {"tiles_forward_7x7", FORWARD, 32, 32, 32, 7, 1, CONV_FFT, NULL},
    {"tiles_data_7x7", DATA, 32, 32, 32, 7, 1, CONV_FFT, NULL},
    {"tiles_weights_7x7", WEIGHTS, 32, 32, 32, 7, 1, CONV_FFT, NULL},
    {"winograd_forward_3x3", FORWARD, 32, 32, 32, 3, 1, CONV_WINOGRAD, NULL},
    {"winograd_data_3x3", DATA, 32, 32, 32, 3, 1, CONV_WINOGRAD, NULL},
    {"winograd_weights_3x3", WEIGHTS, 32, 32, 32, 3, 1, CONV_WINOGRAD, NULL},
    {"batchnorm_step", STEP, 32, 64, 0, 0, 0, 0,
     "{\"batchnorm2d\": 1e-3, \"id\": \"bn\"}"},
    {"batchnorm_relu_step", STEP, 32, 64, 0, 0, 0, 0,
     "{\"batchnorm2d\": 1e-3, \"id\": \"bn\"}, \"relu\""},
    {"softmax_step", STEP, 64, 4, 0, 0, 0, 0, "\"softmax\""},
    {"dropout_step", STEP, 32, 64, 0, 0, 0, 0, "{\"dropout\": 0.5}"},
    {"maxpool_step", STEP, 32, 64, 0, 0, 0, 0, "{\"maxpool2d\": 2}"},
    {"adam", OPTIMISER, 1, 64, 1024, 0, 0, 0,
     "{\"conv2d\": 1024, \"kernel\": 1, \"id\": \"conv\"}"}};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* --- what is counted ------------------------------------------------------------------ */

struct ready {
    enum work work;
    struct conv conv;
    struct tensor x, y;
    float *weights;
    void *scratch;
    struct weights *values; /* of a network */
    struct tape *tape;
    struct plan *plan;
    struct trainer *trainer;
};

/* callgrind counts from where it is entered to where it is left. */
void counted(struct ready *r);
__attribute__((noinline)) void counted(struct ready *r)
{
    switch (r->work) {
    case FORWARD:
        mica_conv_forward(&r->conv, &r->x, (struct conv_weights){r->weights, NULL},
                          NULL, NULL, &r->y, false, r->scratch);
        break;
    case DATA:
        mica_conv_backward_data(&r->conv, &r->y,
                                (struct conv_weights){r->weights, NULL}, NULL, NULL,
                                &r->x, false, r->scratch);
        break;
    case WEIGHTS:
        mica_conv_backward_weights(&r->conv, &r->x, &r->y, 1, r->weights, false,
                                   r->scratch);
        break;
    case STEP:
        mica_plan_run(r->plan, &(struct run){.samples = 1, .step = 1});
        break;
    case OPTIMISER:
        mica_trainer_step(r->trainer, 0.001);
        break;
    }
}

/* --- getting ready -------------------------------------------------------------------- */

static void fill(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(i * 7919 % 1000) / 1000 - 0.5f;
}

static float *filled(size_t count)
{
    float *x = mica_need(count, sizeof *x);
    fill(x, count);
    return x;
}

static size_t scratch_of(const struct ready *r)
{
    return r->work == FORWARD ? mica_conv_forward_scratch(&r->conv, 1)
           : r->work == DATA  ? mica_conv_backward_data_scratch(&r->conv, 1)
                              : mica_conv_backward_weights_scratch(&r->conv, 1, 1);
}

static void prepare_convolution(struct ready *r, const struct kernel *k)
{
    const size_t pixels = k->size * k->size, before = k->taps / 2;
    r->conv = (struct conv){.in_h = k->size,
                            .in_w = k->size,
                            .in_c = k->in,
                            .out_h = k->size,
                            .out_w = k->size,
                            .out_c = k->out,
                            .kernel_h = k->taps,
                            .kernel_w = k->taps,
                            .stride = 1,
                            .top = before,
                            .left = before,
                            .groups = k->groups,
                            .algorithm = k->algorithm};
    r->x = (struct tensor){{1, k->size, k->size, k->in}, k->in, TYPE_F32, NULL};
    r->y = (struct tensor){{1, k->size, k->size, k->out}, k->out, TYPE_F32, NULL};
    r->x.data = filled(pixels * k->in);
    r->y.data = filled(pixels * k->out);
    r->weights = filled(k->in / k->groups * k->out * k->taps * k->taps);
    r->scratch = mica_need(scratch_of(r), 1);
}

/* Forward and backward from gradients that are what they are, without a loss. */
static int prepare_plan(struct ready *r, const struct net *net, struct shape in,
                        struct error *err)
{
    struct wiring wiring;
    const int input = mica_tape_input(r->tape, "in", in);
    if (mica_net_record(net, r->tape, input, &wiring, err))
        return -1;
    const int output = wiring.outputs[0].node;
    const struct wanted wanted = {.outputs = &output,
                                  .output_count = 1,
                                  .loss = output,
                                  .input_gradients = true,
                                  .shards = 1};
    r->plan = mica_plan_new(r->tape, &wanted, err);
    if (!r->plan)
        return -1;
    const struct tensor x = mica_plan_value(r->plan, input);
    fill(x.data, mica_shape_size(x.shape));
    return 0;
}

static int prepare_trainer(struct ready *r, struct error *err)
{
    const struct optimizer *adam = mica_optimizer_find("adam");
    void *params = mica_need(1, adam->params_size);
    mica_param_standard(adam->params, params);
    r->trainer = mica_trainer_new(adam, params, r->values, err);
    mica_free(params);
    return r->trainer ? 0 : -1;
}

static int prepare_network(struct ready *r, const struct kernel *k, struct error *err)
{
    struct text json = {0};
    mica_text_add(
        &json,
        "{\"mica_net\": 1, \"name\": \"%s\", \"input\": {\"shape\": [%zu, %zu, "
        "%zu]}, \"graph\": [%s]}",
        k->name, k->size, k->size, k->in, k->graph);
    r->values = mica_weights_new(mica_initializer_find("pytorch"), 1);
    r->tape = mica_tape_new(r->values);
    struct net *net = mica_net_parse(json.data, k->name, err);
    int status =
        net ? prepare_plan(r, net, (struct shape){1, k->size, k->size, k->in}, err)
            : -1;
    mica_net_free(net);
    mica_text_free(&json);
    return status || prepare_trainer(r, err) ? -1 : 0;
}

static void end(struct ready *r)
{
    mica_trainer_free(r->trainer);
    mica_plan_free(r->plan);
    mica_tape_free(r->tape);
    mica_weights_free(r->values);
    mica_free(r->x.data);
    mica_free(r->y.data);
    mica_free(r->weights);
    mica_free(r->scratch);
}

/* The first time is another: memory is new, and a mean begins. */
static int run(const struct kernel *k, struct error *err)
{
    struct ready r = {.work = k->work};
    if (!k->graph)
        prepare_convolution(&r, k);
    int status = k->graph ? prepare_network(&r, k, err) : 0;
    if (!status && r.plan)
        mica_plan_run(r.plan, &(struct run){.samples = 1});
    if (!status)
        counted(&r);
    end(&r);
    return status;
}

/* Counts can be compared where the compiler is the same; "" elsewhere than where they are made. */
static const char *compiler(void)
{
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(MICA_POISON) &&           \
    !defined(__clang__)
    static char text[32];
    snprintf(text, sizeof text, "gcc %d", __GNUC__);
    return text;
#else
    return "another";
#endif
}

int main(int argc, char **argv)
{
    struct error err = {0};
    mica_parallel_use(1);
    if (argc < 2)
        printf("%s\n", compiler());
    for (size_t i = 0; i < KERNELS; i++)
        if (argc < 2)
            printf("%s\n", kernels[i].name);
        else if (strcmp(argv[1], kernels[i].name) == 0 && run(&kernels[i], &err)) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    return 0;
}

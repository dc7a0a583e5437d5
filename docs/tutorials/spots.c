/* spots.c - trains a small network through libmica to find bright spots in noise */
#include <stdio.h>

#include "core/checkpoint.h"
#include "core/initialize.h"
#include "core/plan.h"
#include "core/random.h"
#include "nets/nets.h"
#include "optim/optim.h"

enum { BATCH = 8, SIZE = 16, STEPS = 200 };

static const char network[] =
    "{ \"mica_net\": 1, \"name\": \"spots\", \"input\": { \"shape\": [\"H\", \"W\", 1] "
    "},\n"
    "  \"graph\": [\n"
    "    { \"conv2d\": 8, \"kernel\": 3, \"id\": \"conv1\" }, \"relu\",\n"
    "    { \"conv2d\": 8, \"kernel\": 3, \"id\": \"conv2\" }, \"relu\",\n"
    "    { \"conv2d\": 2, \"kernel\": 1, \"id\": \"logits\" } ] }\n";

/* An image of noise with a spot of 3 x 3 pixels, and for each pixel its class: 0 or 1. */
static void draw(struct random *random, struct tensor *image, struct tensor *truth,
                 size_t sample)
{
    size_t row = 1 + mica_random_below(random, SIZE - 2);
    size_t column = 1 + mica_random_below(random, SIZE - 2);
    for (size_t i = 0; i < SIZE; i++)
        for (size_t j = 0; j < SIZE; j++) {
            int spot =
                i + 1 >= row && i <= row + 1 && j + 1 >= column && j <= column + 1;
            size_t pixel = i * SIZE + j;
            *mica_tensor_at(image, sample, pixel) =
                (float)(0.5 * mica_random_normal(random) + 2 * spot);
            *mica_tensor_at(truth, sample, pixel) = (float)spot;
        }
}

/* The part of all pixels whose larger logit is that of the true class. */
static double accuracy(const struct tensor *logits, const struct tensor *truth)
{
    size_t right = 0;
    for (size_t n = 0; n < BATCH; n++)
        for (size_t p = 0; p < SIZE * SIZE; p++) {
            const float *z = mica_tensor_at(logits, n, p);
            right += (z[1] > z[0]) == (*mica_tensor_at(truth, n, p) > 0);
        }
    return (double)right / (BATCH * SIZE * SIZE);
}

/* The values that a table of parameters gives where nobody says otherwise. */
static void *standard(const struct param *table, size_t size, struct tape *tape)
{
    void *params = mica_arena_take(mica_tape_arena(tape), 1, size);
    mica_param_standard(table, params);
    return params;
}

static int fail(const struct error *err)
{
    fprintf(stderr, "%s\n", err->text);
    return err->code;
}

int main(void)
{
    struct error err = {0};

    /* The network is read, its weights are made and drawn while it is recorded. */
    struct net *net = mica_net_parse(network, "network", &err);
    if (net == NULL)
        return fail(&err);
    struct weights *weights = mica_weights_new(mica_initializer_find("he_normal"), 1);
    struct tape *tape = mica_tape_new(weights);
    struct wiring wiring;
    int images =
        mica_tape_input(tape, "images", mica_net_input(net, BATCH, SIZE, SIZE));
    if (mica_net_record(net, tape, images, &wiring, &err) != 0)
        return fail(&err);

    /* The loss is one more layer, which reads the logits and the truth. */
    const struct layer *cross_entropy = mica_layer_find("cross_entropy");
    int logits = wiring.outputs[0].node;
    int truth = mica_tape_input(tape, "truth", (struct shape){BATCH, SIZE, SIZE, 1});
    int loss = mica_tape_record(
        tape, cross_entropy,
        standard(cross_entropy->params, cross_entropy->params_size, tape), "loss",
        (int[]){logits, truth}, 2, &err);
    if (loss < 0)
        return fail(&err);

    /* The plan is the only large allocation; then the tape is replayed. */
    struct wanted wanted = {
        .outputs = (int[]){logits, loss}, .output_count = 2, .loss = loss};
    if (mica_weights_train(weights, &err) != 0)
        return fail(&err);
    struct plan *plan = mica_plan_new(tape, &wanted, &err);
    const struct optimizer *adam = mica_optimizer_find("adam");
    struct trainer *trainer = mica_trainer_new(
        adam, standard(adam->params, adam->params_size, tape), weights, &err);
    if (plan == NULL || trainer == NULL)
        return fail(&err);

    struct tensor x = mica_plan_value(plan, images), t = mica_plan_value(plan, truth);
    struct tensor z = mica_plan_value(plan, logits), l = mica_plan_value(plan, loss);
    struct random random;
    mica_random_start(&random, 1, 0, 0);
    for (uint64_t step = 1; step <= STEPS; step++) {
        for (size_t sample = 0; sample < BATCH; sample++)
            draw(&random, &x, &t, sample);
        mica_plan_run(plan, &(struct run){.samples = BATCH, .seed = 1, .step = step});
        mica_trainer_step(trainer, 0.02);
        if (step == 1 || step % 50 == 0)
            printf("step %3d: loss %.3f, %.1f %% of the pixels are right\n", (int)step,
                   (double)*mica_tensor_at(&l, 0, 0), 100 * accuracy(&z, &t));
    }

    /* A model: the weights, and in the metadata the network. */
    struct safetensors_out *out = mica_safetensors_begin();
    mica_weights_save(weights, out);
    mica_safetensors_put(out, "mica.net", network);
    if (mica_safetensors_write(out, "spots.safetensors", &err) != 0)
        return fail(&err);
    puts("spots.safetensors is written");

    mica_trainer_free(trainer);
    mica_plan_free(plan);
    mica_tape_free(tape);
    mica_weights_free(weights);
    mica_net_free(net);
    return 0;
}

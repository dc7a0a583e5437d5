/* bench.c - mica bench: how fast a network trains and predicts here, beside this machine's ceiling */
#include <math.h>
#include <stdio.h>

#include "apps/bench_convolutions.h"
#include "apps/ceiling.h"
#include "apps/command.h"
#include "apps/named.h"
#include "apps/rounds.h"
#include "apps/workload.h"
#include "core/checkpoint.h"
#include "core/initialize.h"
#include "core/kernels.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/parallel.h"

struct choice {
    const char *net, *weights, *loss, *match;
    struct words sets;
    uint64_t batch, size, rounds;
    int precision;
    bool train, predict, recompute, layers, serve;
};

static const struct option options[] = {
    {"NET", 0, ARGUMENT_MAYBE, offsetof(struct choice, net), NULL,
     "a network: a path, or one that comes with mica [convolutions by themselves]"},
    {"set", 0, OPTION_LIST, offsetof(struct choice, sets), "NAME=VALUE",
     "a parameter of the network"},
    {"batch", 0, OPTION_COUNT, offsetof(struct choice, batch), "N",
     "samples that go through together [4]", .least = 1, .most = 65536},
    {"size", 0, OPTION_COUNT, offsetof(struct choice, size), "PIXELS",
     "rows and columns, where the network leaves them open [256]", .least = 1,
     .most = 65536},
    {"train", 0, OPTION_FLAG, offsetof(struct choice, train), NULL,
     "only steps of training: forward, backward, Adam [both]"},
    {"predict", 0, OPTION_FLAG, offsetof(struct choice, predict), NULL,
     "only predictions"},
    {"recompute", 0, OPTION_FLAG, offsetof(struct choice, recompute), NULL,
     "training in about half the memory: \"recompute\" of recipes"},
    {"precision", 0, OPTION_CHOICE, offsetof(struct choice, precision), "TYPE",
     "of values that training keeps for gradients, and of what convolutions by "
     "themselves read [fp32]",
     .choices = mica_type_words},
    {"layers", 0, OPTION_FLAG, offsetof(struct choice, layers), NULL,
     "then each layer's time, a line for each"},
    {"loss", 0, OPTION_TEXT, offsetof(struct choice, loss), "NAME",
     "of logits against labels [dice; cross_entropy for one class an image; "
     "bce_with_logits for one output]"},
    {"weights", 0, OPTION_TEXT, offsetof(struct choice, weights), "FILE",
     "the first weights, a .safetensors [random]"},
    {"rounds", 0, OPTION_COUNT, offsetof(struct choice, rounds), "N",
     "how often it is measured; the median counts [7]", .least = 1,
     .most = ROUNDS_MOST},
    {"match", 0, OPTION_TEXT, offsetof(struct choice, match), "WORDS",
     "of convolutions by themselves those with WORDS in what they are: 'conv2d 7x7, 64 "
     "to "
     "64, stride 1, 4 of 128x128 backward data fft'"},
    {"serve", 0, OPTION_FLAG, offsetof(struct choice, serve), NULL,
     "a round for each line read, answered by a line: to alternate with another "
     "program"},
    {0}};

/* --- rounds ------------------------------------------------------------------------- */

struct result {
    size_t rounds;
    double seconds[ROUNDS_MOST]; /* of a pass */
    double spent[ROUNDS_MOST];   /* seconds on processors, of all threads */
    double shares[ROUNDS_MOST];  /* of the ceiling, measured just before */
    double losses[2];            /* of the first two passes; NAN where there are none */
};

static void take_round(struct workload *w, struct result *result)
{
    size_t passes = 0, i = result->rounds++;
    double ceiling = mica_ceiling_measure(), seconds;
    double begun = mica_log_clock(), begun_spending = mica_rounds_spent();
    do {
        mica_workload_pass(w);
        passes++;
        seconds = mica_log_clock() - begun;
    } while (seconds < ROUND_SECONDS);
    result->seconds[i] = seconds / (double)passes;
    result->spent[i] = (mica_rounds_spent() - begun_spending) / (double)passes;
    result->shares[i] = mica_workload_operations(w) / result->seconds[i] / ceiling;
}

static void warm_up(struct workload *w, struct result *result)
{
    for (size_t i = 0; i < 2; i++) {
        mica_workload_pass(w);
        result->losses[i] = mica_workload_loss(w);
    }
}

static void answer(const struct result *result)
{
    struct text line;
    mica_log_begin(&line);
    mica_log_number(&line, "ms", 1e3 * result->seconds[result->rounds - 1]);
    mica_log_number(&line, "processor_ms", 1e3 * result->spent[result->rounds - 1]);
    mica_log_number(&line, "percent", 100 * result->shares[result->rounds - 1]);
    mica_log_write(&line, stdout);
}

static void put_losses(struct text *line, const struct result *result)
{
    mica_log_number(line, "loss", result->losses[0]);
    mica_log_number(line, "loss_after_a_step", result->losses[1]);
}

/* A first line says that it is ready; rounds end with the input, or at the most there are. */
static void serve(struct workload *w, struct result *result)
{
    struct text line;
    mica_log_begin(&line);
    put_losses(&line, result);
    mica_log_write(&line, stdout);
    while (result->rounds < ROUNDS_MOST && mica_rounds_asked()) {
        take_round(w, result);
        answer(result);
    }
}

/* --- a line of results -------------------------------------------------------------- */

static const char *const mode_names[] = {"predict", "train"};

static void put_memory(struct text *line, const struct workload *w, size_t before)
{
    size_t peak = mica_memory_peak();
    mica_log_count(line, "peak_bytes", peak > before ? peak - before : 0);
    mica_log_count(line, "plan_bytes", mica_plan_size(w->plan));
}

static int print_result(const char *name, const struct workload *w,
                        struct result *result, size_t before, struct error *err)
{
    struct text line, input = {0};
    double seconds = mica_rounds_median(result->seconds, result->rounds);
    mica_text_add(&input, "%zux%zux%zu", w->in.h, w->in.w, w->in.c);
    mica_log_begin(&line);
    mica_log_text(&line, "what", name);
    mica_log_text(&line, "mode", mode_names[w->way.mode]);
    mica_log_count(&line, "parameters",
                   mica_weights_parameters(mica_tape_weights(w->tape)));
    mica_log_count(&line, "batch", w->in.n);
    mica_log_text(&line, "input", input.data);
    mica_log_text(&line, "precision", mica_type_words[w->way.precision]);
    mica_log_text(&line, "set", mica_kernels()->name);
    mica_log_count(&line, "threads", mica_parallel_threads());
    mica_log_count(&line, "rounds", result->rounds);
    mica_log_number(&line, "ms", 1e3 * seconds);
    mica_log_number(&line, "processor_ms",
                    1e3 * mica_rounds_median(result->spent, result->rounds));
    mica_log_number(&line, "images_per_s", (double)w->in.n / seconds);
    mica_log_number(&line, "gmac_per_image", 1e-9 * mica_workload_macs(w));
    mica_log_number(&line, "gflops", 1e-9 * mica_workload_operations(w) / seconds);
    mica_log_number(&line, "percent",
                    100 * mica_rounds_median(result->shares, result->rounds));
    if (before > 0)
        put_memory(&line, w, before);
    if (w->loss >= 0)
        put_losses(&line, result);
    mica_text_free(&input);
    return mica_log_write(&line, stdout)
               ? mica_fail(err, "the results cannot be written")
               : 0;
}

/* As many passes more, now with a clock at each step. */
static int measure_layers(struct workload *w, size_t passes, struct error *err)
{
    w->times = mica_layer_times_new(w->tape);
    for (size_t i = 0; i < passes; i++)
        mica_workload_pass(w);
    int status = mica_layer_times_print(w->times, passes, err);
    mica_layer_times_free(w->times);
    w->times = NULL;
    return status;
}

static int measure(const char *name, struct workload *w, const struct choice *choice,
                   size_t before, struct error *err)
{
    struct result result = {0};
    warm_up(w, &result);
    if (choice->serve)
        serve(w, &result);
    while (!choice->serve && result.rounds < choice->rounds)
        take_round(w, &result);
    if (result.rounds > 0 && print_result(name, w, &result, before, err))
        return -1;
    return choice->layers ? measure_layers(w, choice->rounds, err) : 0;
}

/* --- networks ----------------------------------------------------------------------- */

static int load(const char *path, struct weights *weights, struct error *err)
{
    struct safetensors *file = mica_safetensors_read(path, err);
    int status = file ? mica_weights_load(weights, file, path, NULL, err) : -1;
    mica_safetensors_free(file);
    return status;
}

struct trial {
    const struct net *net;
    struct shape in;
    const struct layer *loss; /* may be NULL: the usual one */
    size_t before;            /* bytes in memory at the start */
};

static int measure_mode(const struct trial *trial, enum workload_mode mode,
                        const struct choice *choice, struct error *err)
{
    struct weights *weights = mica_weights_new(mica_initializer_find("pytorch"), 1);
    struct workload w;
    const struct workload_way way = {
        mode, choice->recompute ? RECOMPUTE_MORE : RECOMPUTE_CHEAP,
        mode == WORKLOAD_TRAIN ? (enum type)choice->precision : TYPE_F32};
    int status =
        mica_workload_open(&w, trial->net, weights, trial->in, way, trial->loss, err);
    if (!status && choice->weights)
        status = load(choice->weights, weights, err);
    mica_memory_peak_forget(); /* the file of weights is gone */
    if (!status)
        status = measure(mica_net_name(trial->net), &w, choice, trial->before, err);
    mica_workload_close(&w);
    mica_weights_free(weights);
    return status;
}

/* Predictions come first: the peak of memory is the process's, and training takes more. */
static int measure_modes(const struct trial *trial, const struct choice *choice,
                         struct error *err)
{
    bool both = choice->train == choice->predict;
    if ((both || choice->predict) && measure_mode(trial, WORKLOAD_PREDICT, choice, err))
        return -1;
    return both || choice->train ? measure_mode(trial, WORKLOAD_TRAIN, choice, err) : 0;
}

static const struct layer *find_loss(const char *name, struct error *err)
{
    const struct layer *loss = mica_named_layer(name, err);
    if (loss && !loss->activation) {
        mica_misuse(err,
                    "mica bench: '%s' is a layer, not a loss; mica layers lists both",
                    name);
        return NULL;
    }
    return loss;
}

static int measure_net(const struct choice *choice, struct error *err)
{
    struct trial trial = {.before = mica_memory_resident()};
    size_t batch = choice->batch ? (size_t)choice->batch : 4;
    size_t size = choice->size ? (size_t)choice->size : 256;
    if (choice->loss && !(trial.loss = find_loss(choice->loss, err)))
        return -1;
    struct net *net = mica_named_net(choice->net, &choice->sets, err);
    if (!net)
        return -1;
    trial.net = net;
    trial.in = mica_net_input(net, batch, size, size);
    int status = measure_modes(&trial, choice, err);
    mica_net_free(net);
    return status;
}

static int measure_convolutions(const struct choice *choice, struct error *err)
{
    if (choice->weights || choice->loss || choice->sets.count || choice->batch ||
        choice->size || choice->train || choice->predict || choice->layers)
        return mica_misuse(
            err, "mica bench: all options but --rounds, --match, --precision, "
                 "--serve and --threads are about a NET; name one");
    return choice->serve
               ? mica_bench_convolution_serve(choice->match,
                                              (enum type)choice->precision, err)
               : mica_bench_convolutions((size_t)choice->rounds, choice->match,
                                         (enum type)choice->precision, err);
}

static int bench(const struct choice *choice, struct error *err)
{
    if (choice->net && choice->match)
        return mica_misuse(err, "mica bench: --match is about convolutions by "
                                "themselves; leave it or NET out");
    if (choice->net && choice->serve && choice->train == choice->predict)
        return mica_misuse(err,
                           "mica bench: --serve takes one of --train and --predict");
    return choice->net ? measure_net(choice, err) : measure_convolutions(choice, err);
}

static int run(int argc, char **argv)
{
    struct choice choice = {.rounds = 7};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = bench(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_bench = {
    .name = "bench",
    .summary =
        "how fast a network trains and predicts here, beside the machine's ceiling",
    .options = options,
    .details =
        "Prints a line of JSON for each mode: median ms of a pass, images a second,\n"
        "GFLOP/s as the direct method counts them (2 a MAC; training 6), per cent of\n"
        "the multiply-adds that the same threads do in registers, measured before\n"
        "each round; peak_bytes is what the process took beyond its start, plan_bytes\n"
        "what the plan has for activations and gradients. Images and labels are made\n"
        "up; two passes warm up.\n"
        "\n"
        "Without NET the convolutions of usual networks are measured, forward and\n"
        "backward to data and to weights, direct and by tiles (fft, winograd), beside "
        "the\n"
        "roofline: a pass takes at least its multiply-adds by the ceiling and its "
        "bytes\n"
        "by the bandwidth, both measured before each round. bound says which of the "
        "two\n"
        "is longer, roofline_percent what part of the time it is, rms_error how far "
        "the\n"
        "results are from sums in double precision.\n",
    .examples = "mica bench resunet.json --batch 4 --size 256\n"
                "mica bench resnet18.json --size 224 --batch 16 --train --threads 1\n"
                "mica bench --match 7x7 --threads 1\n"
                "mica bench >this-machine.jsonl\n",
    .run = run};

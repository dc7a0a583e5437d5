/* net.c - mica net: a network node by node, its size, what it sees, the memory it needs */
#include <string.h>

#include "apps/command.h"
#include "apps/named.h"
#include "apps/workload.h"
#include "core/memory.h"
#include "core/plan.h"
#include "nets/drawing.h"

struct choice {
    const char *file;
    struct words sets;
    uint64_t size, batch, level;
    int precision;
    bool recompute, dot, svg;
};

static const struct option options[] = {
    {"FILE", 0, ARGUMENT, offsetof(struct choice, file), NULL,
     "a network: a path, or one that comes with mica (resunet.json)"},
    {"set", 0, OPTION_LIST, offsetof(struct choice, sets), "NAME=VALUE",
     "a parameter of the network"},
    {"size", 0, OPTION_COUNT, offsetof(struct choice, size), "PIXELS",
     "rows and columns, where the network leaves them open [256]", .least = 1,
     .most = 65536},
    {"batch", 0, OPTION_COUNT, offsetof(struct choice, batch), "N",
     "samples that go through together [1]", .least = 1, .most = 65536},
    {"recompute", 0, OPTION_FLAG, offsetof(struct choice, recompute), NULL,
     "the memory of training with \"recompute\" in the recipe"},
    {"precision", 0, OPTION_CHOICE, offsetof(struct choice, precision), "TYPE",
     "the memory of training with values kept as this [fp32]",
     .choices = mica_type_words},
    {"dot", 0, OPTION_FLAG, offsetof(struct choice, dot), NULL,
     "a drawing for Graphviz instead, on the standard output"},
    {"svg", 0, OPTION_FLAG, offsetof(struct choice, svg), NULL,
     "a drawing as a picture instead, on the standard output"},
    {"level", 0, OPTION_COUNT, offsetof(struct choice, level), "N",
     "a drawing's boxes are nodes that agree in their first N ids [as fine as 72 boxes "
     "allow]",
     .least = 1, .most = 64},
    {0}};

enum { COLUMNS = 7, CELL = 64 };

struct row {
    char cells[COLUMNS][CELL];
};

struct table {
    struct row *rows;
    size_t count;
};

static void put(char *cell, const char *text)
{
    size_t length = strlen(text);
    if (length < CELL)
        memcpy(cell, text, length + 1);
    else /* the end of a path says more than its beginning */
        snprintf(cell, CELL, "...%s", text + length - CELL + 4);
}

static void put_shape(char *cell, const struct shape *s)
{
    if (s->h == 1 && s->w == 1)
        snprintf(cell, CELL, "%zu", s->c);
    else
        snprintf(cell, CELL, "%zu x %zu x %zu", s->h, s->w, s->c);
}

/* 1.81 G, 320 M, 9,216 */
static void put_large(char *cell, uint64_t number)
{
    static const struct {
        double unit;
        const char *name;
    } scales[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}};
    char count[32];
    put(cell, number == 0 ? "" : mica_text_count(count, number));
    for (size_t i = 3; i-- > 0;)
        if ((double)number >= scales[i].unit)
            snprintf(cell, CELL, "%.3g %s", (double)number / scales[i].unit,
                     scales[i].name);
}

static bool is_trained(const struct weight *weight)
{
    return !mica_weight_is_statistic(weight);
}

static size_t count_weights(const struct node *node, bool trained)
{
    size_t sum = 0;
    for (size_t i = 0; i < MICA_WEIGHTS_MAX && node->weights[i] != NULL; i++)
        if (is_trained(node->weights[i]) == trained)
            sum += node->weights[i]->count;
    return sum;
}

static double value_bytes(const struct node *node)
{
    return 4.0 * (double)mica_shape_size(node->out);
}

/* "relu, in conv1", "conv2d, fft 18 at 0.31": the pass that computes it when predicting, its way. */
static void put_type(char *cell, const struct tape *tape, size_t i, size_t into)
{
    const struct node *node = mica_tape_node(tape, i);
    const char *path = mica_tape_node(tape, into)->path, *dot = strrchr(path, '.');
    snprintf(cell, CELL, "%s%s%s%s%s", node->layer != NULL ? node->layer->name : "",
             node->how[0] ? ", " : "", node->how, into == i ? "" : ", in ",
             into == i     ? ""
             : dot != NULL ? dot + 1
                           : path);
}

static void fill_row(struct row *row, const struct tape *tape, size_t i, size_t into)
{
    const struct node *node = mica_tape_node(tape, i);
    struct text inputs = {0};
    char number[32];
    for (size_t k = 0; k < node->inputs; k++) {
        size_t source = (size_t)mica_tape_source(tape, i, k);
        mica_text_add(&inputs, "%s%s", k == 0 ? "" : " ",
                      mica_tape_node(tape, source)->path);
    }
    put(row->cells[0], node->path);
    put_type(row->cells[1], tape, i, into);
    put(row->cells[2], inputs.data != NULL ? inputs.data : "");
    put_shape(row->cells[3], &node->out);
    size_t parameters = count_weights(node, true);
    put(row->cells[4], parameters == 0 ? "" : mica_text_count(number, parameters));
    put_large(row->cells[5], node->macs);
    put(row->cells[6], mica_text_bytes(number, value_bytes(node)));
    mica_text_free(&inputs);
}

/* Words to the left, numbers to the right. */
static void print_table(const struct table *table)
{
    int widths[COLUMNS] = {0};
    for (size_t i = 0; i < table->count; i++)
        for (size_t k = 0; k < COLUMNS; k++) {
            int width = (int)strlen(table->rows[i].cells[k]);
            widths[k] = width > widths[k] ? width : widths[k];
        }
    for (size_t i = 0; i < table->count; i++) {
        for (size_t k = 0; k < COLUMNS; k++)
            printf("%s%*s", k == 0 ? "" : "  ", k < 4 ? -widths[k] : widths[k],
                   table->rows[i].cells[k]);
        puts("");
    }
}

static struct wanted wanted_of(const struct wiring *wiring, int *outputs, bool trains)
{
    for (size_t i = 0; i < wiring->count; i++)
        outputs[i] = wiring->outputs[i].node;
    return (struct wanted){.outputs = outputs,
                           .output_count = wiring->count,
                           .loss = trains ? outputs[0] : -1};
}

static size_t count_fused(const int *into, size_t count)
{
    size_t fused = 0;
    for (size_t i = 0; i < count; i++)
        fused += into[i] != (int)i;
    return fused;
}

static void print_fusion(const struct tape *tape, const struct wiring *wiring)
{
    const size_t count = mica_tape_count(tape);
    int outputs[MICA_OUTPUTS_MAX], *into = mica_need(count, sizeof *into);
    const struct wanted predicts = wanted_of(wiring, outputs, false);
    const struct wanted trains = wanted_of(wiring, outputs, true);
    mica_plan_fusion(tape, &predicts, into);
    const size_t fused = count_fused(into, count);
    mica_plan_fusion(tape, &trains, into);
    printf("%zu of %zu nodes are computed by the pass of one before them when "
           "predicting, %zu when training\n",
           fused, count - 1, count_fused(into, count));
    mica_free(into);
}

static void print_nodes(const struct tape *tape, const struct wiring *wiring)
{
    int outputs[MICA_OUTPUTS_MAX];
    int *into = mica_need(mica_tape_count(tape), sizeof *into);
    const struct wanted wanted = wanted_of(wiring, outputs, false);
    static const struct row head = {
        {"node", "type", "reads", "output", "parameters", "MACs", "bytes"}};
    struct table table = {.count = mica_tape_count(tape) + 1};
    table.rows = mica_need(table.count, sizeof *table.rows);
    table.rows[0] = head;
    mica_plan_fusion(tape, &wanted, into);
    for (size_t i = 0; i + 1 < table.count; i++)
        fill_row(&table.rows[i + 1], tape, i, (size_t)into[i]);
    print_table(&table);
    mica_free(into);
    mica_free(table.rows);
}

static void print_totals(const struct tape *tape)
{
    size_t parameters = 0, statistics = 0;
    uint64_t macs = 0;
    double bytes = 0;
    char text[4][CELL];
    for (size_t i = 0; i < mica_tape_count(tape); i++) {
        const struct node *node = mica_tape_node(tape, i);
        parameters += count_weights(node, true);
        statistics += count_weights(node, false);
        macs += node->macs;
        bytes += value_bytes(node);
    }
    put_large(text[3], macs);
    printf("\n%s parameters (%s), %s running statistics\n",
           mica_text_count(text[0], parameters),
           mica_text_bytes(text[1], 4.0 * (double)parameters),
           statistics == 0 ? "no" : mica_text_count(text[2], statistics));
    printf("%s multiply-adds a sample, %s in all outputs of nodes\n", text[3],
           mica_text_bytes(text[0], bytes));
}

/* Why convolutions go the way they do. */
static void print_ways(const struct tape *tape)
{
    size_t ways = 0;
    for (size_t i = 0; i < mica_tape_count(tape); i++)
        ways += mica_tape_node(tape, i)->how[0] != 0;
    if (ways)
        printf(
            "fft or winograd N at F: transforms of N x N pixels, foretold to take F of "
            "the direct way's time\n");
}

static void print_reach(const struct reach *reach, const struct tape *tape)
{
    struct shape in = mica_tape_node(tape, 0)->out;
    if (in.h == 1 && in.w == 1)
        return;
    if (reach->global >= 0)
        printf("each output sees the whole image\n");
    else
        printf("an output sees %.0f x %.0f pixels of the input\n",
               reach->before + reach->after + 1, reach->before + reach->after + 1);
    if (reach->global < 0 && in.h > 1 && reach->multiple > 1)
        printf("rows and columns are multiples of %zu\n", reach->multiple);
}

/* 666 MB, 1.03 GB: whether it fits may hang on little */
static void put_bytes(char *cell, size_t bytes)
{
    mica_text_bytes(cell, (double)bytes);
    if (bytes >= 1000000000)
        snprintf(cell, CELL, "%.2f GB", 1e-9 * (double)bytes);
}

static void print_memory(const struct net *net, struct shape in,
                         const struct choice *choice)
{
    static const char *const names[] = {"to predict", "to train by adam"};
    printf("memory for %zu sample%s of %zu x %zu x %zu", in.n, in.n == 1 ? "" : "s",
           in.h, in.w, in.c);
    for (enum workload_mode mode = WORKLOAD_PREDICT; mode <= WORKLOAD_TRAIN; mode++) {
        struct workload_memory memory;
        struct error none = {0};
        char all[CELL], plan[CELL];
        const struct workload_way way = {
            mode, choice->recompute ? RECOMPUTE_MORE : RECOMPUTE_CHEAP,
            (enum type)choice->precision};
        if (mica_workload_memory(net, in, way, &memory, &none))
            continue; /* not what the usual losses learn */
        put_bytes(all, memory.all);
        put_bytes(plan, memory.plan);
        printf("%s %s %s (%s of values)", mode == WORKLOAD_PREDICT ? ":" : ",", all,
               names[mode], plan);
    }
    puts("");
}

static void print_drawing(const struct net *net, const struct tape *tape,
                          const struct wiring *wiring, const struct choice *choice)
{
    struct text text = {0};
    struct drawing *drawing =
        mica_drawing_new(net, tape, wiring, (size_t)choice->level);
    (choice->dot ? mica_drawing_dot : mica_drawing_svg)(drawing, &text);
    fputs(text.data, stdout);
    mica_text_free(&text);
    mica_drawing_free(drawing);
}

/* A U-Net's halves fit only where the size can be halved often enough. */
static int check_multiple(const struct net *net, const struct reach *reach, size_t size,
                          struct error *err)
{
    struct shape is = mica_net_input(net, 1, size, size);
    size_t m = reach->multiple;
    bool fits = (is.h == 1 || is.h % m == 0) && (is.w == 1 || is.w % m == 0);
    if (reach->global >= 0 || fits)
        return 0;
    return mica_misuse(err,
                       "rows and columns of %s are multiples of %zu, not %zu; try "
                       "--size %zu",
                       mica_net_name(net), m, size, (size / m + 1) * m);
}

static int print_net(const struct net *net, const struct choice *choice,
                     struct error *err)
{
    struct reach reach;
    struct wiring wiring;
    if (mica_net_reach(net, &reach, err) != 0 ||
        check_multiple(net, &reach, (size_t)choice->size, err) != 0)
        return -1;
    struct shape shape = mica_net_input(net, (size_t)choice->batch,
                                        (size_t)choice->size, (size_t)choice->size);
    struct weights *weights = mica_weights_outline();
    struct tape *tape = mica_tape_new(weights);
    int input = mica_tape_input(tape, "input", shape);
    int result = mica_net_record(net, tape, input, &wiring, err);
    if (result == 0 && (choice->dot || choice->svg)) {
        print_drawing(net, tape, &wiring, choice);
    } else if (result == 0) {
        print_nodes(tape, &wiring);
        print_totals(tape);
        print_ways(tape);
        print_fusion(tape, &wiring);
        print_reach(&reach, tape);
        print_memory(net, shape, choice);
    }
    mica_tape_free(tape);
    mica_weights_free(weights);
    return result;
}

static int show(const struct choice *choice, struct error *err)
{
    if (choice->dot && choice->svg)
        return mica_misuse(err, "mica net: --dot and --svg are two drawings; ask for "
                                "one at a time");
    struct net *net = mica_named_net(choice->file, &choice->sets, err);
    int result = net == NULL ? -1 : print_net(net, choice, err);
    mica_net_free(net);
    return result;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.size = 256, .batch = 1};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = show(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_net = {
    .name = "net",
    .summary = "a network node by node, its size, what it sees, the memory it needs",
    .options = options,
    .details = "Parameters are what training changes; running statistics are those of "
               "batch\nnormalisation. A MAC is a multiplication and an addition. \"in "
               "conv1\": computed by\nthe pass of conv1 when predicting.\n",
    .examples = "mica net resunet.json\n"
                "mica net resunet.json --svg >resunet.svg\n"
                "mica net resnet18.json --size 224 --dot | dot -Tpdf >resnet18.pdf\n"
                "mica net resunet.json --set width=16 --set classes=2 --size 512\n",
    .run = run};

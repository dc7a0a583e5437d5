/* layers.c - mica layers: the layers and losses there are, and what recipes name beside
   them: what each can do */
#include <string.h>

#include "apps/command.h"
#include "apps/named.h"
#include "core/initialize.h"
#include "optim/optim.h"

struct choice {
    const char *name;
};

static const struct option options[] = {
    {"NAME", 0, ARGUMENT_MAYBE, offsetof(struct choice, name), NULL,
     "a layer, a loss, an optimiser, ...; all of them where it is left out"},
    {0}};

/* A loss turns logits into its prediction by itself. */
static bool is_loss(const struct layer *layer) { return layer->activation != NULL; }

static void print_list(const char *title, bool losses)
{
    const struct layer *layer;
    printf("%s\n", title);
    for (size_t i = 0; (layer = mica_layer(i)) != NULL; i++)
        if (is_loss(layer) == losses)
            printf("  %-20s %s\n", layer->name, layer->summary);
}

static void print_shape(const struct shape *s)
{
    printf("%zu x %zu x %zu x %zu", s->n, s->h, s->w, s->c);
}

static void print_example(const struct layer *layer, const struct example *example)
{
    size_t inputs = 0;
    while (inputs < MICA_INPUTS_MAX && example->in[inputs].n > 0)
        inputs++;
    if (layer->inputs == 0 || is_loss(layer))
        printf("  %s", example->json);
    else
        printf("  { \"%s\": %s }", layer->name, example->json);
    for (size_t k = 0; k < inputs; k++) {
        printf("%s", k == 0 ? "  of " : " and ");
        print_shape(&example->in[k]);
    }
    puts(example->labels ? " (classes)" : "");
}

static void print_use(const struct layer *layer)
{
    const char *name = layer->name;
    const struct param *main = layer->params;
    if (is_loss(layer) && strcmp(layer->activation, "identity") == 0)
        printf("in a recipe: \"loss\": { \"%s\": {} }; what the network ends in is the "
               "prediction\n",
               name);
    else if (is_loss(layer))
        printf("in a recipe: \"loss\": { \"%s\": {} }; the network ends in logits, and "
               "%s turns them into a prediction\n",
               name, layer->activation);
    else if (layer->inputs == 0)
        printf("in a network: { \"%s\": [\"@prev\", \"ID\"] }\n", name);
    else if (main != NULL && main->name != NULL)
        printf("in a network: { \"%s\": %s }\n", name, main->name);
    else
        printf("in a network: \"%s\"\n", name);
}

static void print_layer(const struct layer *layer)
{
    printf("%s - %s\n\n  %s\n\n", layer->name, layer->summary, layer->equation);
    print_use(layer);
    if (layer->params != NULL && layer->params->name != NULL) {
        printf("\n");
        mica_param_describe(layer->params, stdout);
    }
    printf("\nexamples (samples x rows x columns x channels):\n");
    for (const struct example *e = layer->examples; e && e->json != NULL; e++)
        print_example(layer, e);
}

/* ---- what else recipes name ---- */

/* A member of another registry. */
struct member {
    const char *name, *summary, *equation;
    const struct param *params;
};

static struct member optimizer_at(size_t i)
{
    const struct optimizer *o = mica_optimizer(i);
    return o ? (struct member){o->name, o->summary, o->equation, o->params}
             : (struct member){0};
}

static struct member schedule_at(size_t i)
{
    const struct schedule *s = mica_schedule(i);
    return s ? (struct member){s->name, s->summary, s->equation, s->params}
             : (struct member){0};
}

static struct member scheme_at(size_t i)
{
    const struct initializer *how = mica_initializer(i);
    return how ? (struct member){how->name, how->summary, NULL, how->params}
               : (struct member){0};
}

static const struct kind {
    const char *title, *section, *key;
    struct member (*at)(size_t i); /* no name at the end */
} kinds[] = {{"optimisers", "train", "optimizer", optimizer_at},
             {"schedules", "train", "schedule", schedule_at},
             {"first weights", "init", "scheme", scheme_at}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void print_kind(const struct kind *kind)
{
    printf("\n%s\n", kind->title);
    for (size_t i = 0; kind->at(i).name != NULL; i++)
        printf("  %-20s %s\n", kind->at(i).name, kind->at(i).summary);
}

static void print_member(const struct kind *kind, const struct member *m)
{
    printf("%s - %s\n\n", m->name, m->summary);
    if (m->equation != NULL)
        printf("  %s\n\n", m->equation);
    printf("in a recipe: \"%s\": { \"%s\": { \"%s\": {} } }\n", kind->section,
           kind->key, m->name);
    if (m->params != NULL && m->params->name != NULL) {
        printf("\n");
        mica_param_describe(m->params, stdout);
    }
}

static bool show_member(const char *name)
{
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; kinds[k].at(i).name != NULL; i++) {
            struct member member = kinds[k].at(i);
            if (strcmp(member.name, name) != 0)
                continue;
            print_member(&kinds[k], &member);
            return true;
        }
    return false;
}

static int show(const struct choice *choice, struct error *err)
{
    if (choice->name == NULL) {
        print_list("layers", false);
        print_list("\nlosses", true);
        for (size_t k = 0; k < KINDS; k++)
            print_kind(&kinds[k]);
        printf("\nmica layers NAME: the parameters of one\n");
        return 0;
    }
    if (show_member(choice->name))
        return 0;
    const struct layer *layer = mica_named_layer(choice->name, err);
    if (layer == NULL)
        return -1;
    print_layer(layer);
    return 0;
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = show(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_layers = {
    .name = "layers",
    .summary =
        "the layers, losses, optimisers, ... there are; one with its equation and "
        "parameters",
    .options = options,
    .examples = "mica layers\nmica layers conv2d\nmica layers adam\n",
    .run = run};

/* weigh.c - the smallest layer with a weight, for tests */
#include "tests/core/weigh.h"

static size_t size_of(const struct tensor *t) { return mica_shape_size(t->shape); }

static void put(float *to, float value, bool add) { *to = add ? *to + value : value; }

static int weigh_setup(struct node *node, struct error *err)
{
    node->weights[0] =
        mica_node_weight(node, "weight", WEIGHT_SCALE, 1, (size_t[]){1}, 1, 1, err);
    return node->weights[0] ? 0 : -1;
}

static void weigh_forward(const struct node *node, const struct pass *pass)
{
    const float *x = pass->x[0].data;
    for (size_t i = 0; i < size_of(&pass->y); i++)
        ((float *)pass->y.data)[i] = node->weights[0]->value[0] * x[i];
}

static void weigh_backward(const struct node *node, const struct pass *pass)
{
    const float *dy = pass->dy.data, *x = pass->x[0].data;
    double sum = 0;
    for (size_t i = 0; i < size_of(&pass->dy); i++) {
        sum += (double)dy[i] * (double)x[i];
        if (pass->dx[0].data)
            put((float *)pass->dx[0].data + i, node->weights[0]->value[0] * dy[i],
                pass->add[0]);
    }
    put(node->weights[0]->gradient, (float)sum, pass->add_weights);
}

const struct layer weigh = {.name = "weigh",
                            .inputs = 1,
                            .keeps_input = true,
                            .setup = weigh_setup,
                            .forward = weigh_forward,
                            .backward = weigh_backward};

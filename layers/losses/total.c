/* total.c - a weighted sum of losses */
#include "layers/losses/total.h"

#include "layers/layers.h"

static int setup(struct node *node, struct error *err)
{
    (void)err;
    node->out = (struct shape){1, 1, 1, 1};
    node->field.global = true;
    return 0;
}

static void forward(const struct node *node, const struct pass *pass)
{
    const struct total *total = node->params;
    double sum = 0;
    for (size_t k = 0; k < node->inputs; k++)
        sum += total->weights[k] * (double)*mica_tensor_at(&pass->x[k], 0, 0);
    *mica_tensor_at(&pass->y, 0, 0) = (float)sum;
}

static void backward(const struct node *node, const struct pass *pass)
{
    const struct total *total = node->params;
    double upstream = (double)*mica_tensor_at(&pass->dy, 0, 0);
    for (size_t k = 0; k < node->inputs; k++)
        if (pass->dx[k].data)
            mica_layer_put(mica_tensor_at(&pass->dx[k], 0, 0),
                           (float)(total->weights[k] * upstream), pass->add[k]);
}

const struct layer mica_losses_total = {.name = "total",
                                        .summary = "a weighted sum of losses",
                                        .equation = "sum_k weight[k] loss[k]",
                                        .params_size = sizeof(struct total),
                                        .setup = setup,
                                        .forward = forward,
                                        .backward = backward};

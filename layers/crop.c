/* crop.c - pixels taken off the sides of an image */
#include "layers/frame.h"

static const struct param params[] = {
    {"margin", PARAM_INT, offsetof(struct sides, margin), 0, 0, 65536,
     "pixels taken off every side"},
    {"top", PARAM_INT, offsetof(struct sides, top), -1, -1, 65536,
     "rows taken off the top; -1: as the margin"},
    {"bottom", PARAM_INT, offsetof(struct sides, bottom), -1, -1, 65536,
     "rows taken off the bottom; -1: as the margin"},
    {"left", PARAM_INT, offsetof(struct sides, left), -1, -1, 65536,
     "columns taken off the left; -1: as the margin"},
    {"right", PARAM_INT, offsetof(struct sides, right), -1, -1, 65536,
     "columns taken off the right; -1: as the margin"},
    {0}};

static int setup(struct node *node, struct error *err)
{
    struct sides s = mica_frame_sides(node->params);
    struct shape in = node->in[0];
    size_t rows = (size_t)(s.top + s.bottom), columns = (size_t)(s.left + s.right);
    if (rows >= in.h || columns >= in.w)
        return mica_misuse(
            err,
            "crop: %zu rows and %zu columns taken off leave nothing of an "
            "image of %zu x %zu; take off fewer",
            rows, columns, in.h, in.w);
    node->out.h -= rows;
    node->out.w -= columns;
    int least = s.top < s.left ? s.top : s.left, most = s.top > s.left ? s.top : s.left;
    node->field = (struct field){1, -least, most, false};
    return 0;
}

static struct frame frame_of(const struct node *node)
{
    struct sides s = mica_frame_sides(node->params);
    return (struct frame){-s.top, -s.left, EDGE_ZERO};
}

static const struct framing work = {frame_of};

static const struct example examples[] = {
    {"{\"margin\": 1}", {{2, 4, 5, 3}}},
    {"{\"margin\": 2, \"bottom\": 0, \"right\": 1}", {{2, 4, 5, 3}}},
    {0}};

const struct layer mica_layer_crop = {
    .name = "crop",
    .summary = "takes pixels off the sides of an image",
    .equation = "y[i, j, c] = x[i + top, j + left, c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct sides),
    .setup = setup,
    .cheap = true,
    .forward = mica_frame_forward,
    .backward = mica_frame_backward,
    .work = &work,
    .examples = examples};

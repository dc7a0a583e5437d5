/* pad.c - pixels put around an image */
#include "layers/frame.h"

struct pad {
    struct sides sides;
    int mode;
};

static const char *const modes[] = {"zero", "reflect", "replicate", NULL};

static const struct param params[] = {
    {"margin", PARAM_INT, offsetof(struct pad, sides.margin), 0, 0, 65536,
     "pixels put on every side"},
    {"top", PARAM_INT, offsetof(struct pad, sides.top), -1, -1, 65536,
     "rows put at the top; -1: as the margin"},
    {"bottom", PARAM_INT, offsetof(struct pad, sides.bottom), -1, -1, 65536,
     "rows put at the bottom; -1: as the margin"},
    {"left", PARAM_INT, offsetof(struct pad, sides.left), -1, -1, 65536,
     "columns put on the left; -1: as the margin"},
    {"right", PARAM_INT, offsetof(struct pad, sides.right), -1, -1, 65536,
     "columns put on the right; -1: as the margin"},
    {"mode", PARAM_CHOICE, offsetof(struct pad, mode), EDGE_ZERO, 0, 2,
     "0, the image mirrored (its outermost pixels not repeated), or the outermost "
     "pixels",
     modes},
    {0}};

static int larger(int a, int b) { return a > b ? a : b; }

/* Mirrored, output i is input top - i near the start and i - top - 2 r near the end. */
static struct field field_of(const struct pad *p, const struct sides *s)
{
    int before = larger(s->top, s->left), after = larger(-s->top, -s->left);
    int end = larger(s->top + s->bottom, s->left + s->right);
    if (p->mode == EDGE_REPLICATE)
        return (struct field){1, end, 0, false};
    if (p->mode == EDGE_REFLECT)
        return (struct field){1, larger(s->top + 2 * s->bottom, s->left + 2 * s->right),
                              before, false};
    return (struct field){1, before, after, false};
}

static int setup(struct node *node, struct error *err)
{
    const struct pad *p = node->params;
    struct sides s = mica_frame_sides(&p->sides);
    struct shape in = node->in[0];
    int rows = larger(s.top, s.bottom), columns = larger(s.left, s.right);
    if (p->mode == EDGE_REFLECT && ((size_t)rows >= in.h || (size_t)columns >= in.w))
        return mica_misuse(
            err,
            "pad: an image of %zu x %zu cannot be mirrored by %d rows and "
            "%d columns; give fewer than it has or \"mode\": "
            "\"replicate\"",
            in.h, in.w, rows, columns);
    node->out.h += (size_t)(s.top + s.bottom);
    node->out.w += (size_t)(s.left + s.right);
    node->field = field_of(p, &s);
    return 0;
}

static struct frame frame_of(const struct node *node)
{
    const struct pad *p = node->params;
    struct sides s = mica_frame_sides(&p->sides);
    return (struct frame){s.top, s.left, (enum edge)p->mode};
}

static const struct framing work = {frame_of};

static const struct example examples[] = {
    {"{\"margin\": 2}", {{2, 3, 5, 4}}},
    {"{\"margin\": 2, \"mode\": \"reflect\"}", {{2, 3, 4, 3}}},
    {"{\"margin\": 1, \"bottom\": 3, \"mode\": \"replicate\"}", {{2, 2, 3, 3}}},
    {0}};

const struct layer mica_layer_pad = {
    .name = "pad",
    .summary = "puts pixels around an image",
    .equation = "y[i, j, c] = x[i - top, j - left, c], outside as `mode` says",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct pad),
    .setup = setup,
    .cheap = true,
    .forward = mica_frame_forward,
    .backward = mica_frame_backward,
    .work = &work,
    .examples = examples};

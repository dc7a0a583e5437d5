/* convolution_truth.c - single numbers of convolutions, summed in double precision

   As the equation in core/conv.h has it, tap by tap: y[i, j, o] sees x[i stride + u - top,
   j stride + v - left, c] through w[o, c, u, v]. */
#include "apps/convolution_truth.h"

/* A place of a tensor: image, row, column, channel. */
struct place {
    size_t n, row, column, channel;
};

static struct place place_of(size_t i, size_t h, size_t w, size_t c)
{
    return (struct place){i / (h * w * c), i / (w * c) % h, i / c % w, i % c};
}

static const float *pixel(const struct tensor *t, size_t n, size_t row, size_t column)
{
    return mica_tensor_at(t, n, row * t->shape.w + column);
}

/* The tap, O I H W. */
static double tap(const struct conv *conv, const float *weights, size_t o, size_t c,
                  size_t u, size_t v)
{
    return (double)
        weights[((o * conv->in_c + c) * conv->kernel_h + u) * conv->kernel_w + v];
}

double mica_convolution_output(const struct conv *conv, const struct tensor *x,
                               const float *weights, size_t i)
{
    const struct place at = place_of(i, conv->out_h, conv->out_w, conv->out_c);
    double sum = 0;
    for (size_t u = 0; u < conv->kernel_h; u++)
        for (size_t v = 0; v < conv->kernel_w; v++) {
            const size_t row = at.row * conv->stride + u - conv->top;
            const size_t column = at.column * conv->stride + v - conv->left;
            if (row >= conv->in_h || column >= conv->in_w) /* below 0 wraps round */
                continue;
            const float *from = pixel(x, at.n, row, column);
            for (size_t c = 0; c < conv->in_c; c++)
                sum += (double)from[c] * tap(conv, weights, at.channel, c, u, v);
        }
    return sum;
}

double mica_convolution_input_gradient(const struct conv *conv, const struct tensor *dy,
                                       const float *weights, size_t i)
{
    const struct place at = place_of(i, conv->in_h, conv->in_w, conv->in_c);
    const size_t stride = conv->stride;
    double sum = 0;
    for (size_t u = 0; u < conv->kernel_h; u++)
        for (size_t v = 0; v < conv->kernel_w; v++) {
            const size_t row = at.row + conv->top, column = at.column + conv->left;
            if (row < u || column < v || (row - u) % stride || (column - v) % stride ||
                (row - u) / stride >= conv->out_h ||
                (column - v) / stride >= conv->out_w)
                continue;
            const float *from =
                pixel(dy, at.n, (row - u) / stride, (column - v) / stride);
            for (size_t o = 0; o < conv->out_c; o++)
                sum += (double)from[o] * tap(conv, weights, o, at.channel, u, v);
        }
    return sum;
}

double mica_convolution_weight_gradient(const struct conv *conv, const struct tensor *x,
                                        const struct tensor *dy, size_t i)
{
    const size_t v = i % conv->kernel_w, u = i / conv->kernel_w % conv->kernel_h;
    const size_t c = i / (conv->kernel_w * conv->kernel_h) % conv->in_c;
    const size_t o = i / (conv->kernel_w * conv->kernel_h) / conv->in_c;
    double sum = 0;
    for (size_t n = 0; n < x->shape.n; n++)
        for (size_t y = 0; y < conv->out_h; y++)
            for (size_t z = 0; z < conv->out_w; z++) {
                const size_t row = y * conv->stride + u - conv->top;
                const size_t column = z * conv->stride + v - conv->left;
                if (row < conv->in_h && column < conv->in_w)
                    sum += (double)pixel(x, n, row, column)[c] *
                           (double)pixel(dy, n, y, z)[o];
            }
    return sum;
}

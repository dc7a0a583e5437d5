/* tiling.c - a large image in windows of one size that overlap */
#include "apps/tiling.h"

static size_t round_up(size_t a, size_t unit) { return (a + unit - 1) / unit * unit; }
static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Along one axis: tiles of at most `side`, made equal. With two, each has the image's edge
   on one side; with more, those in the middle need the halo on both. */
static size_t cut(const struct tiling *t, size_t size, size_t side, size_t *tile,
                  size_t *window)
{
    size_t count = (size + side - 1) / side;
    *tile = round_up((size + count - 1) / count, t->multiple);
    count = (size + *tile - 1) / *tile;
    size_t halos = count < 3 ? count - 1 : 2;
    *window = least(size, *tile + halos * t->halo);
    return count;
}

static void cut_both(struct tiling *t, size_t side)
{
    t->rows = cut(t, t->height, side, &t->tile[0], &t->window[0]);
    t->columns = cut(t, t->width, side, &t->tile[1], &t->window[1]);
}

struct tiling mica_tiling_whole(size_t height, size_t width)
{
    return (struct tiling){.height = height,
                           .width = width,
                           .multiple = 1,
                           .tile = {height, width},
                           .window = {height, width},
                           .rows = 1,
                           .columns = 1};
}

bool mica_tiling_choose(struct tiling *tiling, size_t height, size_t width,
                        size_t multiple, size_t halo, mica_window_fits *fits,
                        void *context)
{
    *tiling = (struct tiling){.height = height, .width = width, .multiple = multiple};
    tiling->halo = round_up(halo, multiple);
    size_t longer = height > width ? height : width, most = longer / multiple;
    /* each trial costs a recording of the network: of many tiles, not every number */
    for (size_t count = 1; count <= most; count += 1 + count / 16) {
        cut_both(tiling, round_up((longer + count - 1) / count, multiple));
        if (fits(context, tiling->window[0], tiling->window[1]))
            return true;
    }
    cut_both(tiling, multiple);
    return fits(context, tiling->window[0], tiling->window[1]);
}

size_t mica_tiling_count(const struct tiling *tiling)
{
    return tiling->rows * tiling->columns;
}

/* A window begins a halo before its tile, moved so that it lies in the image. */
static size_t window_at(size_t tile, size_t halo, size_t window, size_t size)
{
    size_t from = tile > halo ? tile - halo : 0;
    return least(from, size - window);
}

struct tile mica_tiling_at(const struct tiling *t, size_t i)
{
    struct tile tile = {.y = i / t->columns * t->tile[0],
                        .x = i % t->columns * t->tile[1]};
    tile.height = least(t->tile[0], t->height - tile.y);
    tile.width = least(t->tile[1], t->width - tile.x);
    tile.window_y = window_at(tile.y, t->halo, t->window[0], t->height);
    tile.window_x = window_at(tile.x, t->halo, t->window[1], t->width);
    return tile;
}

double mica_tiling_work(const struct tiling *t)
{
    return (double)(t->rows * t->columns) * (double)(t->window[0] * t->window[1]) /
           (double)(t->height * t->width);
}

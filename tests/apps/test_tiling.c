/* test_tiling.c - tiles cover the image once and see what they need */
#include <stdint.h>
#include <string.h>

#include "apps/tiling.h"
#include "tests/test.h"

struct limit {
    size_t pixels;
};

static bool fits(void *context, size_t height, size_t width)
{
    const struct limit *limit = context;
    return height * width <= limit->pixels;
}

/* Each pixel is in one tile; a tile's window holds its halo wherever the image does. */
static void check(const struct tiling *t)
{
    static uint8_t met[256][256];
    memset(met, 0, sizeof met);
    for (size_t i = 0; i < mica_tiling_count(t); i++) {
        struct tile tile = mica_tiling_at(t, i);
        size_t bottom = tile.y + tile.height, right = tile.x + tile.width;
        assert_int_equal(tile.window_y % t->multiple, 0);
        assert_int_equal(tile.window_x % t->multiple, 0);
        assert_true(tile.window_y == 0 || tile.window_y + t->halo <= tile.y);
        assert_true(tile.window_x == 0 || tile.window_x + t->halo <= tile.x);
        size_t end_y = tile.window_y + t->window[0],
               end_x = tile.window_x + t->window[1];
        assert_true(end_y == t->height || end_y >= bottom + t->halo);
        assert_true(end_x == t->width || end_x >= right + t->halo);
        assert_true(end_y <= t->height && end_x <= t->width);
        for (size_t y = tile.y; y < bottom; y++)
            for (size_t x = tile.x; x < right; x++)
                met[y][x]++;
    }
    for (size_t y = 0; y < t->height; y++)
        for (size_t x = 0; x < t->width; x++)
            assert_int_equal(met[y][x], 1);
}

TEST(tiles_cover_an_image_once_with_their_halos)
{
    static const size_t sizes[][2] = {{256, 256}, {64, 256}, {256, 16}, {208, 112}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t halo = 0; halo < 70; halo += 23)
            for (size_t pixels = 60000; pixels > 300; pixels = pixels * 3 / 4) {
                struct tiling t;
                struct limit limit = {pixels};
                if (!mica_tiling_choose(&t, sizes[i][0], sizes[i][1], 16, halo, fits,
                                        &limit))
                    break;
                assert_true(t.window[0] * t.window[1] <= pixels);
                check(&t);
            }
}

TEST(an_image_that_fits_is_one_tile)
{
    struct tiling t;
    struct limit limit = {64 * 96};
    assert_true(mica_tiling_choose(&t, 64, 96, 16, 50, fits, &limit));
    assert_int_equal(mica_tiling_count(&t), 1);
    assert_near(mica_tiling_work(&t), 1, 0);
    t = mica_tiling_whole(64, 96);
    assert_int_equal(mica_tiling_count(&t), 1);
    check(&t);
}

TEST(the_smallest_tiling_is_told_where_nothing_fits)
{
    struct tiling t;
    struct limit limit = {10};
    assert_false(mica_tiling_choose(&t, 64, 96, 16, 20, fits, &limit));
    assert_int_equal(t.tile[0], 16);
    assert_int_equal(t.halo, 32);
}

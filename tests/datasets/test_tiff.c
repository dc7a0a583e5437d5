/* test_tiff.c - TIFF files of other programs are read, with their calibration */
#include "core/file.h"
#include "datasets/formats/tiff.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/formats/"

static void need_libtiff(void)
{
    if (!MICA_HAVE_TIFF)
        SKIP("mica is built without libtiff");
}

TEST(tiff_numbers_of_every_type_are_read)
{
    need_libtiff();
    static const struct {
        const char *name;
        double scale, offset;
        int bits;
        bool whole;
    } cases[] = {{"u1", 1, 0, 8, true},         {"u2", 257, 0, 16, true},
                 {"u4", 65536, 0, 32, true},    {"i1", 1, -125, 8, true},
                 {"i2", 257, -32000, 16, true}, {"i4", 65536, -65536, 32, true},
                 {"f2", 0.25, -3, 16, false},   {"f4", 0.25, -3, 32, false},
                 {"f8", 0.25, -3, 64, false},   {"packed12", 1, 0, 16, true},
                 {"fei", 257, 0, 16, true},     {"dpi", 257, 0, 16, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s.tif", cases[i].name);
        struct image image = read_image(path);
        assert_pattern(&image, 1, 5, 7, 1, cases[i].scale, cases[i].offset);
        assert_int_equal(image.bits, cases[i].bits);
        assert_int_equal(image.whole, cases[i].whole);
        mica_image_free(&image);
    }
}

TEST(tiff_layouts_do_not_matter)
{
    need_libtiff();
    static const struct {
        const char *name;
        size_t channels;
        double scale;
    } cases[] = {
        {"big_endian", 1, 257}, {"bigtiff", 1, 257},    {"strips", 1, 257},
        {"tiles", 1, 257},      {"deflate", 1, 257},    {"lzw", 1, 1},
        {"rgb", 3, 257},        {"rgb_planes", 3, 257}, {"rgb_tiled_planes", 3, 257},
        {"rgba", 3, 257}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s.tif", cases[i].name);
        struct image image = read_image(path);
        assert_pattern(&image, 1, 21, 37, cases[i].channels, cases[i].scale, 0);
        mica_image_free(&image);
    }
}

TEST(tiff_jpeg_colours_are_rgb)
{
    need_libtiff();
    static const float wanted[3] = {200, 120, 40};
    struct image image = read_image(GOLDEN "jpeg.tif");
    assert_int_equal(image.channels, 3);
    for (size_t i = 0; i < 768; i++)
        assert_near(image.data[i], wanted[i % 3], 4);
    mica_image_free(&image);
}

TEST(tiff_indices_and_masks_stay_classes)
{
    need_libtiff();
    struct image image = read_image(GOLDEN "indexed8.tif");
    assert_int_equal(image.colours, 256);
    assert_int_equal(image.palette[1][0], 230);
    assert_int_equal(image.palette[2][2], 233);
    struct image mask = read_image(GOLDEN "mask1.tif");
    for (size_t p = 0; p < 35; p++) {
        int value = pattern_value(0, p / 7, p % 7, 0);
        assert_near(image.data[p], value % 3, 0);
        assert_near(mask.data[p], value > 40, 0);
    }
    mica_image_free(&mask);
    mica_image_free(&image);
}

TEST(tiff_stacks_of_imagej_carry_pixel_and_time)
{
    need_libtiff();
    struct image image = read_image(GOLDEN "imagej_stack.tif");
    assert_pattern(&image, 4, 5, 7, 1, 257, 0);
    assert_near(image.pixel[0], 0.24, 1e-12);
    assert_near(image.pixel[1], 0.12, 1e-12);
    assert_near(image.frame_time, 5e5, 1e-6);
    mica_image_free(&image);
}

TEST(tiff_channels_that_are_pages_become_channels)
{
    need_libtiff();
    struct image image = read_image(GOLDEN "imagej_channels.tif");
    assert_pattern(&image, 3, 5, 7, 2, 1, 0);
    mica_image_free(&image);
    image = read_image(GOLDEN "ome.tif");
    assert_pattern(&image, 3, 5, 7, 2, 1, 0);
    assert_near(image.pixel[0], 0.3, 1e-12);
    assert_near(image.pixel[1], 0.2, 1e-12);
    assert_near(image.frame_time, 2e4, 1e-9);
    mica_image_free(&image);
}

TEST(tiff_stacks_of_one_directory_are_whole)
{
    need_libtiff();
    struct image image = read_image(GOLDEN "imagej_one_directory.tif");
    assert_pattern(&image, 4, 5, 7, 1, 257, 0);
    mica_image_free(&image);
}

TEST(tiff_pixel_sizes_are_found_where_they_are_meant)
{
    need_libtiff();
    static const struct {
        const char *name;
        double rows, columns;
    } cases[] = {{"fei", 0.13, 0.12}, {"per_cm", 10, 5}, {"dpi", 0, 0}, {"u1", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s.tif", cases[i].name);
        struct image image = read_image(path);
        assert_near(image.pixel[0], cases[i].rows, 1e-12);
        assert_near(image.pixel[1], cases[i].columns, 1e-12);
        mica_image_free(&image);
    }
}

TEST(tiff_thumbnails_are_skipped_and_unlike_pages_refused)
{
    need_libtiff();
    struct image image = read_image(GOLDEN "thumbnail.tif");
    assert_pattern(&image, 2, 5, 7, 1, 257, 0);
    mica_image_free(&image);
    assert_unreadable(MICA_TOP "/" GOLDEN "unlike.tif", "page 2 has 3 x 4 pixels");
}

TEST(tiff_files_of_temsim_give_their_numbers)
{
    need_libtiff();
    struct image image = read_image(GOLDEN "temsim.tif");
    assert_pattern(&image, 1, 5, 7, 1, 0.25, -3);
    assert_near(image.pixel[0], 0.5, 0);
    assert_near(image.pixel[1], 0.25, 0);
    assert_false(image.whole);
    mica_image_free(&image);
}

TEST(tiff_files_give_back_what_was_written)
{
    need_libtiff();
    static const struct {
        size_t frames, height, width, channels;
    } sizes[] = {{1, 5, 7, 1}, {1, 5, 7, 3}, {1, 5, 7, 5}, {3, 5, 7, 1},
                 {3, 5, 7, 2}, {2, 3, 3, 3}, {1, 1, 1, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int bits = 8; bits <= 32; bits *= 2) {
            struct image image = pattern_image(sizes[i].frames, sizes[i].height,
                                               sizes[i].width, sizes[i].channels, bits,
                                               bits < 32, bits < 32 ? 1 : 0.1, 0);
            image.pixel[0] = 0.123;
            image.pixel[1] = 45.6;
            image.frame_time = 16;
            struct image again = write_and_read(&image, "again.tif");
            assert_int_equal(again.bits, bits);
            assert_int_equal(again.whole, bits < 32);
            assert_near(again.pixel[0], 0.123, 1e-12);
            assert_near(again.pixel[1], 45.6, 1e-12);
            assert_near(again.frame_time, 16, 1e-9);
            mica_image_free(&again);
            mica_image_free(&image);
        }
}

TEST(tiff_class_maps_signs_and_nan_are_kept)
{
    need_libtiff();
    struct image image = pattern_image(2, 5, 7, 1, 8, true, 1, 0);
    image.colours = 256;
    image.palette[3][1] = 77;
    struct image again = write_and_read(&image, "classes.tif");
    assert_int_equal(again.colours, 256);
    assert_memory_equal(again.palette, image.palette, sizeof image.palette);
    mica_image_free(&again);
    image.colours = 0;
    image.bits = 16;
    image.data[5] = -7;
    again = write_and_read(&image, "signed.tif");
    assert_true(again.whole);
    mica_image_free(&again);
    image.data[5] = NAN;
    again = write_and_read(&image, "nan.tif");
    assert_false(again.whole);
    mica_image_free(&again);
    mica_image_free(&image);
}

/* Cut anywhere: a line, or an image where only what follows the pixels is gone. */
TEST_SLOW(tiff_files_that_end_early_do_no_harm)
{
    need_libtiff();
    static const char *const names[] = {
        "imagej_stack", "tiles", "deflate", "lzw", "imagej_one_directory", "temsim"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        snprintf(path, sizeof path, MICA_TOP "/" GOLDEN "%s.tif", names[i]);
        struct error err = {0};
        size_t size;
        char *data = mica_file_read(path, &size, &err);
        assert_non_null(data);
        for (size_t cut = 0; cut < size; cut += 1 + cut / 100) {
            struct image image;
            char *shorter = write_bytes("cut.tif", data, cut);
            err = (struct error){0};
            if (mica_image_read(shorter, &image, &err))
                assert_int_equal(err.lines, 1);
            mica_image_free(&image);
            free(shorter);
        }
        free(data);
    }
}

TEST(tiff_files_without_their_last_pixels_are_named)
{
    need_libtiff();
    static const char *const names[] = {"tiles", "deflate", "imagej_one_directory"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        snprintf(path, sizeof path, MICA_TOP "/" GOLDEN "%s.tif", names[i]);
        struct error err = {0};
        size_t size;
        char *data = mica_file_read(path, &size, &err);
        assert_non_null(data);
        char *shorter = write_bytes("cut.tif", data, size - 1);
        assert_unreadable(shorter, "the file is truncated");
        free(shorter);
        free(data);
    }
}

TEST(tiff_is_missed_with_a_clear_message)
{
    if (MICA_HAVE_TIFF)
        SKIP("mica is built with libtiff");
    assert_unreadable(MICA_TOP "/" GOLDEN "u1.tif", "built without libtiff");
}

/* --- what tags mean ------------------------------------------------------------------- */

TEST(tiff_units_are_known_in_every_spelling)
{
    static const struct {
        const char *unit;
        double length;
    } cases[] = {{"nm", 10},     {"pm", 0.01}, {"A", 1},        {"\xc3\x85", 1},
                 {"\\u00C5", 1}, {"um", 1e4},  {"micron", 1e4}, {"\\u00B5m", 1e4},
                 {"\xb5m", 1e4}, {"pixel", 0}, {"inch", 0},     {"", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        snprintf(text, sizeof text, "ImageJ=1.53t\nunit=%s\r\nmin=0\n", cases[i].unit);
        struct tiff_tags tags = {.description = text, .resolution = {4, 2}, .unit = 1};
        struct tiff_meaning meaning = mica_tiff_understand(&tags);
        assert_near(meaning.pixel[0], cases[i].length / 4, 0);
        assert_near(meaning.pixel[1], cases[i].length / 2, 0);
    }
}

TEST(tiff_pixels_of_ome_are_micrometres_unless_said)
{
    struct tiff_tags tags = {
        .description = "<?xml?><OME><Image><Pixels PhysicalSizeX=\"0.5\" SizeC='2' "
                       "PhysicalSizeY='0.25' DimensionOrder=\"XYZTC\"></Pixels></OME>"};
    struct tiff_meaning meaning = mica_tiff_understand(&tags);
    assert_near(meaning.pixel[0], 2500, 0);
    assert_near(meaning.pixel[1], 5000, 0);
    assert_near(meaning.frame_time, 0, 0);
    assert_int_equal(meaning.channels, 2);
    tags.description =
        "<OME><Pixels PhysicalSizeX=\"0.5\" PhysicalSizeY=\"x\" SizeT=\"3\" "
        "SizeC=\"2\" DimensionOrder=\"XYZTC\"";
    meaning = mica_tiff_understand(&tags);
    assert_near(meaning.pixel[1], 0, 0);
    assert_int_equal(meaning.channels, 1);
    tags.description = "<OME><Pixels PhysicalSizeX=\"";
    meaning = mica_tiff_understand(&tags);
    assert_near(meaning.pixel[1], 0, 0);
}

#if MICA_HAVE_TIFF
#include <tiffio.h>

/* Whether a way of packing keeps every number of any picture of bytes. */
static bool keeps_numbers(uint16_t scheme)
{
    static const uint16_t known[] = {COMPRESSION_NONE,          COMPRESSION_LZW,
                                     COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,
                                     COMPRESSION_PACKBITS,      COMPRESSION_LZMA,
                                     COMPRESSION_ZSTD};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == scheme)
            return true;
    return false;
}

enum { TALL = 21, WIDE = 37, TILE = 16, STRIP = 8 };

static void put_strips(TIFF *tiff, const uint16_t *pixels)
{
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, STRIP);
    for (uint32_t y = 0; y < TALL; y++) {
        uint16_t row[WIDE];
        memcpy(row, pixels + y * WIDE, sizeof row);
        assert_int_equal(TIFFWriteScanline(tiff, row, y, 0), 1);
    }
}

static void put_tiles(TIFF *tiff, const uint16_t *pixels)
{
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, TILE);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, TILE);
    for (uint32_t y = 0; y < TALL; y += TILE)
        for (uint32_t x = 0; x < WIDE; x += TILE) {
            uint16_t tile[TILE * TILE] = {0};
            for (uint32_t i = 0; i < TILE * TILE; i++)
                if (y + i / TILE < TALL && x + i % TILE < WIDE)
                    tile[i] = pixels[(y + i / TILE) * WIDE + x + i % TILE];
            assert_true(TIFFWriteTile(tiff, tile, x, y, 0, 0) > 0);
        }
}

/* `kind` has a bit each for tiles, BigTIFF, big-endian and differences of neighbours. */
static char *write_packed(uint16_t scheme, unsigned kind)
{
    static const char *const modes[] = {"wl", "w8l", "wb", "w8b"};
    uint16_t pixels[TALL * WIDE];
    for (size_t i = 0; i < TALL * WIDE; i++)
        pixels[i] = (uint16_t)(257 * pattern_value(0, i / WIDE, i % WIDE, 0));
    char *path = write_bytes("packed.tif", "", 0);
    TIFF *tiff = TIFFOpen(path, modes[kind >> 1 & 3]);
    assert_non_null(tiff);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, WIDE);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, TALL);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, scheme);
    if (kind & 8 && scheme != COMPRESSION_NONE && scheme != COMPRESSION_PACKBITS)
        TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    (kind & 1 ? put_tiles : put_strips)(tiff, pixels);
    TIFFClose(tiff);
    return path;
}

/* Every way of packing that this libtiff has, in every layout; a cut of each is noticed. */
TEST_SLOW(tiff_packed_in_any_way_gives_the_same_numbers)
{
    TIFFCodec *codecs = TIFFGetConfiguredCODECs();
    size_t seen = 0;
    assert_non_null(codecs);
    for (const TIFFCodec *codec = codecs; codec->name; codec++) {
        if (!keeps_numbers(codec->scheme))
            continue;
        seen++;
        for (unsigned kind = 0; kind < 16; kind++) {
            char *path = write_packed(codec->scheme, kind);
            struct image image = read_image(path);
            assert_pattern(&image, 1, TALL, WIDE, 1, 257, 0);
            assert_int_equal(image.bits, 16);
            mica_image_free(&image);
            if (kind < 4)
                assert_every_cut_is_noticed(path);
            free(path);
        }
    }
    _TIFFfree(codecs);
    assert_true(seen >= 4); /* none, LZW, packbits, deflate */
}
#endif

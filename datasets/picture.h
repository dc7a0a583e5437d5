/* picture.h - images as people look at them: contrast, classes, circles, a scale bar */
#ifndef MICA_DATASETS_PICTURE_H
#define MICA_DATASETS_PICTURE_H

#include "datasets/canvas.h"
#include "datasets/image.h"

/* The values that are drawn black and white. */
struct contrast {
    double low, high;
};
/* The given percentiles (0 .. 100) of a channel of a frame, its NaN and infinities left
   aside, to 1/4096 of the range; {0, 1} where nothing is finite. */
struct contrast mica_contrast(const struct image *image, size_t frame, size_t channel,
                              double low, double high);

/* How an image is drawn; {0} is the first frame at its own size: grey from the 0.1th to the
   99.9th percentile, three channels as colours, indices in their palette's. */
struct display {
    size_t frame, channel; /* the channel counts unless there are three */
    double scale;          /* pixels of the picture for one of the image; 0 is 1 */
    struct contrast contrast;
    enum colour_map map;
};
int mica_picture(struct canvas *picture, const struct image *image,
                 const struct display *display, struct error *err);
/* The scale at which an image just fits into height x width. */
double mica_picture_fit(const struct image *image, size_t height, size_t width);
/* Where x of an image is in its picture. */
static inline double mica_picture_place(double x, double scale)
{
    return (x + 0.5) * scale - 0.5;
}

/* Colour the classes of a label image (of the size of the image or the picture) but class 0,
   over the picture, covering it by a share; or draw lines of some thickness along their
   edges, inside. Colours are those of the labels' palette, else of mica_class_colour. */
void mica_picture_overlay(struct canvas *picture, const struct image *labels,
                          size_t frame, double share);
void mica_picture_outline(struct canvas *picture, const struct image *labels,
                          size_t frame, size_t thickness);

/* A circle with a dark rim, to be seen on any grey; in pixels of the picture. */
void mica_picture_circle(struct canvas *picture, double y, double x, double radius,
                         struct colour colour);

/* A bar of a round length (1, 2 or 5 times a power of ten) with its label at the lower left;
   `pixel` is the size of the picture's pixel in A (rows, columns equal); nothing is drawn
   where it is 0. */
void mica_picture_scale_bar(struct canvas *picture, double pixel);
/* That length for a bar of at most `most` A, and its label: "5 A" (with the ring), "2 nm". */
double mica_round_length(double most, char label[32]);

/* Pictures in a grid, each under its title, beneath a heading and above a legend of classes
   (titles, heading, legend may be NULL). Cells are as large as the largest picture. */
struct panel {
    const char *title;
    const struct canvas *picture;
};
struct legend {
    const char *const *names; /* class 0 is left out */
    const uint8_t (*palette)[3];
    size_t count;
};
int mica_sheet(struct canvas *sheet, const struct panel *panels, size_t count,
               size_t columns, const char *heading, const struct legend *legend,
               struct error *err);
/* A number of columns that makes a sheet of `count` pictures somewhat wider than high. */
size_t mica_sheet_columns(size_t count);

#endif

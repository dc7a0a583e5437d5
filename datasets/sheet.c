/* sheet.c - pictures in a grid with titles, a heading and a legend of classes */
#include "core/text.h"
#include "datasets/font.h"
#include "datasets/picture.h"
#include <math.h>
#include <string.h>

static const struct colour paper = {255, 255, 255}, ink = {35, 35, 40};

enum { MARGIN = 16, GAP = 14, TITLE = 9, HEADING = 12, SWATCH = 11 };

struct layout {
    size_t columns, rows, cell_height, cell_width; /* a cell without its title */
    size_t top, title_height, height, width;
    size_t legend_rows;
    double title_size;
};

size_t mica_sheet_columns(size_t count)
{
    size_t columns = 1;
    while (3 * columns * columns < 4 * count) /* 4 : 3 */
        columns++;
    return columns < count || count == 0 ? columns : count;
}

static double entry_width(const struct legend *legend, size_t i)
{
    return SWATCH + 6 + mica_font_width(legend->names[i], TITLE) + 18;
}

/* Calls for each entry where it stands; returns how many rows they take. */
static size_t lay_legend(const struct legend *legend, double width,
                         struct canvas *sheet, double top)
{
    double x = 0, y = 0;
    size_t rows = legend->count > 1 ? 1 : 0;
    for (size_t i = 1; i < legend->count; i++) {
        if (x > 0 && x + entry_width(legend, i) - 18 > width) {
            x = 0;
            y += SWATCH + 8;
            rows++;
        }
        const uint8_t *c = legend->palette[i];
        struct colour colour = {c[0], c[1], c[2]};
        if (sheet) {
            mica_canvas_fill(sheet, (long)(top + y), (long)(MARGIN + x), SWATCH, SWATCH,
                             colour, 1);
            mica_canvas_text(sheet, top + y + SWATCH - 1, MARGIN + x + SWATCH + 6,
                             TITLE, ANCHOR_LEFT, legend->names[i], ink, NULL);
        }
        x += entry_width(legend, i);
    }
    return rows;
}

/* Titles are drawn smaller, down to a limit, where the longest would not fit its cell. */
static double title_size(const struct panel *panels, size_t count, size_t width)
{
    double longest = 0;
    for (size_t i = 0; i < count; i++)
        if (panels[i].title)
            longest = fmax(longest, mica_font_width(panels[i].title, 1));
    return longest > 0 ? fmax(7, fmin(TITLE, (double)width / longest)) : 0;
}

static struct layout lay_out(const struct panel *panels, size_t count, size_t columns,
                             const char *heading, const struct legend *legend)
{
    struct layout l = {.columns = columns < count ? columns : count};
    l.columns = l.columns > 0 ? l.columns : 1;
    l.rows = (count + l.columns - 1) / l.columns;
    for (size_t i = 0; i < count; i++) {
        const struct canvas *picture = panels[i].picture;
        l.cell_height =
            picture->height > l.cell_height ? picture->height : l.cell_height;
        l.cell_width = picture->width > l.cell_width ? picture->width : l.cell_width;
    }
    l.title_size = title_size(panels, count, l.cell_width);
    l.title_height = l.title_size > 0 ? TITLE + 8 : 0;
    l.width = 2 * MARGIN + l.columns * l.cell_width + (l.columns - 1) * GAP;
    if (heading) {
        size_t wide = (size_t)mica_font_width(heading, HEADING) + 2 * MARGIN + 1;
        l.width = wide > l.width ? wide : l.width;
    }
    l.top = MARGIN + (heading ? HEADING + 14 : 0);
    l.height = l.top + l.rows * (l.cell_height + l.title_height + GAP) - GAP + MARGIN;
    if (legend)
        l.legend_rows = lay_legend(legend, (double)(l.width - 2 * MARGIN), NULL, 0);
    l.height += l.legend_rows * (SWATCH + 8);
    return l;
}

/* A title that is too long even when small is cut, with a mark that it was. */
static void draw_title(struct canvas *sheet, double y, double x, const char *title,
                       const struct layout *l)
{
    struct text text = {0};
    mica_text_add(&text, "%s", title);
    while (text.length > 4 &&
           mica_font_width(text.data, l->title_size) > (double)l->cell_width) {
        text.length--;
        while (text.length > 4 &&
               ((unsigned char)text.data[text.length - 3] & 0xc0) == 0x80)
            text.length--; /* never within a character of UTF-8 */
        memcpy(text.data + text.length - 3, "...", 4);
    }
    mica_canvas_text(sheet, y, x, l->title_size, ANCHOR_LEFT, text.data, ink, NULL);
    mica_text_free(&text);
}

int mica_sheet(struct canvas *sheet, const struct panel *panels, size_t count,
               size_t columns, const char *heading, const struct legend *legend,
               struct error *err)
{
    struct layout l = lay_out(panels, count, columns, heading, legend);
    if (mica_canvas_new(sheet, l.height, l.width, paper, err))
        return -1;
    if (heading)
        mica_canvas_text(sheet, MARGIN + HEADING, MARGIN, HEADING, ANCHOR_LEFT, heading,
                         ink, NULL);
    for (size_t i = 0; i < count; i++) {
        size_t y = l.top + i / l.columns * (l.cell_height + l.title_height + GAP);
        size_t x = MARGIN + i % l.columns * (l.cell_width + GAP);
        if (panels[i].title)
            draw_title(sheet, (double)(y + TITLE), (double)x, panels[i].title, &l);
        mica_canvas_paste(sheet, (long)(y + l.title_height), (long)x,
                          panels[i].picture);
    }
    if (l.legend_rows > 0)
        lay_legend(legend, (double)(l.width - 2 * MARGIN), sheet,
                   (double)(l.height - MARGIN - l.legend_rows * (SWATCH + 8) + 8));
    return 0;
}

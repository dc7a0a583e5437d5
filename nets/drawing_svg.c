/* drawing_svg.c - a network as a picture: rows in the order of computing, columns by size */
#include "nets/drawing.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum {
    WIDTH = 226,   /* of a box */
    LINE = 13,     /* of text */
    MARGIN = 20,   /* around the picture */
    GAP = 26,      /* between rows; lines go sideways here */
    BESIDE = 12,   /* between boxes of one row */
    STEP = 70,     /* from a column to the next, where both share no row */
    CHANNEL = 34,  /* left of a column, for lines that pass its boxes */
    LETTERS = 34,  /* in a line of text */
    LINES_MOST = 6 /* of what a box says */
};

struct place {
    size_t row, column, slot; /* slot: beside each other in one row and column */
    double x, y, height;
    const char *lines[LINES_MOST]; /* of the layers, each `lengths` long */
    size_t lengths[LINES_MOST], line_count;
};

struct layout {
    const struct drawing *drawing;
    struct place *places;
    size_t *sizes, *slots; /* of each column: pixels of an image; boxes side by side */
    double *left, right;   /* where each column begins; where all end */
    double *top, *bottom;  /* of each row */
    size_t columns, rows;
};

static size_t pixels_of(const struct box *box) { return box->out.h * box->out.w; }

/* --- places ------------------------------------------------------------------------ */

/* Large images to the left. */
static int by_size(const void *a, const void *b)
{
    size_t p = *(const size_t *)a, q = *(const size_t *)b;
    return (p < q) - (p > q);
}

static void find_columns(struct layout *l)
{
    size_t count = l->drawing->count, kept = 0;
    for (size_t i = 0; i < count; i++)
        l->sizes[i] = pixels_of(&l->drawing->boxes[i]);
    qsort(l->sizes, count, sizeof *l->sizes, by_size);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || l->sizes[i] != l->sizes[kept - 1])
            l->sizes[kept++] = l->sizes[i];
    l->columns = kept;
}

static bool is_taken(const struct layout *l, size_t row, size_t column, size_t slot,
                     size_t before)
{
    for (size_t i = 0; i < before; i++) {
        const struct place *p = &l->places[i];
        if (p->row == row && p->column == column && p->slot == slot)
            return true;
    }
    return false;
}

/* Below what it reads, and straight below where that is free. */
static void find_place(struct layout *l, size_t i)
{
    const struct box *box = &l->drawing->boxes[i];
    struct place *p = &l->places[i];
    for (size_t c = 0; c < l->columns; c++)
        if (l->sizes[c] == pixels_of(box))
            p->column = c;
    for (size_t k = 0; k < box->input_count; k++) {
        const struct place *from = &l->places[box->inputs[k]];
        p->row = from->row + 1 > p->row ? from->row + 1 : p->row;
        if (k == 0 && from->column == p->column)
            p->slot = from->slot;
    }
    if (is_taken(l, p->row, p->column, p->slot, i))
        for (p->slot = 0; is_taken(l, p->row, p->column, p->slot, i);)
            p->slot++;
    if (p->slot + 1 > l->slots[p->column])
        l->slots[p->column] = p->slot + 1;
    l->rows = p->row + 1 > l->rows ? p->row + 1 : l->rows;
}

/* Break what a box says where there are commas. */
static void break_lines(struct place *p, const char *text)
{
    while (text != NULL && *text != '\0' && p->line_count < LINES_MOST) {
        size_t length = strlen(text), end = length;
        if (length > LETTERS) {
            end = 0;
            for (size_t i = 0; i < length && (i < LETTERS || end == 0); i++)
                if (text[i] == ',')
                    end = i + 1;
            end = end == 0 ? length : end;
        }
        p->lines[p->line_count] = text;
        p->lengths[p->line_count++] = end;
        text += end;
        text += *text == ' ';
    }
}

/* Whether a later column has boxes in the rows of this one: then they stand apart, and
   else they may overlap from left to right. */
static bool stands_apart(const struct layout *l, size_t column)
{
    for (size_t i = 0; i < l->drawing->count; i++)
        for (size_t k = 0; k < l->drawing->count && l->places[i].column == column; k++)
            if (l->places[k].column > column && l->places[k].row == l->places[i].row)
                return true;
    return false;
}

static void find_columns_left(struct layout *l)
{
    double x = MARGIN;
    for (size_t c = 0; c < l->columns; c++) {
        double width = (double)l->slots[c] * (WIDTH + BESIDE) + CHANNEL;
        l->left[c] = x;
        l->right = x + width > l->right ? x + width : l->right;
        x += stands_apart(l, c) ? width : STEP;
    }
}

static void find_coordinates(struct layout *l)
{
    double y = MARGIN + 2 * LINE;
    find_columns_left(l);
    for (size_t row = 0; row < l->rows; row++) {
        l->top[row] = y;
        for (size_t i = 0; i < l->drawing->count; i++) {
            struct place *p = &l->places[i];
            if (p->row != row)
                continue;
            p->x = l->left[p->column] + CHANNEL + (double)p->slot * (WIDTH + BESIDE);
            p->y = l->top[row];
            y = p->y + p->height > y ? p->y + p->height : y;
        }
        l->bottom[row] = y;
        y += GAP;
    }
}

static void lay_out(struct layout *l, const struct drawing *drawing)
{
    size_t count = drawing->count;
    *l = (struct layout){.drawing = drawing};
    l->places = mica_need(count + 1, sizeof *l->places);
    l->sizes = mica_need(2 * count + 1, sizeof *l->sizes);
    l->slots = l->sizes + count;
    l->left = mica_need(3 * count, sizeof *l->left);
    l->top = l->left + count;
    l->bottom = l->top + count;
    find_columns(l);
    for (size_t i = 0; i < count; i++) {
        find_place(l, i);
        break_lines(&l->places[i], drawing->boxes[i].layers.data);
        l->places[i].height = (double)(2 + l->places[i].line_count) * LINE + 8;
    }
    find_coordinates(l);
}

/* --- drawing ----------------------------------------------------------------------- */

static const struct {
    const char *fill, *edge;
} colours[] = {[BOX_INPUT] = {"#e4e4e4", "#777777"},
               [BOX_WEIGHTS] = {"#cfe3f5", "#2b6ca3"},
               [BOX_SIZE] = {"#fde2b9", "#b36b00"},
               [BOX_JOIN] = {"#cdebd8", "#1b7f4d"},
               [BOX_OTHER] = {"#f2f2f2", "#777777"}};

static void put_escaped(struct text *svg, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *word = text[i] == '&' ? "&amp;" : text[i] == '<' ? "&lt;" : NULL;
        if (word != NULL)
            mica_text_add(svg, "%s", word);
        else
            mica_text_append(svg, text + i, 1);
    }
}

static void put_words(struct text *svg, double x, double y, const char *more,
                      const char *text, size_t length)
{
    mica_text_add(svg, "<text x=\"%.0f\" y=\"%.0f\"%s>", x, y, more);
    put_escaped(svg, text, length);
    mica_text_add(svg, "</text>\n");
}

static void put_box(const struct layout *l, size_t i, struct text *svg)
{
    const struct box *box = &l->drawing->boxes[i];
    const struct place *p = &l->places[i];
    struct text size = {0};
    char count[32];
    double y = p->y + LINE + 1;
    mica_text_add(svg,
                  "<rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%.0f\" rx=\"5\" "
                  "fill=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>\n",
                  p->x, p->y, (int)WIDTH, p->height, colours[box->kind].fill,
                  colours[box->kind].edge, box->output ? "3" : "1");
    put_words(svg, p->x + 7, y, " font-weight=\"bold\"", box->title,
              strlen(box->title));
    for (size_t k = 0; k < p->line_count; k++)
        put_words(svg, p->x + 7, y += LINE, "", p->lines[k], p->lengths[k]);
    if (box->out.h == 1 && box->out.w == 1)
        mica_text_add(&size, "%zu", box->out.c);
    else
        mica_text_add(&size, "%zu x %zu x %zu", box->out.h, box->out.w, box->out.c);
    if (box->parameters > 0)
        mica_text_add(&size, "; %s parameters",
                      mica_text_count(count, box->parameters));
    put_words(svg, p->x + 7, y + LINE, " fill=\"#444444\"", size.data, size.length);
    mica_text_free(&size);
}

/* Whether a line at x goes down behind no box from row a to row b, both left out. */
static bool is_clear(const struct layout *l, double x, size_t a, size_t b)
{
    for (size_t i = 0; i < l->drawing->count; i++) {
        const struct place *p = &l->places[i];
        if (p->row > a && p->row < b && x > p->x - 4 && x < p->x + WIDTH + 4)
            return false;
    }
    return true;
}

/* Sideways to x, between two rows. */
static void turn(struct text *svg, double from, double x, double y, double height)
{
    mica_text_add(svg, " C %.0f %.0f %.0f %.0f %.0f %.0f", from, y + height / 2, x,
                  y + height / 2, x, y + height);
}

/* Down from a box, straight where nothing is in the way, and else beside the column. */
static void put_line(const struct layout *l, size_t from, size_t to, struct text *svg)
{
    const struct place *a = &l->places[from], *b = &l->places[to];
    double x = a->x + WIDTH / 2.0, end = b->x + WIDTH / 2.0, by = x;
    size_t outer = a->column < b->column ? a->column : b->column;
    if (!is_clear(l, x, a->row, b->row))
        by = is_clear(l, end, a->row, b->row)
                 ? end
                 : l->left[outer] + 5 + (double)(from % 5) * 5;
    mica_text_add(svg, "<path d=\"M %.0f %.0f V %.0f", x, a->y + a->height,
                  l->bottom[a->row]);
    if (b->row == a->row + 1) {
        turn(svg, x, end, l->bottom[a->row], GAP);
    } else {
        if (by != x)
            turn(svg, x, by, l->bottom[a->row], GAP);
        mica_text_add(svg, " V %.0f", b->y - GAP);
        turn(svg, by, end, b->y - GAP, GAP);
    }
    mica_text_add(svg, "\"/>\n");
}

void mica_drawing_svg(const struct drawing *drawing, struct text *svg)
{
    struct layout l;
    char count[32];
    lay_out(&l, drawing);
    double width = l.right + MARGIN, height = l.bottom[l.rows - 1] + MARGIN;
    mica_text_add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
        "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
        "font-size=\"10\">\n"
        "<defs><marker id=\"end\" markerWidth=\"7\" markerHeight=\"6\" "
        "refX=\"6\" refY=\"3\" orient=\"auto\"><path d=\"M 0 0 L 7 3 L 0 6 "
        "z\" fill=\"#555555\"/></marker></defs>\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
        "<text x=\"%d\" y=\"%d\" font-size=\"15\">",
        width, height, width, height, (int)MARGIN, (int)MARGIN);
    put_escaped(svg, drawing->name, strlen(drawing->name));
    mica_text_add(svg, ": %s parameters</text>\n",
                  mica_text_count(count, drawing->parameters));
    mica_text_add(svg, "<g fill=\"none\" stroke=\"#555555\" stroke-width=\"1.2\" "
                       "marker-end=\"url(#end)\">\n");
    for (size_t i = 0; i < drawing->count; i++)
        for (size_t k = 0; k < drawing->boxes[i].input_count; k++)
            put_line(&l, drawing->boxes[i].inputs[k], i, svg);
    mica_text_add(svg, "</g>\n");
    for (size_t i = 0; i < drawing->count; i++)
        put_box(&l, i, svg);
    mica_text_add(svg, "</svg>\n");
    mica_free(l.places);
    mica_free(l.sizes);
    mica_free(l.left);
}

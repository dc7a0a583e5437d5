/* colours.c - colours of classes, of curves and of values, safe for colour-blind eyes */
#include "datasets/colours.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* M. Okabe and K. Ito, Color universal design (2008) */
static const struct colour okabe_ito[] = {
    {0, 0, 0},      {230, 159, 0}, {86, 180, 233},  {0, 158, 115},
    {240, 228, 66}, {213, 94, 0},  {204, 121, 167}, {0, 114, 178},
};
enum { COLOURS = sizeof okabe_ito / sizeof *okabe_ito };

static const struct {
    const char *name;
    size_t colour;
} known[] = {{"V_S1", 1}, {"V_S2", 2},  {"Re_W", 3}, {"Se_S1", 4},
             {"V_M", 5},  {"Se_S2", 6}, {"Mo_S2", 7}};
enum { KNOWN = sizeof known / sizeof *known };

static uint8_t mix(uint8_t a, uint8_t b, double share)
{
    return (uint8_t)(a + (b - a) * share + 0.5);
}

static struct colour mix_colours(struct colour a, struct colour b, double share)
{
    return (struct colour){mix(a.red, b.red, share), mix(a.green, b.green, share),
                           mix(a.blue, b.blue, share)};
}

struct colour mica_class_colour(size_t i)
{
    if (i == 0)
        return okabe_ito[0];
    size_t round = (i - 1) / (COLOURS - 1);
    double share = 1 - 1 / (1 + 0.6 * (double)round);
    return mix_colours(okabe_ito[1 + (i - 1) % (COLOURS - 1)],
                       (struct colour){255, 255, 255}, share);
}

/* The colour of a name of the field; 0 for others. */
static size_t find_known(const char *name)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (strcmp(name, known[i].name) == 0)
            return known[i].colour;
    return 0;
}

static bool is_taken(const char *const *names, size_t count, size_t colour)
{
    for (size_t i = 1; i < count; i++)
        if (find_known(names[i]) == colour)
            return true;
    return false;
}

void mica_class_palette(const char *const *names, size_t count, uint8_t palette[][3])
{
    size_t next = 1;
    for (size_t i = 0; i < count; i++) {
        size_t chosen = i == 0 ? 0 : find_known(names[i]);
        if (i > 0 && chosen == 0) {
            while (is_taken(names, count, next))
                next++;
            chosen = next++;
        }
        struct colour colour = mica_class_colour(chosen);
        palette[i][0] = colour.red;
        palette[i][1] = colour.green;
        palette[i][2] = colour.blue;
    }
}

struct colour mica_curve_colour(size_t i)
{
    static const struct colour curves[] = {
        {0, 114, 178}, {213, 94, 0},   {0, 158, 115}, {204, 121, 167},
        {230, 159, 0}, {86, 180, 233}, {90, 90, 90}};
    return curves[i % (sizeof curves / sizeof *curves)];
}

/* --- values --------------------------------------------------------------------------- */

/* Lightness rises (or, for LIGHT, falls) evenly from anchor to anchor. */
static const struct {
    size_t count;
    struct colour anchors[7];
} maps[] = {
    [COLOURS_GREY] = {2, {{0, 0, 0}, {255, 255, 255}}},
    [COLOURS_DARK] = {7,
                      {{8, 6, 30},
                       {42, 36, 104},
                       {32, 86, 140},
                       {20, 133, 139},
                       {74, 178, 109},
                       {186, 211, 76},
                       {255, 246, 190}}},
    [COLOURS_LIGHT] = {5,
                       {{255, 255, 255},
                        {211, 228, 243},
                        {139, 188, 222},
                        {56, 128, 187},
                        {8, 58, 120}}},
    [COLOURS_SIGNED] =
        {5,
         {{0, 70, 130}, {90, 165, 213}, {255, 255, 255}, {236, 150, 95}, {160, 55, 0}}},
};

struct colour mica_value_colour(enum colour_map map, double value)
{
    if (isnan(value))
        return (struct colour){255, 190, 190};
    double place = fmin(fmax(value, 0), 1) * (double)(maps[map].count - 1);
    size_t i = (size_t)fmin(floor(place), (double)(maps[map].count - 2));
    return mix_colours(maps[map].anchors[i], maps[map].anchors[i + 1],
                       place - (double)i);
}

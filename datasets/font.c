/* font.c - letters as strokes of a pen, for pictures and charts */
#include "datasets/font.h"
#include <stdint.h>
#include <string.h>

/* A stroke is a list of points on a grid: a small letter for x (a = 0), a capital for y
   downwards (A = 0 the height of capitals, E = 4 of small letters, M = 12 the base line, Q
   the lowest; '<' to '@' lie above A). Strokes are separated by blanks; after ~ the points
   in between are those of a quadratic spline, which passes midway between them. */
static const char *const ascii[] = {
    "",                                 /* space */
    "aAaI aLaM",                        /* ! */
    "aAaD cAcD",                        /* " */
    "dAbM hAfM aEiE aIiI",              /* # */
    "~gDgBaBaGgGgLaLaJ d@dN",           /* $ */
    "iAbM ~cAeAeEaEaAcA ~hIjIjMfMfIhI", /* % */
    "~jMcEbDbAgAgEaGaMgMiIiH",          /* & */
    "aAaD",                             /* ' */
    "~dAaEaJdN",                        /* ( */
    "~aAdEdJaN",                        /* ) */
    "dAdG aBgF gBaF",                   /* * */
    "eDeL aHiH",                        /* + */
    "bLbMaO",                           /* , */
    "aHfH",                             /* - */
    "aLaM",                             /* . */
    "gAaN",                             /* / */
    "~dAgAgMaMaAdA",                    /* 0 */
    "cCeAeM",                           /* 1 */
    "~aDaAgAgFaM aMgM",                 /* 2 */
    "~aCaAgAgGcG ~cGgGgMaMaK",          /* 3 */
    "eMeAaIgI",                         /* 4 */
    "fAaAaF ~aFcEgEgMaMaK",             /* 5 */
    "~gCgAaAaGaMgMgFaFaJ",              /* 6 */
    "aAgAcM",                           /* 7 */
    "~dAgAgGaGaAdA ~dGgGgMaMaGdG",      /* 8 */
    "~aKaMgMgGgAaAaHgHgD",              /* 9 */
    "aFaG aLaM",                        /* : */
    "bFbG bLbMaO",                      /* ; */
    "gDaHgL",                           /* < */
    "aFgF aJgJ",                        /* = */
    "aDgHaL",                           /* > */
    "~aDaAgAgEdFdI dLdM",               /* ? */
    "~hGhEdEdJhJhG ~hGhJkJkAaAaMhM",    /* @ */
    "aMeAiM bJhJ",                      /* A */
    "aAaM ~aAdAhAhGdGaG ~aGeGiGiMeMaM", /* B */
    "~iDiAaAaDaJaMiMiJ",                /* C */
    "aAaM ~aAdAiAiDiJiMdMaM",           /* D */
    "hAaAaMhM aGgG",                    /* E */
    "hAaAaM aGgG",                      /* F */
    "~iDiAaAaDaJaMiMiG iGeG",           /* G */
    "aAaM iAiM aGiG",                   /* H */
    "aAaM",                             /* I */
    "~fAfIfMaMaJ",                      /* J */
    "aAaM hAaH cFhM",                   /* K */
    "aAaMgM",                           /* L */
    "aMaAeHiAiM",                       /* M */
    "aMaAiMiA",                         /* N */
    "~eAiAiDiJiMaMaJaDaAeA",            /* O */
    "aMaA ~aAdAhAhGdGaG",               /* P */
    "~eAiAiDiJiMaMaJaDaAeA fJiN",       /* Q */
    "aMaA ~aAdAhAhGdGaG dGhM",          /* R */
    "~hDhAaAaGhGhMaMaJ",                /* S */
    "aAiA eAeM",                        /* T */
    "~aAaIaMiMiIiA",                    /* U */
    "aAeMiA",                           /* V */
    "aAdMfDhMkA",                       /* W */
    "aAhM hAaM",                        /* X */
    "aAeGiA eGeM",                      /* Y */
    "aAhAaMhM",                         /* Z */
    "cAaAaNcN",                         /* [ */
    "aAgN",                             /* \ */
    "aAcAcNaN",                         /* ] */
    "aEdAgE",                           /* ^ */
    "aNhN",                             /* _ */
    "aAcC",                             /* ` */
    "gEgM ~gHgEaEaMgMgJ",               /* a */
    "aAaM ~aHaEgEgMaMaJ",               /* b */
    "~gGgEaEaMgMgK",                    /* c */
    "gAgM ~gHgEaEaMgMgJ",               /* d */
    "aIgI ~gIgEaEaMgMgK",               /* e */
    "~eAbAbEbM aEeE",                   /* f */
    "~gEgMgQaQaO ~gHgEaEaMgMgJ",        /* g */
    "aAaM ~aHaEgEgIgM",                 /* h */
    "aEaM aAaB",                        /* i */
    "~cEcNcQaQ cAcB",                   /* j */
    "aAaM fEaJ cHgM",                   /* k */
    "~aAaJaMcM",                        /* l */
    "aEaM ~aGaEfEfHfM ~fGfEkEkHkM",     /* m */
    "aEaM ~aHaEgEgIgM",                 /* n */
    "~dEgEgMaMaEdE",                    /* o */
    "aEaQ ~aHaEgEgMaMaJ",               /* p */
    "gEgQ ~gHgEaEaMgMgJ",               /* q */
    "aEaM ~aHaEeE",                     /* r */
    "~fGfEaEaIfIfMaMaK",                /* s */
    "~bBbJbMeM aEeE",                   /* t */
    "~aEaIaMgMgJ gEgM",                 /* u */
    "aEdMgE",                           /* v */
    "aEcMfFiMkE",                       /* w */
    "aEgM gEaM",                        /* x */
    "aEdM gEbQ",                        /* y */
    "aEgEaMgM",                         /* z */
    "~eAbAdGaG ~aGdGbNeN",              /* { */
    "aAaO",                             /* | */
    "~aAdAbGeG ~eGbGdNaN",              /* } */
    "~aIbFdHfJgG",                      /* ~ */
};

static const struct {
    uint32_t code;
    const char *strokes;
} others[] = {
    {0xb0, "~cAeAeEaEaAcA"},               /* degree */
    {0xb1, "eBeH aEiE aLiL"},              /* plus-minus */
    {0xb2, "~a@a?d?dBaF aFdF"},            /* squared */
    {0xb3, "~a?d?dBbB ~bBdBdFaF"},         /* cubed */
    {0xb5, "aEaQ ~aIaMgMgJ gEgM"},         /* micro */
    {0xb7, "aGaH"},                        /* middle dot */
    {0xc5, "aMeAiM bJhJ ~e<g<g@c@c<e<"},   /* A with ring */
    {0xd7, "aEgK gEaK"},                   /* times */
    {0x2013, "aHhH"},                      /* dash */
    {0x212b, "aMeAiM bJhJ ~e<g<g@c@c<e<"}, /* angstrom sign */
    {0x2212, "aHiH"},                      /* minus */
    {0x3bc, "aEaQ ~aIaMgMgJ gEgM"},        /* mu */
};
static const char missing[] = "aAgAgMaMaA";

enum { CAPITAL = 12, GAP = 3, BLANK = 5, DIGIT = 9, POINTS = 16, CURVE = 5 };

/* The next character of UTF-8 text, which must not be at its end; bytes that are none count
   as one character each. */
static uint32_t next_code(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    size_t more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : at[0] >= 0xc0 ? 1 : 0;
    uint32_t code = more ? at[0] & (0x3fu >> more) : at[0];
    for (size_t i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            *text += 1;
            return 0xfffd;
        }
        code = code << 6 | (at[i] & 0x3fu);
    }
    *text += 1 + more;
    return code;
}

static const char *strokes_of(uint32_t code)
{
    if (code >= ' ' && code <= '~')
        return ascii[code - ' '];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].code == code)
            return others[i].strokes;
    return missing;
}

/* Digits are equally wide, so that numbers stand in columns. */
static int width_of(uint32_t code)
{
    int most = 0;
    if (code == ' ')
        return BLANK;
    if (code >= '0' && code <= '9')
        return DIGIT;
    for (const char *s = strokes_of(code); *s; s++)
        if (*s >= 'a' && *s <= 'z' && *s - 'a' > most)
            most = *s - 'a';
    return most + GAP;
}

double mica_font_width(const char *text, double size)
{
    int units = 0;
    while (*text)
        units += width_of(next_code(&text));
    return (units > GAP ? units - GAP : 0) * size / CAPITAL;
}

/* --- strokes -------------------------------------------------------------------------- */

struct pen {
    double x, y, unit;
    bool upwards;
    mica_font_stroke *draw;
    void *context;
    double points[2 * POINTS * CURVE];
    size_t count;
};

static void move(struct pen *pen, double x, double y)
{
    double across = x * pen->unit, up = (CAPITAL - y) * pen->unit;
    double *point = pen->points + 2 * pen->count++;
    point[0] = pen->upwards ? pen->x - up : pen->x + across;
    point[1] = pen->upwards ? pen->y - across : pen->y - up;
}

/* From a (already there) to c, drawn to b. */
static void bend(struct pen *pen, const double a[2], const double b[2],
                 const double c[2])
{
    for (int i = 1; i <= CURVE; i++) {
        double t = (double)i / CURVE, s = 1 - t;
        move(pen, s * s * a[0] + 2 * s * t * b[0] + t * t * c[0],
             s * s * a[1] + 2 * s * t * b[1] + t * t * c[1]);
    }
}

static void draw_spline(struct pen *pen, double points[][2], size_t count)
{
    double from[2] = {points[0][0], points[0][1]};
    move(pen, from[0], from[1]);
    for (size_t i = 1; i + 1 < count; i++) {
        bool last = i + 2 == count;
        double to[2];
        for (int k = 0; k < 2; k++)
            to[k] = last ? points[i + 1][k] : (points[i][k] + points[i + 1][k]) / 2;
        bend(pen, from, points[i], to);
        memcpy(from, to, sizeof from);
    }
}

static void draw_glyph(struct pen *pen, const char *strokes)
{
    while (*strokes) {
        double points[POINTS][2] = {{0}};
        size_t count = 0;
        bool smooth = *strokes == '~';
        strokes += smooth;
        for (; *strokes && *strokes != ' ' && count < POINTS; strokes += 2) {
            points[count][0] = strokes[0] - 'a';
            points[count++][1] = strokes[1] - 'A';
        }
        strokes += *strokes == ' ';
        pen->count = 0;
        if (smooth)
            draw_spline(pen, points, count);
        for (size_t i = 0; !smooth && i < count; i++)
            move(pen, points[i][0], points[i][1]);
        pen->draw(pen->context, pen->points, pen->count);
    }
}

void mica_font_draw(const char *text, double size, double x, double y, bool upwards,
                    mica_font_stroke *draw, void *context)
{
    struct pen pen = {.x = x,
                      .y = y,
                      .unit = size / CAPITAL,
                      .upwards = upwards,
                      .draw = draw,
                      .context = context};
    while (*text) {
        uint32_t code = next_code(&text);
        draw_glyph(&pen, strokes_of(code));
        double advance = width_of(code) * pen.unit;
        *(upwards ? &pen.y : &pen.x) += upwards ? -advance : advance;
    }
}

/* units.c - quantities are text with a unit; inside, each dimension has one unit */
#include "core/units.h"
#include "core/text.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* The first of each dimension is the one that it has in memory. */
struct unit {
    const char *name;
    enum dimension dimension;
    double factor; /* in the dimension's unit; 0: a pixel */
    bool told;     /* named in messages; the others are spellings of the same */
};

static const struct unit units[] = {
    {"A", DIMENSION_LENGTH, 1, true},
    {"pm", DIMENSION_LENGTH, 1e-2, true},
    {"nm", DIMENSION_LENGTH, 10, true},
    {"um", DIMENSION_LENGTH, 1e4, true},
    {"mm", DIMENSION_LENGTH, 1e7, true},
    {"px", DIMENSION_LENGTH, 0, true},
    {"\xc3\x85", DIMENSION_LENGTH, 1, false},     /* Å, the letter */
    {"\xe2\x84\xab", DIMENSION_LENGTH, 1, false}, /* Å, the sign */
    {"A\xcc\x8a", DIMENSION_LENGTH, 1, false},    /* A and a ring */
    {"angstrom", DIMENSION_LENGTH, 1, false},
    {"\xc2\xb5m", DIMENSION_LENGTH, 1e4, false}, /* µ, the sign for micro */
    {"\xce\xbcm", DIMENSION_LENGTH, 1e4, false}, /* mu, the Greek letter */
    {"rad", DIMENSION_ANGLE, 1, true},
    {"mrad", DIMENSION_ANGLE, 1e-3, true},
    {"deg", DIMENSION_ANGLE, PI / 180, true},
    {"\xc2\xb0", DIMENSION_ANGLE, PI / 180, false}, /* the degree sign */
    {"kV", DIMENSION_VOLTAGE, 1, true},
    {"V", DIMENSION_VOLTAGE, 1e-3, true},
    {"keV", DIMENSION_VOLTAGE, 1, true},
    {"pA", DIMENSION_CURRENT, 1, true},
    {"nA", DIMENSION_CURRENT, 1e3, true},
    {"us", DIMENSION_TIME, 1, true},
    {"ns", DIMENSION_TIME, 1e-3, true},
    {"ms", DIMENSION_TIME, 1e3, true},
    {"s", DIMENSION_TIME, 1e6, true},
    {"min", DIMENSION_TIME, 60e6, true},
    {"h", DIMENSION_TIME, 3600e6, true},
    {"\xc2\xb5s", DIMENSION_TIME, 1, false},
    {"\xce\xbcs", DIMENSION_TIME, 1, false},
    {"e/A^2", DIMENSION_DOSE, 1, true},
    {"e/nm^2", DIMENSION_DOSE, 1e-2, true},
    {"e/\xc3\x85^2", DIMENSION_DOSE, 1, false},
    {"A/s", DIMENSION_SPEED, 1, true},
    {"nm/s", DIMENSION_SPEED, 10, true},
    {"nm/min", DIMENSION_SPEED, 10.0 / 60, true},
    {"\xc3\x85/s", DIMENSION_SPEED, 1, false},
    {"Hz", DIMENSION_FREQUENCY, 1, true},
    {"kHz", DIMENSION_FREQUENCY, 1e3, true},
    {"bytes", DIMENSION_MEMORY, 1, true},
    {"kB", DIMENSION_MEMORY, 1e3, true},
    {"MB", DIMENSION_MEMORY, 1e6, true},
    {"GB", DIMENSION_MEMORY, 1e9, true},
    {"k", DIMENSION_MEMORY, 1e3, false},
    {"M", DIMENSION_MEMORY, 1e6, false},
    {"G", DIMENSION_MEMORY, 1e9, false},
};
enum { UNITS = sizeof units / sizeof *units };

static const struct {
    const char *name, *example;
} dimensions[DIMENSION_COUNT] = {
    [DIMENSION_NONE] = {"number", "0.5"},
    [DIMENSION_LENGTH] = {"length", "0.12 A"},
    [DIMENSION_ANGLE] = {"angle", "23 mrad"},
    [DIMENSION_VOLTAGE] = {"voltage", "80 kV"},
    [DIMENSION_CURRENT] = {"current", "25 pA"},
    [DIMENSION_TIME] = {"time", "16 us"},
    [DIMENSION_DOSE] = {"dose", "1000 e/A^2"},
    [DIMENSION_SPEED] = {"speed", "0.5 nm/min"},
    [DIMENSION_FREQUENCY] = {"frequency", "50 Hz"},
    [DIMENSION_MEMORY] = {"memory", "2 GB"},
};

const char *mica_units_name(enum dimension dimension)
{
    return dimensions[dimension].name;
}

const char *mica_units_example(enum dimension dimension)
{
    return dimensions[dimension].example;
}

const char *mica_units_unit(enum dimension dimension, size_t place)
{
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].dimension == dimension && units[i].told && place-- == 0)
            return units[i].name;
    return NULL;
}

void mica_units_tell(struct text *out, enum dimension dimension, double value)
{
    char digits[40];
    const struct unit *best = NULL;
    for (size_t i = 0; i < UNITS; i++) {
        const struct unit *unit = &units[i];
        if (unit->dimension != dimension || !unit->told || !(unit->factor > 0))
            continue;
        const double amount = value / unit->factor;
        const bool neat = fabs(value) >= 1e4 && fabs(amount) >= 1 &&
                          floor(amount) <= amount && ceil(amount) <= amount;
        if (!best || (neat && unit->factor > best->factor))
            best = unit;
    }
    mica_text_add(out, "%s%s%s",
                  mica_text_digits(digits, best ? value / best->factor : value, 10),
                  best ? " " : "", best ? best->name : "");
}

/* "A, pm, nm, um, mm or px": the units of a dimension that may be used here. */
static void list(struct text *out, enum dimension dimension, bool pixels)
{
    const char *names[UNITS];
    size_t count = 0;
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].dimension == dimension && units[i].told &&
            (pixels || units[i].factor > 0))
            names[count++] = units[i].name;
    for (size_t i = 0; i < count; i++)
        mica_text_add(out, "%s%s",
                      i == 0          ? ""
                      : i + 1 < count ? ", "
                                      : " or ",
                      names[i]);
}

static const struct unit *find(const char *name, enum dimension dimension)
{
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].dimension == dimension && strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

/* A unit that differs only in case ("kv"): surely meant, but M and m are not the same. */
static const struct unit *meant(const char *name, enum dimension dimension)
{
    for (size_t i = 0; i < UNITS; i++) {
        const char *a = name, *b = units[i].name;
        while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b))
            a++, b++;
        if (units[i].dimension == dimension && *a == '\0' && *b == '\0')
            return &units[i];
    }
    return NULL;
}

static int complain(const char *name, enum dimension dimension, bool pixels,
                    struct error *err)
{
    struct text allowed = {0};
    list(&allowed, dimension, pixels);
    const struct unit *near = meant(name, dimension);
    const char *noun = mica_units_name(dimension);
    const char *example = mica_units_example(dimension);
    if (near)
        mica_misuse(err, "unknown unit '%.40s'; did you mean '%s'?", name, near->name);
    else if (name[0] == '\0')
        mica_misuse(err, "needs a unit, for example \"%s\" (allowed: %s)", example,
                    allowed.data);
    else
        mica_misuse(err, "'%.40s' is no unit of %s; use %s, for example \"%s\"", name,
                    noun, allowed.data, example);
    mica_text_free(&allowed);
    return -1;
}

/* The number at the beginning; hexadecimal, "inf" and "nan" are not for people. */
static int number(const char *text, enum dimension dimension, double *value,
                  char **rest, struct error *err)
{
    const char *digits = text + strspn(text, "+-");
    bool plain = isdigit((unsigned char)*digits) || *digits == '.';
    bool hexadecimal = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    *value = mica_text_number(text, rest);
    if (!plain || hexadecimal || *rest == text)
        return mica_misuse(err, "'%.40s' is no %s; write for example \"%s\"", text,
                           mica_units_name(dimension), mica_units_example(dimension));
    if (!isfinite(*value))
        return mica_misuse(err, "'%.40s' is too large a number", text);
    return 0;
}

int mica_units_parse(const char *text, enum dimension dimension, double pixel,
                     double *value, struct error *err)
{
    char *rest, name[42] = "";
    double amount;
    text += strspn(text, " ");
    if (number(text, dimension, &amount, &rest, err))
        return -1;
    rest += strspn(rest, " ");
    size_t length = strlen(rest);
    while (length > 0 && rest[length - 1] == ' ')
        length--;
    memcpy(name, rest, length < sizeof name ? length : sizeof name - 1);
    if (dimension == DIMENSION_NONE) {
        if (length > 0)
            return mica_misuse(err, "'%.40s' is no number: it takes no unit", text);
        *value = amount;
        return 0;
    }
    const struct unit *unit = find(name, dimension);
    if (!unit)
        return complain(name, dimension, pixel > 0, err);
    if (unit->factor <= 0 && !(pixel > 0))
        return mica_misuse(err,
                           "'%.40s' is in pixels, but the size of a pixel is not known "
                           "here; use A or nm, for example \"%s\"",
                           text, mica_units_example(dimension));
    *value = amount * (unit->factor > 0 ? unit->factor : pixel);
    return 0;
}

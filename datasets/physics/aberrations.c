/* aberrations.c - the phase that an imperfect lens gives to a wave */
#include "datasets/physics/aberrations.h"
#include "core/numeric.h"
#include "core/random.h"
#include "core/text.h"

#include <string.h>

static const double two_pi = 6.283185307179586;

static const struct aberration aberrations[ABERRATIONS] = {
    {"C10", 1, 0, 0},    {"C12a", 1, 2, 'a'}, {"C12b", 1, 2, 'b'}, {"C21a", 2, 1, 'a'},
    {"C21b", 2, 1, 'b'}, {"C23a", 2, 3, 'a'}, {"C23b", 2, 3, 'b'}, {"C30", 3, 0, 0},
    {"C32a", 3, 2, 'a'}, {"C32b", 3, 2, 'b'}, {"C34a", 3, 4, 'a'}, {"C34b", 3, 4, 'b'},
    {"C41a", 4, 1, 'a'}, {"C41b", 4, 1, 'b'}, {"C43a", 4, 3, 'a'}, {"C43b", 4, 3, 'b'},
    {"C45a", 4, 5, 'a'}, {"C45b", 4, 5, 'b'}, {"C50", 5, 0, 0},    {"C52a", 5, 2, 'a'},
    {"C52b", 5, 2, 'b'}, {"C54a", 5, 4, 'a'}, {"C54b", 5, 4, 'b'}, {"C56a", 5, 6, 'a'},
    {"C56b", 5, 6, 'b'}};

const struct aberration *mica_aberration(size_t i)
{
    return i < ABERRATIONS ? &aberrations[i] : NULL;
}

/* The coefficient that `key` names: "C12b" itself, "C12" and "phi12" as C12a; -1: none. */
static int place(const char *key, bool *polar, bool *angle)
{
    *angle = strncmp(key, "phi", 3) == 0;
    const char *digits = key + (*angle ? 3 : 1);
    for (int i = 0; i < ABERRATIONS; i++) {
        const struct aberration *one = &aberrations[i];
        *polar = one->part == 'a' && strlen(digits) == 2 &&
                 strncmp(one->name + 1, digits, 2) == 0 && (*angle || key[0] == 'C');
        if (*polar || strcmp(one->name, key) == 0)
            return i;
    }
    return -1;
}

static int unknown(const cJSON *item, const struct reader *reader, struct error *err)
{
    const char *names[ABERRATIONS];
    for (size_t i = 0; i < ABERRATIONS; i++)
        names[i] = aberrations[i].name;
    const char *nearest = mica_text_nearest(item->string, names, ABERRATIONS);
    return mica_json_fail(
        reader->json, item, err,
        "no aberration is called '%s'; %s%s%sthey are C10, C12a, C12b, "
        "C21a ... C50, C56b, or magnitude and angle as C12, phi12",
        item->string, nearest ? "did you mean '" : "", nearest ? nearest : "",
        nearest ? "'? " : "");
}

/* One key; `parts` marks the coefficients that were given as a and b. */
static int read_one(struct aberration_spreads *spreads, bool parts[ABERRATIONS],
                    const cJSON *item, const struct reader *reader, struct error *err)
{
    bool polar = false, angle = false;
    int at = place(item->string, &polar, &angle);
    if (at < 0)
        return unknown(item, reader, err);
    size_t i = (size_t)at;
    size_t first = aberrations[i].part == 'b' ? i - 1 : i;
    if (polar ? parts[first] : spreads->polar[first])
        return mica_json_fail(
            reader->json, item, err,
            "is given twice: give 'a' and 'b', or magnitude and angle");
    spreads->polar[first] = polar;
    parts[first] = !polar;
    spreads->defocused = spreads->defocused || i == 0;
    return mica_param_spread(angle ? &spreads->angles[i] : &spreads->coefficients[i],
                             item, angle ? DIMENSION_ANGLE : DIMENSION_LENGTH, reader,
                             err);
}

int mica_aberrations_read(struct aberration_spreads *spreads, const cJSON *object,
                          const struct reader *reader, struct error *err)
{
    bool parts[ABERRATIONS] = {false};
    int result = 0;
    *spreads = (struct aberration_spreads){.defocused = false};
    if (object && !cJSON_IsObject(object))
        return mica_json_fail(reader->json, object, err,
                              "must be an object, such as {\"C30\": \"0.3 um\"}");
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, object) if (read_one(spreads, parts, item, reader, err) !=
                                         0) result = -1;
    return result;
}

void mica_aberrations_draw(const struct aberration_spreads *spreads,
                           struct random *random, double coefficients[ABERRATIONS])
{
    for (size_t i = 0; i < ABERRATIONS; i++) {
        bool follows = i > 0 && spreads->polar[i - 1]; /* the 'b' of a magnitude */
        if (follows)
            continue;
        coefficients[i] = mica_spread_draw(&spreads->coefficients[i], random);
        if (!spreads->polar[i])
            continue;
        double turn =
            aberrations[i].fold * mica_spread_draw(&spreads->angles[i], random);
        coefficients[i + 1] = coefficients[i] * mica_sin(turn);
        coefficients[i] *= mica_cos(turn);
    }
}

/* (2 pi / lambda) C alpha^(n+1) / (n+1) = pi / 4 */
double mica_aberration_scale(const struct aberration *aberration, double wavelength,
                             double alpha)
{
    double power = alpha;
    for (int n = 0; n < aberration->order; n++)
        power *= alpha;
    return wavelength * (aberration->order + 1) / (8 * power);
}

/* a^(n+1) cos m phi = (a^2)^((n+1-m)/2) Re (ax + i ay)^m: polynomials, no angles */
double mica_aberration_phase(const double coefficients[ABERRATIONS], double wavelength,
                             double ax, double ay)
{
    double square = ax * ax + ay * ay;
    double even[4] = {1, square, square * square, square * square * square};
    double power[7][2] = {{1, 0}};
    for (int m = 1; m < 7; m++) {
        power[m][0] = power[m - 1][0] * ax - power[m - 1][1] * ay;
        power[m][1] = power[m - 1][0] * ay + power[m - 1][1] * ax;
    }
    double sum = 0;
    for (size_t i = 0; i < ABERRATIONS; i++) {
        const struct aberration *one = &aberrations[i];
        double radial = even[(one->order + 1 - one->fold) / 2] / (one->order + 1);
        sum += coefficients[i] * radial * power[one->fold][one->part == 'b'];
    }
    return two_pi / wavelength * sum;
}

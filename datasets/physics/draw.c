/* draw.c - one set of values out of a table of distributions, written down as it is drawn */
#include "datasets/physics/draw.h"
#include "core/text.h"

void mica_draw_stream(struct random *random, uint64_t seed, const char *purpose,
                      uint64_t index)
{
    mica_random_start(random, seed, (uint32_t)mica_text_hash(purpose), index);
}

void mica_draw_record(cJSON *object, const char *name, enum dimension dimension,
                      double value)
{
    const char *unit = mica_units_unit(dimension, 0);
    char digits[40], text[64];
    if (!unit) {
        cJSON_AddNumberToObject(object, name, value);
        return;
    }
    mica_text_digits(digits, value, 9);
    snprintf(text, sizeof text, "%s %s", digits, unit);
    cJSON_AddStringToObject(object, name, text);
}

static double value_of(const struct param *param, const void *target,
                       struct random *random)
{
    const void *field = (const char *)target + param->offset;
    switch (param->type) {
    case PARAM_RANDOM: {
        double value = mica_spread_draw(field, random);
        return fmin(fmax(value, param->least), param->most);
    }
    case PARAM_INT:
    case PARAM_CHOICE:
        return *(const int *)field;
    case PARAM_FLOAT:
    case PARAM_QUANTITY:
        return *(const double *)field;
    case PARAM_BOOL:
        return *(const bool *)field;
    default:
        return 0;
    }
}

void mica_draw(const struct param *table, const void *target, struct random *random,
               double values[DRAW_MOST], cJSON *drawn)
{
    for (size_t i = 0; table[i].type != PARAM_END; i++) {
        MICA_CHECK(i < DRAW_MOST);
        const struct param *param = &table[i];
        values[i] = value_of(param, target, random);
        if (param->type == PARAM_CHOICE)
            cJSON_AddStringToObject(drawn, param->name, param->choices[(int)values[i]]);
        else if (param->type == PARAM_BOOL)
            cJSON_AddBoolToObject(drawn, param->name, values[i] != 0);
        else if (param->type != PARAM_TEXT && param->type != PARAM_JSON &&
                 param->type != PARAM_NUMBERS)
            mica_draw_record(drawn, param->name, param->dimension, values[i]);
    }
}

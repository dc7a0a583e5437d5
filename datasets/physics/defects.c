/* defects.c - point defects by their names */
#include "datasets/physics/defects.h"
#include "core/random.h"
#include "core/text.h"
#include "datasets/physics/elements.h"

#include <string.h>

/* The part of a name after the '_': "Mo", "M", "S1", "X2"; 0 or -1. */
static int read_site(struct defect *defect, const char *site,
                     const struct crystal *crystal)
{
    size_t length = strlen(crystal->chalcogen);
    defect->on[true] = strcmp(site, crystal->metal) == 0 || strcmp(site, "M") == 0;
    defect->on[false] = strcmp(crystal->metal, crystal->chalcogen) == 0; /* graphene */
    defect->sites = 1;
    if (defect->on[true])
        return 0;
    defect->on[false] = true;
    if (site[0] == 'X')
        length = 1;
    else if (strncmp(site, crystal->chalcogen, length) != 0)
        return -1;
    if (crystal->thickness <= 0)
        return site[length] == '\0' ? 0 : -1;
    if (strcmp(site + length, "1") != 0 && strcmp(site + length, "2") != 0)
        return -1;
    defect->sites = site[length] - '0';
    return 0;
}

/* Whether atoms of an element replace chalcogens one for one; a metal atom takes the place
   of a pair alone. */
static bool is_metal(int number)
{
    static const int others[] = {5, 6, 7, 8, 9, 14, 15, 16, 17, 33, 34, 52, 53};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == number)
            return false;
    return true;
}

/* The part before the '_': "V", "Re", "S2"; 0 or -1. */
static int read_element(struct defect *defect, const char *symbol)
{
    char name[4] = "";
    size_t length = strlen(symbol);
    defect->atoms = 1;
    if (strcmp(symbol, "vanadium") == 0) {
        defect->element = 23;
        return 0;
    }
    if (strcmp(symbol, "V") == 0) {
        defect->atoms = 0;
        return 0;
    }
    if (length > 1 && symbol[length - 1] == '2' && defect->on[true]) {
        defect->atoms = 2;
        length--;
    }
    if (length >= sizeof name)
        return -1;
    memcpy(name, symbol, length);
    const struct element *element = mica_element_named(name);
    if (!element)
        return -1;
    defect->element = element->number;
    if (defect->sites == 2 && !is_metal(element->number))
        defect->atoms = 2;
    return 0;
}

static int read_name(struct defect *defect, const cJSON *item,
                     const struct crystal *crystal, const struct reader *reader,
                     struct error *err)
{
    char symbol[16];
    const char *mark = strchr(item->string, '_');
    size_t length = mark ? (size_t)(mark - item->string) : 0;
    defect->name = mica_arena_text(reader->arena, item->string);
    if (length > 0 && length < sizeof symbol) {
        memcpy(symbol, item->string, length);
        symbol[length] = '\0';
        if (read_site(defect, mark + 1, crystal) == 0 &&
            read_element(defect, symbol) == 0)
            return 0;
    }
    const char *x = crystal->chalcogen, *metal = crystal->metal;
    struct text sites = {0};
    if (crystal->thickness > 0)
        mica_text_add(&sites, "V_%s1, V_%s2, ", x, x);
    else if (strcmp(x, metal) != 0)
        mica_text_add(&sites, "V_%s, ", x);
    mica_json_fail(reader->json, item, err,
                   "'%s' is no defect of %s; they are %sV_%s, and another element in "
                   "such a place, as in Re_%s or O_%s%s",
                   item->string, crystal->name, sites.data ? sites.data : "", metal,
                   metal, x, crystal->thickness > 0 ? "1" : "");
    mica_text_free(&sites);
    return -1;
}

static int check_sum(const struct defect *defects, size_t count, bool metal,
                     const cJSON *object, const struct reader *reader,
                     struct error *err)
{
    double sum = 0, least, most;
    for (size_t i = 0; i < count; i++) {
        if (!defects[i].on[metal])
            continue;
        mica_spread_limits(&defects[i].probability, &least, &most);
        if (least < 0)
            return mica_json_fail(reader->json, object, err,
                                  "'%s' has a probability below 0", defects[i].name);
        sum += most;
    }
    if (sum <= 1)
        return 0;
    return mica_json_fail(
        reader->json, object, err,
        "the probabilities on one kind of column may reach %g; defects "
        "exclude each other, so their sum is at most 1",
        sum);
}

int mica_defects_read(struct defect **defects, size_t *count, const cJSON *object,
                      const struct crystal *crystal, const struct reader *reader,
                      struct error *err)
{
    *count = 0;
    if (!object)
        return 0;
    if (!cJSON_IsObject(object))
        return mica_json_fail(
            reader->json, object, err,
            "must be an object of probabilities, such as {\"V_S1\": 0.03}");
    size_t members = (size_t)cJSON_GetArraySize(object);
    if (members > DEFECTS_MOST)
        return mica_json_fail(reader->json, object, err, "has %zu defects, over %d",
                              members, DEFECTS_MOST);
    *defects = mica_arena_take(reader->arena, members, sizeof **defects);
    int result = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, object)
    {
        struct defect *defect = &(*defects)[(*count)++];
        if (read_name(defect, item, crystal, reader, err) != 0 ||
            mica_param_spread(&defect->probability, item, DIMENSION_NONE, reader,
                              err) != 0)
            result = -1;
    }
    if (result == 0 && (check_sum(*defects, *count, true, object, reader, err) != 0 ||
                        check_sum(*defects, *count, false, object, reader, err) != 0))
        result = -1;
    return result;
}

size_t mica_defect_choose(const struct defect *defects, const double *probabilities,
                          size_t count, bool metal, struct random *random)
{
    double rest = mica_random_uniform(random);
    for (size_t i = 0; i < count; i++) {
        if (!defects[i].on[metal])
            continue;
        rest -= probabilities[i];
        if (rest < 0)
            return i;
    }
    return count;
}

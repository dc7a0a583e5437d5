/* sets.c - values given on the command line: --set PATH=VALUE */
#include "apps/sets.h"

#include <string.h>

#include "core/text.h"

int mica_sets_apply(struct json *json, const char *const *sets, size_t count,
                    struct error *err)
{
    int result = 0;
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(sets[i], '=');
        if (equals == NULL || equals == sets[i]) {
            result = mica_misuse(err, "--set: must be PATH=VALUE, not '%s'", sets[i]);
            continue;
        }
        struct text path = {0};
        mica_text_append(&path, sets[i], (size_t)(equals - sets[i]));
        if (mica_json_set(json, path.data, equals + 1, err) != 0)
            result = -1;
        mica_text_free(&path);
    }
    return result;
}

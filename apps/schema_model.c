/* schema_model.c - the JSON Schema of what a model's file says of it */
#include <stddef.h>

#include "apps/schema.h"
#include "apps/schema_parts.h"

/* Metadata are text; what is not plain text is JSON within it. */
static const struct {
    const char *key;
    bool json;
    const char *description;
} keys[] = {
    {"mica.version", false, "the version of mica that wrote the file"},
    {"mica.net", true, "the network with its parameters' values: mica schema net"},
    {"mica.classes", true,
     "[{\"name\": \"background\", \"colour\": \"#000000\"}, ...] in the order of the "
     "outputs"},
    {"mica.channels", false, "channels of the images"},
    {"mica.pixel_range", true, "[least, largest] size of a pixel [A] in training"},
    {"mica.dose_range", true, "[least, largest] electrons a pixel in training"},
    {"mica.label_radius", true,
     "radius of the discs that objects were labelled with [A]: a quarter of their area "
     "is "
     "the least that mica predict counts"},
    {"mica.crystal", false, "the crystal that the images show one layer of: MoS2"},
    {"mica.normalise", true,
     "{\"kind\": \"standardise\", \"scope\": \"image\", \"window 60 A\" or \"dataset\" "
     "with "
     "\"mean\" and \"sd\" of each channel}: what is done to values before the network"},
    {"mica.task", false,
     "what makes a prediction of the logits: softmax, sigmoid, identity"},
    {"mica.training", true,
     "hashes of recipe and data, seed, steps, instruction set of the training"},
    {"mica.metrics", true, "what an evaluation measured"},
    {"mica.licence", false, "under which the weights may be used"},
    {"mica.citation", false, "what to cite"}};

static cJSON *make(void)
{
    cJSON *schema = mica_schema_document(
        "the metadata of a model of mica: all values are text", NULL);
    cJSON_DeleteItemFromObjectCaseSensitive(schema, "properties");
    cJSON_ReplaceItemInObjectCaseSensitive(
        schema, "additionalProperties",
        mica_schema_described("string", "anybody's own"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        cJSON *value = mica_schema_described("string", keys[i].description);
        if (keys[i].json)
            cJSON_AddStringToObject(value, "contentMediaType", "application/json");
        mica_schema_put(schema, keys[i].key, value);
    }
    return schema;
}

const struct schema mica_schema_model = {
    .name = "model", .summary = "the metadata of a model's .safetensors", .make = make};

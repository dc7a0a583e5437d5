/* schema.c - the JSON Schema of networks: completion and checks in editors */
#include <string.h>

#include "nets/nets.h"

/* What stands around the nodes. */
static const char document[] =
    "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    " \"title\": \"a network of mica\", \"type\": \"object\","
    " \"required\": [\"mica_net\", \"name\", \"input\", \"graph\"],"
    " \"additionalProperties\": false,"
    " \"properties\": {"
    "  \"$schema\": {\"type\": \"string\"},"
    "  \"mica_net\": {\"const\": 1, \"description\": \"the version of the format\"},"
    "  \"name\": {\"type\": \"string\"},"
    "  \"note\": {\"$ref\": \"#/$defs/note\"},"
    "  \"params\": {\"type\": \"object\", \"description\": \"names that expressions may"
    " use, and their values; a recipe or --set gives others\","
    "   \"additionalProperties\": {\"$ref\": \"#/$defs/literal\"}},"
    "  \"input\": {\"type\": \"object\", \"required\": [\"shape\"],"
    "   \"additionalProperties\": false, \"properties\": {"
    "    \"note\": {\"$ref\": \"#/$defs/note\"},"
    "    \"shape\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 3,"
    "     \"items\": {\"type\": [\"integer\", \"string\"]},"
    "     \"description\": \"rows, columns, channels; a word such as H leaves a size"
    " open; spectra have two entries, vectors one\"}}},"
    "  \"blocks\": {\"type\": \"object\","
    "   \"additionalProperties\": {\"$ref\": \"#/$defs/block\"}},"
    "  \"graph\": {\"$ref\": \"#/$defs/nodes\"},"
    "  \"output\": {\"type\": \"object\", \"minProperties\": 1, \"maxProperties\": 8,"
    "   \"additionalProperties\": {\"$ref\": \"#/$defs/reference\"},"
    "   \"description\": \"names of outputs and their nodes; else the last node\"}}}";
/* Its "$defs", but for the layers, whose tables of parameters are added to them. */
static const char definitions[] =
    "{"
    "  \"note\": {\"type\": \"string\", \"description\": \"for people\"},"
    "  \"literal\": {\"type\": [\"number\", \"boolean\", \"string\", \"array\"]},"
    "  \"expression\": {\"type\": \"string\", \"pattern\": \"^=\","
    "   \"description\": \"+ - * / // % **, comparisons, && || !, c ? a : b\"},"
    "  \"reference\": {\"type\": \"string\", \"description\": \"an id (enc2.bn1 reaches"
    " into a block), @prev, @in, or @PORT of a block\"},"
    "  \"id\": {\"type\": \"string\", \"description\": \"names the node and its "
    "weights;"
    " {expression} is filled in\"},"
    "  \"in\": {\"anyOf\": [{\"$ref\": \"#/$defs/reference\"},"
    "   {\"$ref\": \"#/$defs/references\"}],"
    "   \"description\": \"what it reads; else the node before\"},"
    "  \"references\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 8,"
    "   \"items\": {\"$ref\": \"#/$defs/reference\"}},"
    "  \"when\": {\"anyOf\": [{\"$ref\": \"#/$defs/expression\"}, {\"type\": "
    "\"boolean\"}],"
    "   \"description\": \"where it is false the input passes through\"},"
    "  \"nodes\": {\"type\": \"array\", \"minItems\": 1,"
    "   \"items\": {\"$ref\": \"#/$defs/node\"}},"
    "  \"block\": {\"type\": \"object\", \"required\": [\"layers\"],"
    "   \"additionalProperties\": false, \"properties\": {"
    "    \"note\": {\"$ref\": \"#/$defs/note\"},"
    "    \"inputs\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 8,"
    "     \"items\": {\"type\": \"string\"}, \"description\": \"its ports, read as"
    " @NAME; [\\\"in\\\"] where it is left out\"},"
    "    \"args\": {\"type\": \"object\", \"description\": \"int, num, or the value"
    " where none is given\","
    "     \"additionalProperties\": {\"$ref\": \"#/$defs/literal\"}},"
    "    \"layers\": {\"$ref\": \"#/$defs/nodes\"}}},"
    "  \"for\": {\"type\": \"object\", \"required\": [\"for\", \"do\"],"
    "   \"additionalProperties\": false, \"properties\": {"
    "    \"note\": {\"$ref\": \"#/$defs/note\"},"
    "    \"for\": {\"type\": \"object\", \"minProperties\": 1, \"maxProperties\": 8,"
    "     \"additionalProperties\": {\"type\": [\"array\", \"string\"]},"
    "     \"description\": \"lists, or ranges such as 0..4 (0 to 3), that are gone"
    " through together\"},"
    "    \"do\": {\"$ref\": \"#/$defs/nodes\"},"
    "    \"index\": {\"type\": \"string\", \"description\": \"a name for the place in"
    " the list\"},"
    "    \"reverse\": {\"type\": \"boolean\"},"
    "    \"when\": {\"$ref\": \"#/$defs/when\"}}},"
    "  \"seq\": {\"type\": \"object\", \"required\": [\"seq\"],"
    "   \"additionalProperties\": false, \"properties\": {"
    "    \"note\": {\"$ref\": \"#/$defs/note\"}, \"id\": {\"$ref\": \"#/$defs/id\"},"
    "    \"in\": {\"$ref\": \"#/$defs/in\"}, \"when\": {\"$ref\": \"#/$defs/when\"},"
    "    \"seq\": {\"$ref\": \"#/$defs/nodes\"}}},"
    "  \"net\": {\"type\": \"object\", \"required\": [\"net\"],"
    "   \"additionalProperties\": false, \"properties\": {"
    "    \"note\": {\"$ref\": \"#/$defs/note\"}, \"id\": {\"$ref\": \"#/$defs/id\"},"
    "    \"in\": {\"$ref\": \"#/$defs/in\"}, \"when\": {\"$ref\": \"#/$defs/when\"},"
    "    \"net\": {\"type\": [\"string\", \"object\"],"
    "     \"description\": \"the file of a network, or the network itself\"},"
    "    \"params\": {\"type\": \"object\","
    "     \"additionalProperties\": {\"$ref\": \"#/$defs/literal\"}},"
    "    \"until\": {\"type\": \"string\", \"description\": \"the id of the last node"
    " that is wanted\"},"
    "    \"prefix\": {\"type\": \"string\", \"pattern\": \"^$|[.]$\","
    "     \"description\": \"goes before the names of its weights\"}}}}";

static cJSON *reference_to(const char *name)
{
    char path[128];
    cJSON *object = cJSON_CreateObject();
    snprintf(path, sizeof path, "#/$defs/%s", name);
    cJSON_AddStringToObject(object, "$ref", path);
    return object;
}

/* {"anyOf": [what, {"$ref": "#/$defs/expression"}]} */
static cJSON *or_expression(cJSON *what)
{
    cJSON *either = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(either, "anyOf");
    cJSON_AddItemToArray(list, what);
    cJSON_AddItemToArray(list, reference_to("expression"));
    return either;
}

/* The layer's table as a schema whose values may be expressions. */
static cJSON *arguments_of(const struct layer *layer)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", "object");
    cJSON_AddBoolToObject(schema, "additionalProperties", false);
    if (layer->params == NULL)
        return schema;
    mica_param_schema(layer->params, schema);
    cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    for (const struct param *p = layer->params; p->name != NULL; p++) {
        cJSON *property = cJSON_DetachItemFromObjectCaseSensitive(properties, p->name);
        cJSON_AddItemToObject(properties, p->name, or_expression(property));
    }
    return schema;
}

/* What stands behind the layer's name: its first argument, all of them, or its inputs. */
static cJSON *main_value(const struct layer *layer, const cJSON *arguments)
{
    if (layer->inputs == 0)
        return reference_to("references");
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(arguments, "properties");
    cJSON *all = cJSON_Duplicate(arguments, true);
    if (layer->params == NULL || layer->params->name == NULL)
        return all;
    cJSON *either = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(either, "anyOf");
    const cJSON *first =
        cJSON_GetObjectItemCaseSensitive(properties, layer->params->name);
    cJSON_AddItemToArray(list, cJSON_Duplicate(first, true));
    cJSON_AddItemToArray(list, all);
    return either;
}

static cJSON *node_of(const struct layer *layer)
{
    static const char *const common[] = {"id", "in", "when", "note"};
    cJSON *arguments = arguments_of(layer), *node = cJSON_CreateObject();
    cJSON_AddStringToObject(node, "type", "object");
    cJSON_AddStringToObject(node, "description", layer->summary);
    cJSON_AddBoolToObject(node, "additionalProperties", false);
    cJSON *required = cJSON_AddArrayToObject(node, "required");
    cJSON_AddItemToArray(required, cJSON_CreateString(layer->name));
    cJSON *properties = cJSON_AddObjectToObject(node, "properties");
    cJSON_AddItemToObject(properties, layer->name, main_value(layer, arguments));
    cJSON *own = cJSON_GetObjectItemCaseSensitive(arguments, "properties");
    for (const struct param *p = layer->params; p != NULL && p->name != NULL; p++)
        if (strcmp(p->name, layer->name) != 0)
            cJSON_AddItemToObject(
                properties, p->name,
                cJSON_DetachItemFromObjectCaseSensitive(own, p->name));
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (layer->inputs != 0 || strcmp(common[i], "in") != 0)
            cJSON_AddItemToObject(properties, common[i], reference_to(common[i]));
    cJSON_Delete(arguments);
    return node;
}

/* A block's use has one key of the user's choosing, which no schema can foresee. */
static cJSON *use_of_block(void)
{
    return cJSON_Parse("{\"type\": \"object\", \"description\": \"a block\","
                       " \"properties\": {\"id\": {\"$ref\": \"#/$defs/id\"},"
                       " \"in\": {\"$ref\": \"#/$defs/in\"},"
                       " \"when\": {\"$ref\": \"#/$defs/when\"},"
                       " \"note\": {\"$ref\": \"#/$defs/note\"}},"
                       " \"maxProperties\": 5}");
}

cJSON *mica_net_schema(void)
{
    static const char *const structures[] = {"for", "seq", "net"};
    cJSON *schema = cJSON_Parse(document), *defs = cJSON_Parse(definitions);
    MICA_CHECK(schema != NULL && defs != NULL);
    cJSON_AddItemToObject(schema, "$defs", defs);
    cJSON *node = cJSON_AddObjectToObject(defs, "node");
    cJSON *list = cJSON_AddArrayToObject(node, "anyOf");
    cJSON_AddItemToArray(list, cJSON_Parse("{\"type\": \"string\"}"));
    for (size_t i = 0; i < sizeof structures / sizeof *structures; i++)
        cJSON_AddItemToArray(list, reference_to(structures[i]));
    for (size_t i = 0; mica_layer(i) != NULL; i++) {
        const struct layer *layer = mica_layer(i);
        if (layer->activation != NULL)
            continue; /* losses are named by recipes */
        cJSON_AddItemToObject(defs, layer->name, node_of(layer));
        cJSON_AddItemToArray(list, reference_to(layer->name));
    }
    cJSON_AddItemToArray(list, use_of_block());
    return schema;
}

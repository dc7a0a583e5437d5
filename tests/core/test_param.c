/* test_param.c - tables of parameters: values, defaults, limits, messages, manual, schema */
#include "core/param.h"
#include "core/random.h"
#include "core/text.h"
#include "tests/test.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct thing {
    int kernel, padding, mode;
    double rate, pixel;
    bool bias;
    const char *name;
    struct spread gain, defocus;
    struct numbers sizes;
    const cJSON *rest;
};

static const char *const paddings[] = {"same", "valid", NULL};
static const char *const modes[] = {"nearest", "bilinear", "bicubic", NULL};
static const struct param table[] = {
    {"kernel", PARAM_INT, offsetof(struct thing, kernel), PARAM_NEEDED, 1, 16,
     "its width"},
    {"padding", PARAM_INT, offsetof(struct thing, padding), -1, 0, 64, "what is added",
     .choices = paddings},
    {"mode", PARAM_CHOICE, offsetof(struct thing, mode), 1, .help = "how",
     .choices = modes},
    {"rate", PARAM_FLOAT, offsetof(struct thing, rate), 0.5, 0, 0.99, "a probability"},
    {"pixel", PARAM_QUANTITY, offsetof(struct thing, pixel), 0.1, 0.01, 100,
     "of the image", .dimension = DIMENSION_LENGTH},
    {"bias", PARAM_BOOL, offsetof(struct thing, bias), 1, .help = "whether to add one"},
    {"name", PARAM_TEXT, offsetof(struct thing, name), .help = "a name"},
    {"gain", PARAM_RANDOM, offsetof(struct thing, gain), 1, 0, HUGE_VAL, "a factor"},
    {"defocus", PARAM_RANDOM, offsetof(struct thing, defocus), 0, PARAM_ANY,
     "underfocus", .dimension = DIMENSION_LENGTH},
    {"sizes", PARAM_NUMBERS, offsetof(struct thing, sizes), 0, 1, 9, "a few"},
    {"rest", PARAM_JSON, offsetof(struct thing, rest), .help = "anything"},
    {0}};

/* What is read from a text, and what is said about it. */
struct reading {
    struct json *json;
    struct reader reader;
    struct error err;
    struct thing thing;
    int status;
};

/* "=N": twice N */
static int resolve(void *context, const cJSON *item, double *value, struct error *err)
{
    const struct reading *r = context;
    if (item->valuestring[1] == '?')
        return mica_json_fail(r->json, item, err, "unheard of");
    *value = 2 * atof(item->valuestring + 1);
    return 0;
}

static void begin(struct reading *r, const char *text)
{
    *r = (struct reading){0};
    r->json = mica_json_parse(text, "f.json", &r->err);
    if (!r->json)
        print_error("%s\n", r->err.text);
    assert_non_null(r->json);
    r->reader = (struct reader){.json = r->json,
                                .arena = mica_arena_new(),
                                .pixel = 0.25,
                                .resolve = resolve,
                                .context = r};
}

static void end(struct reading *r)
{
    mica_arena_free(r->reader.arena);
    mica_json_free(r->json);
}

static const char *const others[] = {"conv2d", "id", NULL};

/* {"conv2d": main, key: value ...} as a node of a network, or keys alone. */
static void read_text(struct reading *r, const char *text)
{
    begin(r, text);
    const cJSON *object = mica_json_root(r->json);
    const cJSON *main = cJSON_GetObjectItemCaseSensitive(object, "conv2d");
    r->status =
        mica_param_read(table, &r->thing, main, object, others, &r->reader, &r->err);
}

TEST(param_reads_every_type)
{
    struct reading r;
    read_text(&r,
              "{\"kernel\": 3.0, \"padding\": \"valid\", \"mode\": \"bicubic\","
              "\"rate\": 0.25, \"pixel\": \"1 nm\", \"bias\": false, \"name\": \"n\","
              "\"gain\": {\"uniform\": [0.8, 1.25]}, \"sizes\": [1, 2.5, 9],"
              "\"rest\": {\"a\": 1}, \"defocus\": \"2 px\", \"id\": \"x\"}");
    assert_string_equal(r.err.text, "");
    assert_int_equal(r.status, 0);
    assert_int_equal(r.thing.kernel, 3);
    assert_int_equal(r.thing.padding, -2);
    assert_int_equal(r.thing.mode, 2);
    assert_near(r.thing.rate, 0.25, 0);
    assert_near(r.thing.pixel, 10, 0);
    assert_false(r.thing.bias);
    assert_string_equal(r.thing.name, "n");
    assert_int_equal(r.thing.gain.kind, SPREAD_UNIFORM);
    assert_near(r.thing.gain.b, 1.25, 0);
    assert_near(r.thing.defocus.a, 0.5, 0);
    assert_int_equal(r.thing.sizes.count, 3);
    assert_near(r.thing.sizes.values[1], 2.5, 0);
    assert_near(cJSON_GetObjectItem(r.thing.rest, "a")->valuedouble, 1, 0);
    end(&r);
}

TEST(param_fills_in_the_standards)
{
    struct reading r;
    read_text(&r, "{\"conv2d\": 5}");
    assert_int_equal(r.status, 0);
    assert_int_equal(r.thing.kernel, 5);
    assert_int_equal(r.thing.padding, -1);
    assert_int_equal(r.thing.mode, 1);
    assert_near(r.thing.rate, 0.5, 0);
    assert_near(r.thing.pixel, 0.1, 0);
    assert_true(r.thing.bias);
    assert_null(r.thing.name);
    assert_int_equal(r.thing.gain.kind, SPREAD_CONSTANT);
    assert_near(r.thing.gain.a, 1, 0);
    assert_int_equal(r.thing.sizes.count, 0);
    assert_null(r.thing.rest);
    end(&r);
    struct thing thing;
    memset(&thing, 0x55, sizeof thing);
    mica_param_standard(table, &thing);
    assert_int_equal(thing.padding, -1);
    assert_null(thing.name);
}

TEST(param_takes_one_number_for_a_list)
{
    struct reading r;
    read_text(&r, "{\"conv2d\": 5, \"sizes\": 4}");
    assert_int_equal(r.status, 0);
    assert_int_equal(r.thing.sizes.count, 1);
    assert_near(r.thing.sizes.values[0], 4, 0);
    end(&r);
}

TEST(param_takes_keys_from_the_main_value)
{
    struct reading r;
    read_text(&r, "{\"conv2d\": {\"kernel\": 7, \"rate\": 0}, \"bias\": false}");
    assert_int_equal(r.status, 0);
    assert_int_equal(r.thing.kernel, 7);
    assert_near(r.thing.rate, 0, 0);
    assert_false(r.thing.bias);
    end(&r);
}

TEST(param_whose_main_value_is_random_takes_either)
{
    struct gain {
        struct spread gain;
        int per;
    } gain;
    static const struct param gains[] = {
        {"gain", PARAM_RANDOM, offsetof(struct gain, gain), 1, .help = ""},
        {"per", PARAM_INT, offsetof(struct gain, per), 0, .help = ""},
        {0}};
    static const char *const texts[] = {
        "{\"normal\": [2, 0.1]}", "{\"gain\": {\"normal\": [2, 0.1]}, \"per\": 0}"};
    for (int i = 0; i < 2; i++) {
        struct reading r;
        begin(&r, texts[i]);
        assert_int_equal(mica_param_read(gains, &gain, mica_json_root(r.json), NULL,
                                         NULL, &r.reader, &r.err),
                         0);
        assert_int_equal(gain.gain.kind, SPREAD_NORMAL);
        assert_near(gain.gain.a, 2, 0);
        end(&r);
    }
}

TEST(param_expressions_are_resolved)
{
    struct reading r;
    read_text(&r, "{\"conv2d\": \"=4\", \"bias\": \"=0\", \"rate\": \"=0.1\", "
                  "\"sizes\": [\"=2\"],"
                  " \"gain\": {\"choice\": [\"=1\", 3]}, \"padding\": \"=3\"}");
    assert_string_equal(r.err.text, "");
    assert_int_equal(r.thing.kernel, 8);
    assert_int_equal(r.thing.padding, 6);
    assert_false(r.thing.bias);
    assert_near(r.thing.rate, 0.2, 0);
    assert_near(r.thing.sizes.values[0], 4, 0);
    assert_near(r.thing.gain.choices.values[0], 2, 0);
    end(&r);
    read_text(&r, "{\"conv2d\": \"=20\", \"rate\": \"=?\", \"padding\": \"=0.75\"}");
    assert_string_equal(r.err.text,
                        "f.json:1:12: #/conv2d: must be between 1 and 16, not 40\n"
                        "f.json:1:27: #/rate: unheard of\n"
                        "f.json:1:44: #/padding: must be a whole number, not 1.5");
    end(&r);
}

static void expect(const char *text, const char *message)
{
    struct reading r;
    read_text(&r, text);
    assert_string_equal(r.err.text, message);
    assert_int_equal(r.status, -1);
    assert_int_equal(r.err.code, MICA_MISUSE);
    end(&r);
}

TEST(param_messages_say_where_what_and_what_is_allowed)
{
    static const char *const cases[][3] = {
        {"\"kernel\"", "0", "must be between 1 and 16, not 0"},
        {"\"kernel\"", "17", "must be between 1 and 16, not 17"},
        {"\"kernel\"", "2.5", "must be a whole number, not 2.5"},
        {"\"kernel\"", "\"3\"", "must be a whole number, not '3'"},
        {"\"kernel\"", "true", "must be a whole number, not true"},
        {"\"kernel\"", "[3]", "must be a whole number, not an array"},
        {"\"kernel\"", "null", "must be a whole number, not null"},
        {"\"padding\"", "\"sme\"", "'sme' is not known; did you mean 'same'?"},
        {"\"padding\"", "\"full\"",
         "must be a whole number or 'same' or 'valid', not 'full'"},
        {"\"padding\"", "65", "must be between 0 and 64, not 65"},
        {"\"mode\"", "\"Bilinear\"",
         "'Bilinear' is not known; did you mean 'bilinear'?"},
        {"\"mode\"", "1", "must be 'nearest', 'bilinear' or 'bicubic', not 1"},
        {"\"rate\"", "1", "must be between 0 and 0.99, not 1"},
        {"\"rate\"", "\"half\"", "must be a number, not 'half'"},
        {"\"pixel\"", "0.12", "needs a unit, for example \"0.12 A\""},
        {"\"pixel\"", "\"1 um\"", "must be between 0.01 A and 100 A, not '1 um'"},
        {"\"pixel\"", "{}",
         "must be a length with a unit, for example \"0.12 A\", not an object"},
        {"\"pixel\"", "\"1 mrad\"",
         "'mrad' is no unit of length; use A, pm, nm, um, mm or px, for example \"0.12 "
         "A\""},
        {"\"bias\"", "1", "must be true or false, not 1"},
        {"\"bias\"", "\"true\"", "must be true or false, not 'true'"},
        {"\"name\"", "3", "must be text in double quotes, not 3"},
        {"\"gain\"", "-1", "must be at least 0, not -1"},
        {"\"gain\"", "[0.8, 1.2]",
         "a bare array is no random value; write {\"uniform\": [a, b]} or {\"choice\": "
         "[...]}"},
        {"\"gain\"", "{\"unifrom\": [1, 2]}",
         "no random value is called 'unifrom'; did you mean 'uniform'?"},
        {"\"gain\"", "{}",
         "a random value has one key: uniform, log_uniform, normal, choice or range"},
        {"\"gain\"", "{\"uniform\": [1, 2], \"normal\": [1, 2]}",
         "a random value has one key: uniform, log_uniform, normal, choice or range"},
        {"\"gain\"", "{\"uniform\": [-1, 2]}", "must be at least 0, not -1"},
        {"\"gain\"", "{\"normal\": [1, 0.5]}", "must be at least 0, not -1"},
        {"\"defocus\"", "{\"choice\": [1]}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200], message[300];
        snprintf(text, sizeof text, "{%s: %s, \"conv2d\": 1}", cases[i][0],
                 cases[i][1]);
        const char *name = cases[i][0] + 1;
        if (strncmp(name, "kernel", 6) == 0)
            snprintf(text, sizeof text, "{%s: %s}", cases[i][0], cases[i][1]);
        snprintf(message, sizeof message, "f.json:1:%zu: #/%.*s: %s", strlen(name) + 5,
                 (int)strlen(name) - 1, name, cases[i][2] ? cases[i][2] : "");
        if (cases[i][2])
            expect(text, message);
    }
    expect("{\"conv2d\": 1, \"defocus\": {\"uniform\": [\"0 A\", 3]}}",
           "f.json:1:46: #/defocus/uniform/1: needs a unit, for example \"0.12 A\"");
    expect("{\"conv2d\": 1, \"sizes\": [1, \"2\", 10]}",
           "f.json:1:28: #/sizes/1: must be a number, not '2'\n"
           "f.json:1:33: #/sizes/2: must be between 1 and 9, not 10");
}

TEST(param_refuses_unknown_missing_and_double_keys)
{
    expect("{\"conv2d\": 1, \"ratte\": 3}",
           "f.json:1:24: #/ratte: unknown key 'ratte'; did you mean 'rate'?");
    expect("{\"conv2d\": 1, \"idd\": 3}",
           "f.json:1:22: #/idd: unknown key 'idd'; did you mean 'id'?");
    expect("{\"conv2d\": 1, \"zzz\": 3}",
           "f.json:1:22: #/zzz: unknown key 'zzz'; known are kernel, padding, mode, "
           "rate, pixel, "
           "bias, name, gain, defocus, sizes, rest, conv2d or id");
    expect("{\"rate\": 0.1}", "f.json:1:1: #: needs 'kernel': its width");
    expect("{\"conv2d\": {\"rate\": 0.1}}",
           "f.json:1:12: #/conv2d: needs 'kernel': its width");
    expect("{\"conv2d\": 1, \"kernel\": 3}",
           "f.json:1:25: #/kernel: 'kernel' is given twice");
    expect("[]", "f.json:1:1: #: must be an object, not an array");
}

TEST(param_tells_all_problems_in_one_run)
{
    struct reading r;
    read_text(&r, "{\"kernel\": 0,\n\"rate\": 2,\n\"bias\": 0,\n\"foo\": 1,\n"
                  "\"gain\": {\"uniform\": [1]}}");
    assert_int_equal(r.err.lines, 5);
    assert_non_null(strstr(r.err.text, "f.json:5:21: #/gain/uniform: must be [a, b]"));
    assert_near(r.thing.rate, 0.5, 0); /* what is wrong leaves the standard */
    end(&r);
}

TEST(param_blames_a_given_place_where_nothing_is_given)
{
    struct reading r;
    begin(&r, "[\"relu\", \"conv2d\"]");
    r.reader.place = cJSON_GetArrayItem(mica_json_root(r.json), 1);
    assert_int_equal(
        mica_param_read(table, &r.thing, NULL, NULL, NULL, &r.reader, &r.err), -1);
    assert_string_equal(r.err.text, "f.json:1:10: #/1: needs 'kernel': its width");
    end(&r);
    static const struct param empty[] = {{0}};
    begin(&r, "[3, {}]");
    const cJSON *list = mica_json_root(r.json);
    assert_int_equal(
        mica_param_read(empty, NULL, list->child, NULL, NULL, &r.reader, &r.err), -1);
    assert_int_equal(
        mica_param_read(empty, NULL, list->child->next, NULL, NULL, &r.reader, &r.err),
        0);
    assert_int_equal(r.err.lines, 1);
    end(&r);
}

TEST(param_int_fits_an_int)
{
    struct wide {
        int value;
    } wide;
    static const struct param wides[] = {{"value", PARAM_INT, 0, 0, PARAM_ANY, ""},
                                         {0}};
    static const char *const texts[] = {"2147483647", "-2147483647", "2147483648",
                                        "-1e300"};
    for (int i = 0; i < 4; i++) {
        struct reading r;
        begin(&r, texts[i]);
        assert_int_equal(mica_param_read(wides, &wide, mica_json_root(r.json), NULL,
                                         NULL, &r.reader, &r.err),
                         i < 2 ? 0 : -1);
        assert_int_equal(wide.value, i == 0 ? INT_MAX : i == 1 ? -INT_MAX : 0);
        end(&r);
    }
}

/* --- values that are drawn --- */

static int read_spread(struct reading *r, const char *text, enum dimension dimension,
                       struct spread *out)
{
    begin(r, text);
    return mica_param_spread(out, mica_json_root(r->json), dimension, &r->reader,
                             &r->err);
}

/* The least and most of many draws. */
static void expect_draws(const char *text, enum dimension dimension, double least,
                         double most, double mean, double tolerance)
{
    struct reading r;
    struct spread spread;
    struct random random;
    double sum = 0, low = HUGE_VAL, high = -HUGE_VAL, lower, upper;
    assert_int_equal(read_spread(&r, text, dimension, &spread), 0);
    mica_spread_limits(&spread, &lower, &upper);
    assert_near(lower, least, 1e-12);
    assert_near(upper, most, 1e-12);
    mica_random_start(&random, 1, 2, 3);
    for (int i = 0; i < 20000; i++) {
        double x = mica_spread_draw(&spread, &random);
        low = fmin(low, x), high = fmax(high, x);
        sum += x / 20000;
    }
    assert_true(low >= least - 1e-12 && high <= most + 1e-12);
    assert_near(sum, mean, tolerance);
    end(&r);
}

TEST(spread_draws_what_its_kind_says)
{
    expect_draws("3", DIMENSION_NONE, 3, 3, 3, 1e-9);
    expect_draws("\"3 nm\"", DIMENSION_LENGTH, 30, 30, 30, 1e-9);
    expect_draws("{\"uniform\": [-1, 3]}", DIMENSION_NONE, -1, 3, 1, 0.05);
    expect_draws("{\"log_uniform\": [0.01, 1]}", DIMENSION_NONE, 0.01, 1,
                 0.99 / log(100), 0.01);
    expect_draws("{\"normal\": [\"0 A\", \"10 A\"]}", DIMENSION_LENGTH, -40, 40, 0,
                 0.4);
    expect_draws("{\"normal\": [7, 0]}", DIMENSION_NONE, 7, 7, 7, 1e-9);
    expect_draws("{\"choice\": [2, 8, 5]}", DIMENSION_NONE, 2, 8, 5, 0.1);
    expect_draws("{\"range\": [\"0.06 A\", \"0.24 A\", \"0.03 A\"]}", DIMENSION_LENGTH,
                 0.06, 0.24, 0.15, 0.003);
    expect_draws("{\"range\": [5, 5, 1]}", DIMENSION_NONE, 5, 5, 5, 1e-9);
}

TEST(spread_range_includes_both_ends_exactly)
{
    struct reading r;
    struct spread spread;
    assert_int_equal(
        read_spread(&r, "{\"range\": [0.1, 0.7, 0.1]}", DIMENSION_NONE, &spread), 0);
    assert_int_equal(spread.choices.count, 7);
    assert_near(spread.choices.values[0], 0.1, 0);
    assert_near(spread.choices.values[6], 0.7, 0);
    assert_near(spread.choices.values[3], 0.4, 1e-15);
    end(&r);
}

TEST(spread_refuses_what_makes_no_sense)
{
    static const char *const texts[] = {"{\"uniform\": [2, 1]}",
                                        "{\"uniform\": [1]}",
                                        "{\"uniform\": 3}",
                                        "{\"choice\": 3}",
                                        "{\"uniform\": [1, 2, 3]}",
                                        "{\"log_uniform\": [0, 1]}",
                                        "{\"log_uniform\": [-1, 1]}",
                                        "{\"normal\": [0, -1]}",
                                        "{\"choice\": []}",
                                        "{\"choice\": [[1]]}",
                                        "{\"range\": [0, 1, 0.3]}",
                                        "{\"range\": [0, 1, 0]}",
                                        "{\"range\": [1, 0, 0.5]}",
                                        "{\"range\": [0, 1, -0.5]}",
                                        "{\"range\": [0, 1, 1e-9]}",
                                        "{\"range\": [0, 1e300, 1]}",
                                        "true",
                                        "null",
                                        "\"2\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading r;
        struct spread spread;
        assert_int_equal(read_spread(&r, texts[i], DIMENSION_NONE, &spread), -1);
        assert_int_equal(r.err.lines, 1);
        end(&r);
    }
}

TEST(spread_is_recognised)
{
    struct reading r;
    begin(&r, "[{\"uniform\": 1}, {\"a\": 1}, {}, 3, {\"choice\": [], \"b\": 1}]");
    const cJSON *item = mica_json_root(r.json)->child;
    for (int i = 0; item; item = item->next, i++)
        assert_int_equal(mica_param_is_spread(item), i == 0);
    end(&r);
}

/* --- manual and schema --- */

TEST(param_describes_itself_to_people)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    mica_param_describe(table, out);
    fclose(out);
    assert_string_equal(
        text, "  kernel   its width (whole number, 1 to 16; needed)\n"
              "  padding  what is added (whole number or same or valid, 0 to 64; "
              "default same)\n"
              "  mode     how (one of nearest, bilinear, bicubic; default bilinear)\n"
              "  rate     a probability (number, 0 to 0.99; default 0.5)\n"
              "  pixel    of the image (length, 0.01 A to 100 A; default 0.1 A)\n"
              "  bias     whether to add one (true or false; default true)\n"
              "  name     a name (text)\n"
              "  gain     a factor (number or random, at least 0; default 1)\n"
              "  defocus  underfocus (length or random; default 0 A)\n"
              "  sizes    a few (numbers, 1 to 9)\n"
              "  rest     anything (JSON)\n");
    free(text);
}

static void expect_property(const cJSON *schema, const char *name, const char *text)
{
    const cJSON *properties = cJSON_GetObjectItem(schema, "properties");
    char *printed = cJSON_PrintUnformatted(cJSON_GetObjectItem(properties, name));
    assert_string_equal(printed, text);
    cJSON_free(printed);
}

TEST(param_makes_a_schema)
{
    cJSON *schema = cJSON_CreateObject();
    mica_param_schema(table, schema);
    const cJSON *required = cJSON_GetObjectItem(schema, "required");
    assert_int_equal(cJSON_GetArraySize(required), 1);
    assert_string_equal(required->child->valuestring, "kernel");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(schema, "properties")), 11);
    expect_property(
        schema, "kernel",
        "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":16},"
        "{\"type\":\"string\",\"pattern\":\"^=\"}],\"description\":\"its width\"}");
    expect_property(
        schema, "mode",
        "{\"enum\":[\"nearest\",\"bilinear\",\"bicubic\"],\"description\":\"how\","
        "\"default\":\"bilinear\"}");
    expect_property(
        schema, "pixel",
        "{\"type\":\"string\",\"pattern\":\"^ *[-+]?[0-9.]+([eE][-+]?[0-9]+)? "
        "*(A|pm|nm|um|mm|px) *$\",\"description\":\"of the image\","
        "\"default\":\"0.1 A\"}");
    expect_property(schema, "bias",
                    "{\"type\":\"boolean\",\"description\":\"whether to add one\","
                    "\"default\":true}");
    const cJSON *gain =
        cJSON_GetObjectItem(cJSON_GetObjectItem(schema, "properties"), "gain");
    const cJSON *object = cJSON_GetArrayItem(cJSON_GetObjectItem(gain, "anyOf"), 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(object, "properties")), 5);
    expect_property(
        schema, "padding",
        "{\"anyOf\":[{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0,"
        "\"maximum\":64},{\"type\":\"string\",\"pattern\":\"^=\"}]},"
        "{\"enum\":[\"same\",\"valid\"]}],\"description\":\"what is added\","
        "\"default\":\"same\"}");
    expect_property(
        schema, "sizes",
        "{\"anyOf\":[{\"anyOf\":[{\"type\":\"number\",\"minimum\":1,\"maximum\":9},"
        "{\"type\":\"string\",\"pattern\":\"^=\"}]},{\"type\":\"array\",\"items\":"
        "{\"anyOf\":[{\"type\":\"number\",\"minimum\":1,\"maximum\":9},"
        "{\"type\":\"string\",\"pattern\":\"^=\"}]},\"minItems\":0}],"
        "\"description\":\"a few\"}");
    mica_param_schema(table + 9, schema); /* a second table joins the first */
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(schema, "required")), 1);
    cJSON_Delete(schema);
}

/* test_json.c - reading, places, pointers, laying over, hostile texts */
#include "core/file.h"
#include "core/json.h"
#include "core/json_scan.h"
#include "core/text.h"
#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json *parse(const char *text)
{
    struct error err = {0};
    struct json *json = mica_json_parse(text, "f.json", &err);
    if (!json)
        print_error("%s\n", err.text);
    assert_non_null(json);
    return json;
}

/* What an item is called in a message. */
static const char *place(const struct json *json, const cJSON *item)
{
    static struct error err;
    memset(&err, 0, sizeof err);
    assert_int_equal(mica_json_fail(json, item, &err, "%s", "here"), -1);
    assert_int_equal(err.code, MICA_MISUSE);
    return err.text;
}

static const cJSON *get(const cJSON *item, const char *key)
{
    const cJSON *child = cJSON_IsArray(item)
                             ? cJSON_GetArrayItem(item, atoi(key))
                             : cJSON_GetObjectItemCaseSensitive(item, key);
    assert_non_null(child);
    return child;
}

static void expect_tree(const struct json *json, const char *text)
{
    char *printed = cJSON_PrintUnformatted(mica_json_root(json));
    assert_string_equal(printed, text);
    cJSON_free(printed);
}

TEST(json_is_read_with_comments)
{
    struct json *json =
        parse("\xef\xbb\xbf// first \"\n{ \"a\" : [1, // one ]\n\t-2.5e1],\r\n"
              "\"u\":\"http://x\\\"//y\", \"t\":true,\"n\":null }\n// end");
    expect_tree(json,
                "{\"a\":[1,-25],\"u\":\"http://x\\\"//y\",\"t\":true,\"n\":null}");
    assert_string_equal(mica_json_name(json), "f.json");
    mica_json_free(json);
    mica_json_free(NULL);
}

TEST(json_items_have_places_and_pointers)
{
    struct json *json = parse("{ // a comment\n"
                              "  \"gr\xc3\xa4ph\": [1, {\"s/t~\": [true,\n"
                              " \"\xc3\xa4\", false]}],\n"
                              "  \"b\\u00e9\\n\": {\"\": 0}, \"\\ud83d\\ude00\": 3 }");
    const cJSON *root = mica_json_root(json);
    const cJSON *list = get(get(get(root, "gr\xc3\xa4ph"), "1"), "s/t~");
    assert_string_equal(place(json, root), "f.json:1:1: #: here");
    assert_string_equal(place(json, get(root, "gr\xc3\xa4ph")),
                        "f.json:2:12: #/gr\xc3\xa4ph: here");
    assert_string_equal(place(json, list),
                        "f.json:2:25: #/gr\xc3\xa4ph/1/s~1t~0: here");
    assert_string_equal(place(json, get(list, "2")),
                        "f.json:3:7: #/gr\xc3\xa4ph/1/s~1t~0/2: here");
    assert_string_equal(place(json, get(get(root, "b\xc3\xa9\n"), "")),
                        "f.json:4:21: #/b\xc3\xa9?/: here");
    assert_string_equal(place(json, get(root, "\xf0\x9f\x98\x80")),
                        "f.json:4:41: #/\xf0\x9f\x98\x80: here");
    assert_string_equal(place(json, NULL), "f.json:1:1: #: here");
    mica_json_free(json);
}

static void expect_fault(const char *text, const char *message)
{
    struct error err = {0};
    struct json *json = mica_json_parse(text, "f.json", &err);
    assert_string_equal(err.text, message);
    assert_null(json);
    assert_int_equal(err.code, MICA_MISUSE);
}

TEST(json_faults_have_a_place_and_a_remedy)
{
    static const char *const cases[][2] = {
        {"", "1:1: there is nothing in it"},
        {" // only\n", "1:1: there is nothing in it"},
        {"{", "1:2: the text ends where a key in double quotes is expected"},
        {"{\n\"a\"", "2:4: the text ends where ':' after the key is expected"},
        {"[1,2,\n]", "1:5: a comma too many before ']'"},
        {"{\"a\":1,}", "1:7: a comma too many before '}'"},
        {"[,1]", "1:2: expected a value, not ','"},
        {"{a:1}", "1:2: expected a key in double quotes, not 'a'"},
        {"{'a':1}", "1:2: text is written in double quotes, not in single ones"},
        {"[True]", "1:2: expected a value, not 'True'; did you mean 'true'?"},
        {"[nul]", "1:2: expected a value, not 'nul'; did you mean 'null'?"},
        {"[adam]", "1:2: expected a value, not 'adam'; text needs double quotes"},
        {"[01]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[.5]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[+5]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[5.]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[-]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[1e]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[0x1]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[1.2.3]", "1:2: numbers are written like 12, 0.5 or -1e-3"},
        {"[1e999]", "1:2: this number is too large"},
        {"[1] x", "1:5: expected the end of the text, not 'x'"},
        {"{}{}", "1:3: expected the end of the text, not '{'"},
        {"[\"abc\n\"]", "1:2: this text has no closing quote on its line"},
        {"\"abc", "1:1: this text has no closing quote on its line"},
        {"[1 2]", "1:4: expected ',' or ']', not '2'"},
        {"{\"a\" 1}", "1:6: expected ':' after the key, not '1'"},
        {"{\"a\":1 \"b\":2}", "1:8: expected ',' or '}', not '\"'"},
        {"[1}", "1:3: expected ',' or ']', not '}'"},
        {"/* x */ 1", "1:1: comments begin with //, not with /*"},
        {"\"\\u0000\"", "1:2: \\u0000 is not allowed in text"},
        {"\"\\u12g4\"", "1:2: \\u needs four hexadecimal digits"},
        {"\"\\ud83d\"", "1:2: half a character: \\ud83d needs its other half"},
        {"\"\\ude00\"", "1:2: half a character: \\ude00 needs its other half"},
        {"\"C:\\data\"", "1:4: a backslash is written twice: \\\\"},
        {"\"a\tb\"", "1:3: a control character in text is written as \\u0009"},
        {"\"\xff\"", "1:2: this is not UTF-8 text"},
        {"\"\xc0\xaf\"", "1:2: this is not UTF-8 text"},     /* a longer form of '/' */
        {"\"\xed\xa0\x80\"", "1:2: this is not UTF-8 text"}, /* half a pair */
        {"\"\xf4\x90\x80\x80\"", "1:2: this is not UTF-8 text"},
        {"{\"a\":1,\"a\":2}", "1:8: #: key 'a' is given twice"},
        {"{\"x\":[0,{\"b\":1,\n\"\\u0062\":2}]}", "2:1: #/x/1: key 'b' is given twice"},
        {"{\"a\":1,\"a\":{\"y\":1,\"y\":2}}", "1:8: #: key 'a' is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[200];
        snprintf(message, sizeof message, "f.json:%s", cases[i][1]);
        expect_fault(cases[i][0], message);
    }
}

TEST(json_text_may_hold_every_character)
{
    static const char *const characters[] = {"\x7f",
                                             "\xc2\x80",
                                             "\xdf\xbf",
                                             "\xe0\xa0\x80",
                                             "\xe1\x80\x80",
                                             "\xed\x9f\xbf",
                                             "\xee\x80\x80",
                                             "\xef\xbf\xbf",
                                             "\xf0\x90\x80\x80",
                                             "\xf1\x80\x80\x80",
                                             "\xf3\xbf\xbf\xbf",
                                             "\xf4\x8f\xbf\xbf"};
    struct json *last = parse("\"\\udbff\\udfff\\ud800\\udc00\"");
    assert_string_equal(mica_json_root(last)->valuestring,
                        "\xf4\x8f\xbf\xbf\xf0\x90\x80\x80");
    mica_json_free(last);
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        char text[16];
        snprintf(text, sizeof text, "\"%s\"", characters[i]);
        struct json *json = parse(text);
        assert_string_equal(mica_json_root(json)->valuestring, characters[i]);
        mica_json_free(json);
    }
}

TEST(json_comments_may_hold_anything)
{
    struct json *json = parse("[1, // \xb5m in Latin-1\n2]");
    expect_tree(json, "[1,2]");
    mica_json_free(json);
}

TEST(json_keys_that_differ_in_case_are_two)
{
    struct json *json = parse("{\"a\":1,\"A\":2,\"ab\":3}");
    expect_tree(json, "{\"a\":1,\"A\":2,\"ab\":3}");
    mica_json_free(json);
}

static char *nested(size_t levels)
{
    char *text = calloc(2 * levels + 1, 1);
    assert_non_null(text);
    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    return text;
}

TEST(json_has_64_levels_at_most)
{
    char *text = nested(64);
    mica_json_free(parse(text));
    free(text);
    text = nested(65);
    expect_fault(text, "f.json:1:65: more than 64 levels of brackets");
    free(text);
    text = nested(1000000);
    expect_fault(text, "f.json:1:65: more than 64 levels of brackets");
    free(text);
}

static const char full[] =
    "{ // every kind of thing\n \"a\": [1, -2.5e-3, true, false, null, {}, [], \"\"],\n"
    " \"\\u00e9\\\\\\\"\": {\"b\": {\"c\": \"\xc3\xa9\\ud83d\\ude00\\n\"}}\n} // end";

TEST(json_truncations_give_one_line_with_a_place)
{
    for (size_t length = 0; length + 9 < sizeof full; length++) {
        char text[sizeof full] = "";
        struct error err = {0};
        memcpy(text, full, length);
        struct json *json = mica_json_parse(text, "f.json", &err);
        assert_null(json);
        assert_int_equal(err.lines, 1);
        assert_true(strncmp(err.text, "f.json:", 7) == 0);
        assert_true(atoi(err.text + 7) >= 1 && atoi(err.text + 7) <= 4);
    }
    mica_json_free(parse(full));
}

TEST(json_with_any_byte_changed_is_read_or_refused)
{
    size_t refused = 0, read = 0;
    for (size_t at = 0; at + 1 < sizeof full; at++)
        for (int byte = 1; byte < 256; byte++) {
            char text[sizeof full];
            struct error err = {0};
            memcpy(text, full, sizeof full);
            text[at] = (char)byte;
            struct json *json = mica_json_parse(text, "f.json", &err);
            assert_int_equal(json == NULL, err.lines > 0);
            for (const cJSON *item = json ? mica_json_root(json)->child : NULL; item;
                 item = item->next)
                assert_null(strstr(place(json, item), ": #: here"));
            read += json != NULL;
            refused += json == NULL;
            mica_json_free(json);
        }
    assert_true(read > 1000 && refused > 1000);
}

static const char *put(const char *text, size_t size)
{
    static char path[700];
    snprintf(path, sizeof path, "%s/x.json", mica_test_folder());
    assert_int_equal(mica_file_write(path, text, size, NULL), 0);
    return path;
}

TEST(json_files_are_read_and_zero_bytes_refused)
{
    struct error err = {0};
    const char *path = put("{\"a\": 1}", 8);
    struct json *json = mica_json_read(path, &err);
    assert_non_null(json);
    assert_string_equal(mica_json_name(json), path);
    mica_json_free(json);
    assert_null(mica_json_read(put("[1]\0", 4), &err));
    assert_non_null(
        strstr(err.text, "x.json:1:4: a zero byte: this is not a text file"));
    assert_null(mica_json_read(put("", 0), &err));
    assert_non_null(strstr(err.text, "x.json:1:1: there is nothing in it"));
    assert_null(mica_json_read(mica_test_folder(), &err));
    assert_null(mica_json_read("/no/such.json", &err));
    assert_int_equal(err.lines, 4);
}

TEST(json_layers_merge_and_keep_their_places)
{
    struct error err = {0};
    struct json *base =
        parse("{\n\"a\": {\"x\": 1, \"y\": [1, 2, 3], \"o\": {\"p\": 1}}, \"k\": 5}");
    struct json *over = mica_json_parse(
        "\n\n{\"a\": {\"y\": [9], \"z\": {\"q\": 7}}, \"new\": 1}", "over.json", &err);
    assert_non_null(over);
    mica_json_lay(base, over);
    expect_tree(base, "{\"a\":{\"x\":1,\"y\":[9],\"o\":{\"p\":1},\"z\":{\"q\":7}},"
                      "\"k\":5,\"new\":1}");
    const cJSON *root = mica_json_root(base), *a = get(root, "a");
    assert_string_equal(place(base, a), "over.json:3:7: #/a: here");
    assert_string_equal(place(base, get(a, "x")), "f.json:2:12: #/a/x: here");
    assert_string_equal(place(base, get(get(a, "y"), "0")),
                        "over.json:3:14: #/a/y/0: here");
    assert_string_equal(place(base, get(get(a, "z"), "q")),
                        "over.json:3:29: #/a/z/q: here");
    assert_string_equal(place(base, get(root, "new")), "over.json:3:41: #/new: here");
    assert_string_equal(mica_json_name(base), "over.json");
    assert_string_equal(mica_json_origin(base, get(root, "k")), "f.json");
    assert_string_equal(mica_json_origin(base, get(root, "new")), "over.json");
    mica_json_free(base);
}

TEST(json_null_takes_a_key_of_the_layer_below_away)
{
    struct json *base = parse("{\"a\": {\"sgd\": 1}, \"b\": 2}");
    mica_json_lay(base, parse("{\"a\": {\"sgd\": null, \"adam\": 3}, \"c\": null}"));
    char *text = cJSON_PrintUnformatted(mica_json_root(base));
    assert_string_equal(text, "{\"a\":{\"adam\":3},\"b\":2}");
    free(text);
    mica_json_free(base);
}

TEST(json_layers_that_are_no_objects_replace)
{
    struct json *base = parse("{\"a\":1}");
    mica_json_lay(base, parse("[1,2]"));
    expect_tree(base, "[1,2]");
    mica_json_lay(base, parse("{\"b\":{\"c\":1}}"));
    mica_json_lay(base, parse("{\"b\":3}"));
    mica_json_lay(base, parse("{\"b\":{\"d\":1}}"));
    expect_tree(base, "{\"b\":{\"d\":1}}");
    mica_json_free(base);
}

TEST(json_values_are_set_by_dotted_paths)
{
    struct error err = {0};
    struct json *json = parse("{\"train\": {\"lr\": 1}, \"list\": [1, {\"a\": 2}]}");
    assert_int_equal(mica_json_set(json, "train.lr", "1e-3", &err), 0);
    assert_int_equal(mica_json_set(json, "train.new.key", "0.12 A", &err), 0);
    assert_int_equal(mica_json_set(json, "list.1.a", "[3, {\"b\": true}]", &err), 0);
    assert_int_equal(mica_json_set(json, "list.0", "\"x\"", &err), 0);
    assert_int_equal(mica_json_set(json, "empty", "", &err), 0);
    assert_int_equal(err.lines, 0);
    expect_tree(json, "{\"train\":{\"lr\":0.001,\"new\":{\"key\":\"0.12 A\"}},"
                      "\"list\":[\"x\",{\"a\":[3,{\"b\":true}]}],\"empty\":\"\"}");
    const cJSON *root = mica_json_root(json);
    assert_string_equal(place(json, get(get(root, "train"), "lr")),
                        "--set train.lr: #/train/lr: here");
    assert_string_equal(place(json, get(get(get(get(root, "list"), "1"), "a"), "1")),
                        "--set list.1.a: #/list/1/a/1: here");
    assert_string_equal(place(json, get(root, "list")), "f.json:1:30: #/list: here");
    assert_string_equal(mica_json_name(json), "f.json");
    assert_string_equal(mica_json_origin(json, get(get(root, "train"), "lr")),
                        "f.json");
    mica_json_free(json);
}

TEST(json_paths_that_lead_nowhere_are_told)
{
    static const char *const cases[][2] = {
        {"list.7", "1"}, {"list.x", "1"}, {"list.1x", "1"},  {"list.0.a", "1"},
        {"n.a.b", "1"},  {"n", "[1,"},    {"n", "{\"a\":1"}, {"list.-1", "2"}};
    struct json *json = parse("{\"list\": [1, 2], \"n\": 3}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        assert_int_equal(mica_json_set(json, cases[i][0], cases[i][1], &err), -1);
        assert_int_equal(err.lines, 1);
        assert_true(strncmp(err.text, "--set ", 6) == 0);
    }
    expect_tree(json, "{\"list\":[1,2],\"n\":3}");
    mica_json_free(json);
}

TEST(a_null_that_is_set_takes_a_key_away)
{
    struct error err = {0};
    struct json *json = parse("{\"train\": {\"lr\": 1, \"ema\": 0.9}, \"list\": [1]}");
    assert_int_equal(mica_json_set(json, "train.ema", "null", &err), 0);
    assert_int_equal(err.lines, 0);
    expect_tree(json, "{\"train\":{\"lr\":1},\"list\":[1]}");
    static const char *const not_there[] = {"train.ema", "train.stop.patience",
                                            "list.7"};
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++) {
        err = (struct error){0};
        assert_int_equal(mica_json_set(json, not_there[i], "null", &err), -1);
        assert_int_equal(err.lines, 1);
        assert_non_null(strstr(err.text, "=null: there is no such key to take away"));
    }
    err = (struct error){0};
    assert_int_equal(mica_json_set(json, "list.0", "null", &err), -1);
    assert_string_equal(err.text,
                        "--set list.0=null: an item of a list cannot be taken "
                        "away; give the whole list");
    expect_tree(json, "{\"train\":{\"lr\":1},\"list\":[1]}");
    mica_json_free(json);
}

TEST(json_integers_beyond_2_53_are_exact)
{
    struct json *json = parse("[9007199254740993, 18446744073709551615, 7, -3, 1e19, "
                              "9223372036854775809, 1e30, -9007199254740993]");
    const cJSON *root = mica_json_root(json);
    static const uint64_t expected[] = {9007199254740993u,
                                        UINT64_MAX,
                                        7,
                                        (uint64_t)-3,
                                        10000000000000000000u,
                                        9223372036854775809u,
                                        UINT64_MAX,
                                        (uint64_t)-9007199254740993};
    for (int i = 0; i < 8; i++)
        assert_true(mica_json_integer(json, cJSON_GetArrayItem(root, i)) ==
                    expected[i]);
    assert_int_equal(mica_json_set(json, "0", "9007199254740995", NULL), 0);
    assert_true(mica_json_integer(json, cJSON_GetArrayItem(root, 0)) ==
                9007199254740995u);
    mica_json_free(json);
}

TEST(json_with_very_many_keys_is_quick)
{
    struct text text = {0};
    for (int i = 0; i < 50000; i++)
        mica_text_add(&text, "%s\"key%d\":%d", i ? "," : "{", i, i);
    mica_text_add(&text, ",\"key77\":1}");
    struct error err = {0};
    assert_null(mica_json_parse(text.data, "f.json", &err));
    assert_non_null(strstr(err.text, "key 'key77' is given twice"));
    mica_text_free(&text);
}

TEST(json_pointers_that_name_nothing_are_not_found)
{
    static const char text[] = "{\"a\": [1, {\"b\": 2}], \"c\": 3}";
    assert_int_equal(mica_scan_find(text, ""), 0);
    assert_int_equal(mica_scan_find(text, "/a/1/b"), 16);
    assert_int_equal(mica_scan_find("[0,1,2,3,4,5,6,7,8,9,10,11,12]", "/12"), 27);
    static const char *const wrong[] = {"/b", "/a/2", "/a/1/c",  "/c/d",
                                        "/",  "/aa",  "/a/1/b/0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_true(mica_scan_find(text, wrong[i]) == SIZE_MAX);
    assert_int_equal(mica_scan_key(text, "", 1), 21);
    assert_true(mica_scan_key(text, "", 2) == SIZE_MAX);
    assert_true(mica_scan_key(text, "/c", 0) == SIZE_MAX);
}

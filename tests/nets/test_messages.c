/* test_messages.c - what is said of wrong networks: the messages are behaviour */
#include <string.h>

#include "core/file.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"

static void check(const char *body, const char *wanted)
{
    struct recorded r;
    struct error err = {0};
    int result = mica_recorded_try(&r, body, &err);
    assert_string_equal(err.text, wanted);
    assert_int_equal(result, -1);
    assert_int_equal(err.code, MICA_MISUSE);
    mica_recorded_free(&r);
    assert_int_equal(mica_recorded_try(&r, body, NULL), -1); /* nobody wants the text */
    mica_recorded_free(&r);
}

/* What is said where only the words of open sizes are known. */
static void check_open(const char *shape, const char *graph, const char *wanted)
{
    struct text text = {0};
    struct error err = {0};
    struct reach reach;
    mica_text_add(&text,
                  "{\"mica_net\": 1, \"name\": \"t\", \"input\": {\"shape\": %s}, "
                  "\"graph\": [%s]}",
                  shape, graph);
    struct net *net = mica_net_parse(text.data, "t.json", &err);
    assert_non_null(net);
    assert_int_equal(mica_net_reach(net, &reach, &err), -1);
    if (strstr(err.text, wanted) == NULL)
        fail_msg("'%s' is not in '%s'", wanted, err.text);
    assert_int_equal(err.lines, 1);
    assert_int_equal(mica_net_reach(net, &reach, NULL), -1);
    mica_net_free(net);
    mica_text_free(&text);
}

TEST(open_sizes_are_told_by_their_words)
{
    check_open("[\"H\", \"W\", 1]",
               "{\"conv2d\": 4, \"id\": \"a\"}, {\"maxpool2d\": 2, \"id\": \"p\"}, "
               "{\"add\": [\"a\", \"p\"]}",
               "add: input 1 is H x W x 4 and input 2 is H/2 x W/2 x 4;");
    check_open("[\"rows\", 96, 1]",
               "{\"conv2d\": 4, \"padding\": \"valid\", \"id\": \"a\"}, "
               "{\"upsample\": 2, \"id\": \"u\"}, {\"add\": [\"a\", \"u\"]}",
               "input 1 is rows - 2 x 94 x 4 and input 2 is 2 rows - 4 x 188 x 4;");
    check_open("[\"H\", \"W\", 1]", "{\"linear\": 4, \"id\": \"a\"}",
               "takes vectors, not images of H x W x 1;");
}

/* The body begins in line 2. */
TEST(types_that_are_not_known_get_the_nearest)
{
    check(
        "\"graph\": [\"relu\", {\"convd2\": 64}, \"rleu\"]",
        "t.json:2:19: #/graph/1: no layer is called 'convd2'; did you mean 'conv2d'?\n"
        "t.json:2:35: #/graph/2: no layer is called 'rleu'; did you mean 'relu'?");
    check("\"graph\": [{\"frobnicate\": 1}]",
          "t.json:2:11: #/graph/0: no layer is called 'frobnicate'; see mica layers");
    check(
        "\"blocks\": {\"down\": {\"layers\": [\"relu\"]}}, \"graph\": [{\"donw\": {}}]",
        "t.json:2:53: #/graph/0: no layer is called 'donw'; did you mean 'down'?");
    check(
        "\"graph\": [{\"id\": \"a\"}, 5, {\"conv2d\": 3, \"dropout\": 0.5, \"id\": "
        "\"b\"}]",
        "t.json:2:11: #/graph/0: a node needs a type: {\"conv2d\": 64, \"kernel\": 3}\n"
        "t.json:2:24: #/graph/1: a node is a word or an object: \"relu\", {\"conv2d\": "
        "64, \"kernel\": 3}\n"
        "t.json:2:27: #/graph/2: a node has one type, not both 'conv2d' and 'dropout'");
    check("\"graph\": [{\"dice\": {}}]", "t.json:2:11: #/graph/0: 'dice' is a loss: it "
                                         "is named by a recipe, not by a network");
}

TEST(keys_that_are_not_known_get_the_nearest)
{
    check("\"graf\": [\"relu\"]",
          "t.json:2:9: #/graf: unknown key 'graf'; known are: mica_net, name, note, "
          "params, input, blocks, graph, output, $schema\n"
          "t.json:1:1: #: 'graph' is missing");
    check(
        "\"graph\": [{\"conv2d\": 4, \"kernal\": 3, \"id\": \"a\"}]",
        "t.json:2:35: #/graph/0/kernal: unknown key 'kernal'; did you mean 'kernel'?");
    check(
        "\"graph\": [{\"for\": {\"i\": \"0..2\"}, \"do\": [\"relu\"], \"revers\": "
        "true}]",
        "t.json:2:60: #/graph/0/revers: unknown key 'revers'; did you mean 'reverse'?");
    check("\"graph\": [{\"seq\": [\"relu\"], \"kernel\": 3}]",
          "t.json:2:39: #/graph/0/kernel: unknown key 'kernel'; known are: seq, id, "
          "in, when, note");
    check("\"blocks\": {\"b\": {\"args\": {\"c\": \"int\"}, \"layers\": [\"relu\"]}}, "
          "\"graph\": [{\"b\": {\"d\": 3}}]",
          "t.json:2:84: #/graph/0/b/d: unknown key 'd'; known are: c");
    check("\"graph\": [\"relu\"], \"output\": {\"x\": \"@prev\"}, \"colour\": 1",
          "t.json:2:56: #/colour: unknown key 'colour'; known are: mica_net, name, "
          "note, params, input, blocks, graph, output, $schema");
}

TEST(arguments_have_types_and_limits)
{
    check("\"graph\": [{\"conv2d\": 4, \"stride\": 0, \"id\": \"a\"}]",
          "t.json:2:35: #/graph/0/stride: must be between 1 and 64, not 0");
    check("\"graph\": [{\"conv2d\": 4.5, \"id\": \"a\"}, {\"dropout\": \"0.5\"}]",
          "t.json:2:22: #/graph/0/conv2d: must be a whole number, not 4.5\n"
          "t.json:2:51: #/graph/1/dropout: must be a number, not '0.5'");
    check("\"graph\": [{\"conv2d\": \"=4 +\", \"id\": \"a\"}]",
          "t.json:2:22: #/graph/0/conv2d: in '=4 +' at character 5: expected a number, "
          "a name or '('");
    check("\"params\": {\"width\": 4}, \"graph\": [{\"conv2d\": \"=widht\", \"id\": "
          "\"a\"}]",
          "t.json:2:46: #/graph/0/conv2d: in '=widht' at character 2: there is no "
          "'widht' here; did you mean 'width'?");
    check("\"params\": {\"mode\": \"x\"}, \"graph\": [{\"conv2d\": \"=mode\", \"id\": "
          "\"a\"}]",
          "t.json:2:47: #/graph/0/conv2d: '=mode' gives no number");
    check("\"graph\": [{\"conv2d\": {}, \"id\": \"a\"}]",
          "t.json:2:22: #/graph/0/conv2d: needs 'filters': how many channels come out");
    check("\"graph\": [{\"relu\": 3}]",
          "t.json:2:20: #/graph/0/relu: must be {}: it takes no values, not 3");
}

TEST(shapes_that_do_not_fit_are_told_at_the_node)
{
    check("\"graph\": [{\"conv2d\": 4, \"id\": \"a\"}, {\"add\": [\"a\", \"@in\"]}]",
          "t.json:2:37: #/graph/1: add: input 1 is 8 x 8 x 4 and input 2 is 8 x 8 x 2; "
          "all must be of one shape (conv2d with \"kernel\": 1 changes channels, its "
          "stride the size)");
    check("\"graph\": [{\"conv2d\": 4, \"kernel\": 9, \"padding\": \"valid\", \"id\": "
          "\"a\"}]",
          "t.json:2:11: #/graph/0: conv2d: kernel 9 does not fit into an input of 8 x "
          "8; use larger images, a smaller kernel or \"padding\": \"same\"");
    check("\"graph\": [{\"relu\": {}, \"in\": [\"@in\", \"@in\"]}]",
          "t.json:2:11: #/graph/0: relu takes 1 input, not 2");
    check("\"graph\": [{\"linear\": 4, \"id\": \"fc\"}]",
          "t.json:2:11: #/graph/0: linear: takes vectors, not images of 8 x 8 x 2; put "
          "'flatten' or 'global_average_pool' before it, or use conv2d with "
          "\"kernel\": 1 for each pixel");
}

TEST(references_say_what_is_wrong_with_them)
{
    check("\"graph\": [{\"conv2d\": 2, \"id\": \"conv\"}, {\"add\": [\"conv\", "
          "\"cnov\"]}]",
          "t.json:2:57: #/graph/1/add/1: no node before has the id 'cnov'; did you "
          "mean 'conv'?");
    check("\"graph\": [{\"add\": [\"@in\", \"late\"]}, {\"conv2d\": 2, \"id\": "
          "\"late\"}]",
          "t.json:2:27: #/graph/0/add/1: 'late' is made later; a node reads only what "
          "stands before it");
    check("\"graph\": [{\"relu\": {}, \"in\": \"@skip\"}]",
          "t.json:2:30: #/graph/0/in: there is no input '@skip' here");
    check("\"blocks\": {\"b\": {\"layers\": [{\"add\": [\"@in\", \"stem\"]}]}}, "
          "\"graph\": "
          "[{\"conv2d\": 2, \"id\": \"stem\"}, \"b\"]",
          "t.json:2:45: #/blocks/b/layers/0/add/1: 'stem' is outside of this block; "
          "hand it in through \"inputs\"");
    check("\"graph\": [{\"relu\": {}, \"in\": 3}, {\"add\": \"@prev\"}, {\"add\": []}]",
          "t.json:2:30: #/graph/0/in: must be the id of a node, \"@prev\" or \"@in\"\n"
          "t.json:2:34: #/graph/1: 'add' takes its inputs as a list: {\"add\": "
          "[\"@prev\", \"skip\"]}\n"
          "t.json:2:60: #/graph/2/add: must have 1 to 8 entries");
    check("\"graph\": [\"relu\"], \"output\": {\"y\": \"nowhere\"}",
          "t.json:2:36: #/output/y: no node before has the id 'nowhere'");
}

TEST(ids_are_unique_and_well_formed)
{
    check(
        "\"graph\": [{\"relu\": {}, \"id\": \"a\"}, {\"sigmoid\": {}, \"id\": \"a\"}]",
        "t.json:2:58: #/graph/1/id: the id 'a' is taken already");
    check("\"graph\": [{\"relu\": {}, \"id\": \"a b\"}, {\"relu\": {}, \"id\": "
          "\"{1/2}\"}, "
          "{\"relu\": {}, \"id\": \"a{1\"}]",
          "t.json:2:30: #/graph/0/id: an id has up to 128 letters, digits, _, - and "
          "dots between them\n"
          "t.json:2:57: #/graph/1/id: {1/2} must be a whole number or text\n"
          "t.json:2:86: #/graph/2/id: there is no '}' for the '{'");
    check("\"graph\": [{\"conv2d\": 4}]",
          "t.json:2:11: #/graph/0: 'conv2d' has weights and needs an \"id\" to name "
          "them, and so does the block it is in");
    check("\"graph\": [{\"seq\": [{\"conv2d\": 2}], \"id\": \"a\"}, {\"conv2d\": 2, "
          "\"id\": "
          "\"a.0\"}]",
          "t.json:2:68: #/graph/1/id: the id 'a.0' is taken already");
    check("\"graph\": [{\"for\": {\"i\": \"0..9\"}, \"do\": [{\"relu\": {}, \"id\": "
          "\"a\"}]}]",
          "t.json:2:60: #/graph/0/do/0/id: the id 'a' is taken already");
}

TEST(loops_say_what_is_wrong_with_them)
{
    check(
        "\"graph\": [{\"for\": {\"i\": \"0..3\", \"c\": [1, 2]}, \"do\": [\"relu\"]}]",
        "t.json:2:38: #/graph/0/for/c: 'c' has 2 values and 'i' has 3; they go "
        "together");
    check("\"graph\": [{\"for\": {\"i\": 4}, \"do\": [\"relu\"]}]",
          "t.json:2:25: #/graph/0/for/i: must be a list, or a range such as \"0..4\" "
          "(0 to 3)");
    check("\"graph\": [{\"for\": {\"i\": \"0..n\"}, \"do\": [\"relu\"]}]",
          "t.json:2:25: #/graph/0/for/i: in '=n' at character 2: there is no 'n' here "
          "(there is: nothing)");
    check("\"graph\": [{\"for\": {\"i\": \"0..5000\"}, \"do\": [\"relu\"]}]",
          "t.json:2:25: #/graph/0/for/i: a loop of more than 4096 rounds is too long");
    check("\"graph\": [{\"for\": {\"in\": \"0..5\"}}]",
          "t.json:2:26: #/graph/0/for/in: 'in' is no name: letters, digits and _, not "
          "beginning with a digit, and neither in, true nor false\n"
          "t.json:2:11: #/graph/0: 'do' is missing");
    check(
        "\"graph\": [{\"for\": {\"i\": \"0..1/2\"}, \"do\": [\"relu\"], \"index\": 3}]",
        "t.json:2:61: #/graph/0/index: must be a name");
}

TEST(blocks_say_what_is_wrong_with_them)
{
    check("\"blocks\": {\"relu\": {\"layers\": [\"sigmoid\"]}}, \"graph\": [\"relu\"]",
          "t.json:2:20: #/blocks/relu: 'relu' is what a layer is called; give the "
          "block another name");
    check("\"blocks\": {\"b\": {}}, \"graph\": [\"relu\"]",
          "t.json:2:17: #/blocks/b: 'layers' is missing");
    check("\"blocks\": {\"b\": {\"layers\": []}}, \"graph\": [\"relu\"]",
          "t.json:2:28: #/blocks/b/layers: must be a list of nodes, and not empty");
    check("\"blocks\": {\"b\": {\"args\": {\"c\": \"int\"}, \"layers\": [\"relu\"]}}, "
          "\"graph\": [\"b\", {\"b\": 1.5}]",
          "t.json:2:72: #/graph/0: the block 'b' needs 'c'\n"
          "t.json:2:83: #/graph/1/b: 'c' must be a whole number");
    check("\"blocks\": {\"b\": {\"inputs\": [\"x\", \"y\"], \"layers\": [\"relu\"]}}, "
          "\"graph\": [\"b\"]",
          "t.json:2:72: #/graph/0: the block 'b' takes 2 inputs, not 1: give them by "
          "\"in\"");
    check("\"blocks\": {\"b\": {\"layers\": [\"relu\", \"b\"]}}, \"graph\": [\"b\"]",
          "t.json:2:37: #/blocks/b/layers/1: blocks are inside each other more than 24 "
          "deep; does 'b' use itself?");
    check("\"blocks\": {\"b\": {\"layers\": [\"relu\"]}}, \"graph\": [{\"b\": 3}]",
          "t.json:2:56: #/graph/0/b: the block 'b' has no arguments: write {}");
}

TEST(a_document_needs_its_parts)
{
    check("\"graph\": []",
          "t.json:2:10: #/graph: must be a list of nodes, and not empty");
    check("\"note\": 3", "t.json:1:1: #: 'graph' is missing");
    check("\"graph\": [\"relu\"], \"output\": {}",
          "t.json:2:30: #/output: must name 1 to 8 outputs: {\"logits\": \"fc\"}");
    check("\"graph\": [\"relu\"], \"params\": {\"a b\": 3, \"c\": null}",
          "t.json:2:38: #/params/a b: 'a b' is no name: letters, digits and _, not "
          "beginning with a digit, and neither in, true nor false\n"
          "t.json:2:46: #/params/c: must be a number, true, false, text or a list");
    check("\"graph\": [{\"relu\": {}, \"when\": false}]",
          "t.json:2:10: #/graph: the output is the input itself");
    check("\"graph\": [\"relu\"], \"output\": {\"y\": \"@in\"}",
          "t.json:2:36: #/output/y: this output is the input itself");
    check("\"graph\": [{\"relu\": {}, \"when\": \"in.c > 3\"}]",
          "t.json:2:32: #/graph/0/when: must be a condition: \"=depth > 3\", true or "
          "false");
}

#define INNER                                                                          \
    "{\"mica_net\": 1, \"name\": \"inner\", \"params\": {\"c\": 4}, \"input\": "       \
    "{\"shape\": [\"H\", \"W\", 1]},\n\"graph\": [{\"conv2d\": \"=c\", \"id\": "       \
    "\"stem\"}]}"

TEST(networks_inside_say_what_is_wrong_with_them)
{
    check("\"graph\": [{\"net\": " INNER "}]",
          "t.json:2:11: #/graph/0: inner takes 8 x 8 x 1 (rows, columns, channels), "
          "not 8 x 8 x 2");
    check(
        "\"graph\": [{\"conv2d\": 1, \"id\": \"a\"}, {\"net\": " INNER
        ", \"until\": \"stme\"}]",
        "t.json:3:54: #/graph/1/until: inner has no node 'stme'; did you mean 'stem'?");
    check("\"graph\": [{\"conv2d\": 1, \"id\": \"a\"}, {\"net\": " INNER
          ", \"params\": {\"c\": \"four\", \"d\": 1}, \"prefix\": \"x\"}]",
          "t.json:3:88: #/graph/1/prefix: must be text that ends with a dot: "
          "\"backbone.\"");
    check("\"graph\": [{\"conv2d\": 1, \"id\": \"a\"}, {\"net\": " INNER
          ", \"params\": {\"c\": \"four\", \"d\": 1}}]",
          "t.json:3:61: #/graph/1/params/c: 'c' of inner must be a number\n"
          "t.json:3:74: #/graph/1/params/d: inner has no parameter 'd'");
    check("\"graph\": [{\"conv2d\": 1, \"id\": \"stem\"}, {\"net\": " INNER
          "}, {\"net\": 3}]",
          "t.json:3:54: #/graph/2/net: must be the name of a file, or a network");
    check("\"graph\": [{\"conv2d\": 1, \"id\": \"stem\"}, {\"net\": " INNER "}]",
          "t.json:3:11: #/graph/1/net/graph/0: the weight 'stem.weight' is 1 x 2 x 3 x "
          "3 and cannot be 4 x 1 x 3 x 3 here");
}

/* A path of the test's folder, in memory of the arena. */
static const char *write_net(struct arena *arena, const char *name, const char *json)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s", mica_test_folder(), name);
    struct error err = {0};
    assert_int_equal(mica_file_write(path.data, json, strlen(json), &err), 0);
    const char *kept = mica_arena_text(arena, path.data);
    mica_text_free(&path);
    return kept;
}

/* The message without the folder of the test. */
static void check_read(const char *path, const char *params, const char *wanted)
{
    struct error err = {0};
    struct json *json = mica_json_parse(params, "params", &err);
    struct text message = {0};
    assert_null(mica_net_read(path, mica_json_root(json), json, &err));
    for (const char *at = err.text; *at != '\0';) {
        size_t length = strlen(mica_test_folder());
        bool folder = strncmp(at, mica_test_folder(), length) == 0;
        mica_text_append(&message, folder ? "DIR" : at, folder ? 3 : 1);
        at += folder ? length : 1;
    }
    assert_string_equal(message.data, wanted);
    mica_text_free(&message);
    mica_json_free(json);
}

TEST(values_for_parameters_are_checked_where_they_are_given)
{
    struct arena *arena = mica_arena_new();
    const char *path = write_net(
        arena, "p.json",
        "{\"mica_net\": 1, \"name\": \"p\", \"params\": {\"width\": 4, \"wide\": "
        "true}, "
        "\"input\": {\"shape\": [\"H\", \"W\", \"=width\"]}, \"graph\": [\"relu\"]}");
    check_read(
        path, "{\"widht\": 3}",
        "params:1:11: #/widht: p has no parameter 'widht'; did you mean 'width'?");
    check_read(
        path, "{\"colour\": 3}",
        "params:1:12: #/colour: p has no parameter 'colour' (it has: width, wide)");
    /* the items of those that came before are replaced by then */
    check_read(path, "{\"width\": 2, \"wide\": false, \"zzz\": 4}",
               "params:1:36: #/zzz: p has no parameter 'zzz' (it has: width, wide)");
    check_read(path, "{\"width\": \"x\", \"wide\": 2}",
               "params:1:11: #/width: 'width' of p must be a number\n"
               "params:1:24: #/wide: 'wide' of p must be true or false");
    check_read(
        path, "{\"width\": 0.5}",
        "DIR/p.json:1:98: #/input/shape/2: must be a whole number from 1 to 1048576");
    check_read(path, "[1]", "params:1:1: #: must be an object: {\"width\": 16}");
    mica_arena_free(arena);
}

TEST(files_that_are_missing_or_hold_themselves_are_told)
{
    struct arena *arena = mica_arena_new();
    const char *path = write_net(
        arena, "self.json",
        "{\"mica_net\": 1, \"name\": \"self\", \"input\": {\"shape\": [\"H\", "
        "\"W\", 1]},\n\"graph\": [\"relu\", {\"net\": \"self.json\"}]}");
    check_read(path, "{}",
               "DIR/self.json:2:27: #/graph/1/net: networks are inside each other more "
               "than 8 deep; does one contain itself?");
    struct error err = {0};
    assert_null(mica_net_read("no_such_net.json", NULL, NULL, &err));
    assert_non_null(strstr(err.text, "no_such_net.json: there is no such file"));
    mica_arena_free(arena);
}

TEST(the_first_problem_does_not_hide_the_others)
{
    check("\"graph\": [{\"conv2d\": 0, \"id\": \"a\"}, {\"conv2d\": 4, "
          "\"kernel\": 0, \"id\": \"b\"},\n{\"add\": [\"a\", \"b\", \"c\"]}, "
          "{\"linear\": 3, "
          "\"id\": \"d\"}]",
          "t.json:2:22: #/graph/0/conv2d: must be between 1 and 65536, not 0\n"
          "t.json:2:61: #/graph/1/kernel: must be between 1 and 255, not 0\n"
          "t.json:3:20: #/graph/2/add/2: no node before has the id 'c'");
}

TEST(at_most_twenty_problems_are_kept)
{
    struct text body = {0};
    struct recorded r;
    struct error err = {0};
    mica_text_add(&body, "\"graph\": [");
    for (int i = 0; i < 30; i++)
        mica_text_add(&body, "{\"conv2d\": 0, \"id\": \"a%d\"}%s", i,
                      i < 29 ? ",\n" : "]");
    assert_int_equal(mica_recorded_try(&r, body.data, &err), -1);
    assert_int_equal(err.lines, 20);
    mica_text_free(&body);
    mica_recorded_free(&r);
}

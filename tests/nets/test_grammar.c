/* test_grammar.c - what each part of a network's grammar records */
#include <string.h>

#include "tests/nets/recorded.h"
#include "tests/test.h"

static void check(const char *body, const char *nodes)
{
    struct recorded r = mica_recorded(body);
    mica_recorded_check(&r, nodes);
    mica_recorded_free(&r);
}

TEST(nodes_are_words_short_forms_or_objects)
{
    check("\"graph\": [\"relu\", {\"conv2d\": 4, \"kernel\": 1, \"id\": \"a\"},\n"
          "{\"dropout\": {\"rate\": 0.1}}, {\"relu\": {}, \"note\": \"why\"}]",
          "relu#0 relu 8x8x2 < input\n"
          "a conv2d 8x8x4 < relu#0\n"
          "dropout#0 dropout 8x8x4 < a\n"
          "relu#1 relu 8x8x4 < dropout#0\n");
}

TEST(in_names_what_a_node_reads)
{
    check("\"graph\": [{\"conv2d\": 4, \"id\": \"a\"}, \"relu\",\n"
          "{\"conv2d\": 4, \"in\": \"@in\", \"id\": \"b\"},\n"
          "{\"add\": [\"@prev\", \"a\"], \"id\": \"sum\"},\n"
          "{\"concat\": [\"sum\", \"@in\", \"b\"]}, {\"relu\": {}, \"in\": [\"a\"]}]",
          "a conv2d 8x8x4 < input\n"
          "relu#0 relu 8x8x4 < a\n"
          "b conv2d 8x8x4 < input\n"
          "sum add 8x8x4 < b a\n"
          "concat#0 concat 8x8x10 < sum input b\n"
          "relu#1 relu 8x8x4 < a\n");
}

TEST(expressions_see_parameters_and_the_shape_that_is_read)
{
    check("\"params\": {\"width\": 3, \"wide\": true},\n"
          "\"graph\": [{\"conv2d\": \"=width * 2\", \"kernel\": \"=wide ? 5 : 3\", "
          "\"id\": \"a\"},\n"
          "{\"conv2d\": \"=in.c // 2 + in.h\", \"stride\": \"=in.w / 4\", \"id\": "
          "\"b\"}]",
          "a conv2d 8x8x6 < input\n"
          "b conv2d 4x4x11 < a\n");
}

TEST(loops_go_through_ranges_and_lists_together)
{
    check("\"params\": {\"depth\": 2, \"widths\": [5, 7]},\n"
          "\"graph\": [{\"for\": {\"i\": \"0..depth\", \"c\": [3, \"=depth * 2\"], "
          "\"w\": \"=widths\"},\n"
          "\"do\": [{\"conv2d\": \"=c\", \"id\": \"a{i+1}\"}, {\"conv2d\": \"=w\", "
          "\"id\": "
          "\"b{c}\"}]}]",
          "a1 conv2d 8x8x3 < input\n"
          "b3 conv2d 8x8x5 < a1\n"
          "a2 conv2d 8x8x4 < b3\n"
          "b4 conv2d 8x8x7 < a2\n");
}

TEST(loops_can_run_backwards_count_and_be_inside_each_other)
{
    check(
        "\"graph\": [{\"for\": {\"name\": [\"x\", \"y\"]}, \"index\": \"k\", "
        "\"reverse\": true,\n"
        "\"do\": [{\"for\": {\"j\": \"1..3\"}, \"do\": [{\"conv2d\": \"=j + 10 * k\", "
        "\"id\": \"{name}.{j}\"}]}]},\n"
        "{\"for\": {\"i\": \"3..3\"}, \"do\": [\"sigmoid\"]}]",
        "y.1 conv2d 8x8x11 < input\n"
        "y.2 conv2d 8x8x12 < y.1\n"
        "x.1 conv2d 8x8x1 < y.2\n"
        "x.2 conv2d 8x8x2 < x.1\n");
}

TEST(seq_counts_its_children_whether_they_are_wanted_or_not)
{
    check("\"params\": {\"p\": 0},\n"
          "\"graph\": [{\"seq\": [{\"conv2d\": 4}, {\"dropout\": \"=p\", \"when\": "
          "\"=p > "
          "0\"}, \"batchnorm2d\",\n"
          "{\"conv2d\": 3, \"id\": \"last\"}], \"id\": \"stem\"},\n"
          "{\"add\": [\"stem\", \"stem.last\"]}, {\"relu\": {}, \"in\": \"stem.0\"}]",
          "stem.0 conv2d 8x8x4 < input\n"
          "stem.2 batchnorm2d 8x8x4 < stem.0\n"
          "stem.last conv2d 8x8x3 < stem.2\n"
          "add#0 add 8x8x3 < stem.last stem.last\n"
          "relu#0 relu 8x8x4 < stem.0\n");
}

TEST(seq_sees_the_ids_around_it)
{
    check("\"graph\": [{\"conv2d\": 2, \"id\": \"a\"}, {\"seq\": [\"relu\", {\"add\": "
          "[\"@prev\", \"a\", \"@in\"]}], \"id\": \"s\"}]",
          "a conv2d 8x8x2 < input\n"
          "s.0 relu 8x8x2 < a\n"
          "s.1 add 8x8x2 < s.0 a input\n");
}

TEST(a_condition_that_is_false_passes_the_input_through)
{
    check("\"graph\": [{\"conv2d\": 2, \"when\": \"=in.c != 2\", \"id\": \"a\"},\n"
          "{\"conv2d\": 3, \"when\": true, \"id\": \"b\"},\n"
          "{\"conv2d\": 3, \"when\": \"=in.c > 3\", \"id\": \"c\"},\n"
          "{\"concat\": [\"a\", \"c\"]},\n"
          "{\"for\": {\"i\": \"0..2\"}, \"do\": [\"relu\"], \"when\": \"=in.c > 5\"}]",
          "b conv2d 8x8x3 < input\n"
          "concat#0 concat 8x8x5 < input b\n");
}

TEST(blocks_have_arguments_with_defaults_and_their_own_scope)
{
    check("\"params\": {\"k\": 1},\n"
          "\"blocks\": {\"unit\": {\"args\": {\"c\": \"int\", \"stride\": 1, \"rate\": "
          "\"=stride / 10\", \"pad\": \"same\"},\n"
          "\"layers\": [{\"conv2d\": \"=c\", \"kernel\": \"=k\", \"stride\": "
          "\"=stride\", "
          "\"id\": \"conv\"},\n"
          "{\"dropout\": \"=rate\", \"when\": \"=pad == 'same'\"}]}},\n"
          "\"graph\": [{\"unit\": {\"c\": 4, \"stride\": 2}, \"id\": \"a\"},\n"
          "{\"unit\": \"=in.c + 1\", \"id\": \"b\"}, {\"unit\": {\"c\": 3, \"pad\": "
          "\"valid\"}, \"id\": \"c\"},\n"
          "{\"relu\": {}, \"in\": \"a.conv\"}]",
          "a.conv conv2d 4x4x4 < input\n"
          "a.dropout#0 dropout 4x4x4 < a.conv\n"
          "b.conv conv2d 4x4x5 < a.dropout#0\n"
          "b.dropout#0 dropout 4x4x5 < b.conv\n"
          "c.conv conv2d 4x4x3 < b.dropout#0\n"
          "relu#0 relu 4x4x4 < a.conv\n");
}

TEST(blocks_have_ports_whose_shapes_are_names)
{
    check(
        "\"blocks\": {\"join\": {\"inputs\": [\"x\", \"skip\"], \"layers\": [\n"
        "{\"conv2d\": \"=skip.c * x.h\", \"in\": \"@x\", \"id\": \"match\"},\n"
        "{\"conv2d\": \"=in.c\", \"in\": \"@skip\", \"id\": \"same\"},\n"
        "{\"concat\": [\"match\", \"@x\", \"@prev\"]}]}},\n"
        "\"graph\": [{\"conv2d\": 3, \"id\": \"a\"}, {\"join\": {}, \"in\": [\"@in\", "
        "\"a\"], \"id\": \"j\"}]",
        "a conv2d 8x8x3 < input\n"
        "j.match conv2d 8x8x24 < input\n"
        "j.same conv2d 8x8x3 < a\n"
        "j.concat#0 concat 8x8x29 < j.match input j.same\n");
}

TEST(blocks_can_be_words_and_inside_each_other)
{
    check("\"blocks\": {\"one\": {\"layers\": [\"relu\", \"sigmoid\"]}, \"two\": "
          "{\"layers\": [\"one\", {\"one\": {}, \"id\": \"x\"}]}},\n"
          "\"graph\": [\"two\", {\"two\": {}, \"id\": \"t\"}, {\"relu\": {}, \"in\": "
          "\"t.x\"}]",
          "two#0.one#0.relu#0 relu 8x8x2 < input\n"
          "two#0.one#0.sigmoid#0 sigmoid 8x8x2 < two#0.one#0.relu#0\n"
          "two#0.x.relu#0 relu 8x8x2 < two#0.one#0.sigmoid#0\n"
          "two#0.x.sigmoid#0 sigmoid 8x8x2 < two#0.x.relu#0\n"
          "t.one#0.relu#0 relu 8x8x2 < two#0.x.sigmoid#0\n"
          "t.one#0.sigmoid#0 sigmoid 8x8x2 < t.one#0.relu#0\n"
          "t.x.relu#0 relu 8x8x2 < t.one#0.sigmoid#0\n"
          "t.x.sigmoid#0 sigmoid 8x8x2 < t.x.relu#0\n"
          "relu#0 relu 8x8x2 < t.x.sigmoid#0\n");
}

/* The inner network of the tests below. */
#define INNER                                                                          \
    "{\"mica_net\": 1, \"name\": \"inner\", \"params\": {\"c\": 4, \"channels\": "     \
    "2},\n"                                                                            \
    "\"input\": {\"shape\": [\"H\", \"W\", \"=channels\"]},\n"                         \
    "\"graph\": [{\"conv2d\": \"=c\", \"id\": \"a\"}, {\"conv2d\": 5, \"id\": "        \
    "\"b\"}, "                                                                         \
    "\"relu\"]}"

TEST(networks_inside_end_early_and_show_their_names)
{
    check("\"graph\": [{\"net\": " INNER ", \"until\": \"b\"}, {\"concat\": [\"a\", "
          "\"b\"]}]",
          "a conv2d 8x8x4 < input\n"
          "b conv2d 8x8x5 < a\n"
          "concat#0 concat 8x8x9 < a b\n");
}

TEST(networks_inside_networks_end_early_too)
{
    check("\"graph\": [{\"net\": {\"mica_net\": 1, \"name\": \"twin\", \"input\": "
          "{\"shape\": [\"H\", \"W\", 2]}, \"graph\": [{\"net\": " INNER
          "}, \"sigmoid\"]}, \"until\": \"b\"}, {\"concat\": [\"a\", \"b\"]}]",
          "a conv2d 8x8x4 < input\n"
          "b conv2d 8x8x5 < a\n"
          "concat#0 concat 8x8x9 < a b\n");
}

TEST(networks_inside_have_parameters_and_a_prefix)
{
    check("\"params\": {\"w\": 3},\n"
          "\"graph\": [{\"net\": " INNER
          ", \"params\": {\"c\": \"=w * 2\"}, \"id\": \"n\"},\n"
          "{\"net\": " INNER ", \"params\": {\"channels\": \"=in.c\"}, \"prefix\": "
          "\"x.\", \"id\": \"m\"}, {\"concat\": [\"n.a\", \"m.a\"]}]",
          "n.a conv2d 8x8x6 < input\n"
          "n.b conv2d 8x8x5 < n.a\n"
          "n.relu#0 relu 8x8x5 < n.b\n"
          "x.a conv2d 8x8x4 < n.relu#0\n"
          "x.b conv2d 8x8x5 < x.a\n"
          "x.relu#0 relu 8x8x5 < x.b\n"
          "concat#0 concat 8x8x10 < n.a x.a\n");
}

TEST(outputs_have_names_and_ids_can_be_found)
{
    struct recorded r = mica_recorded(
        "\"graph\": [{\"conv2d\": 2, \"id\": \"a\"}, {\"seq\": [\"relu\", {\"conv2d\": "
        "3}], \"id\": \"s\"}],\n\"output\": {\"mask\": \"s\", \"features\": \"a\"}");
    assert_int_equal(r.wiring.count, 2);
    assert_string_equal(r.wiring.outputs[0].name, "mask");
    assert_int_equal(r.wiring.outputs[0].node, 3);
    assert_string_equal(r.wiring.outputs[1].name, "features");
    assert_int_equal(r.wiring.outputs[1].node, 1);
    assert_int_equal(mica_net_find(&r.wiring, "s.0"), 2);
    assert_int_equal(mica_net_find(&r.wiring, "s"), 3);
    assert_int_equal(mica_net_find(&r.wiring, "b"), -1);
    mica_recorded_free(&r);
}

TEST(without_output_the_last_node_is_it)
{
    struct recorded r = mica_recorded("\"graph\": [\"relu\", \"sigmoid\"]");
    assert_int_equal(r.wiring.count, 1);
    assert_string_equal(r.wiring.outputs[0].name, "output");
    assert_int_equal(r.wiring.outputs[0].node, 2);
    mica_recorded_free(&r);
}

TEST(a_written_network_records_the_same_without_other_files)
{
    const char *folder = mica_test_folder();
    struct error err = {0};
    struct text path = {0}, first = {0}, second = {0};
    mica_text_add(&path, "%s/inner.json", folder);
    FILE *file = fopen(path.data, "w");
    fputs(INNER, file);
    fclose(file);
    mica_text_free(&path);
    mica_text_add(&path, "%s/outer.json", folder);
    file = fopen(path.data, "w");
    fputs("{\"mica_net\": 1, \"name\": \"outer\", \"params\": {\"w\": 3}, \"input\": "
          "{\"shape\": [\"H\", \"W\", 2]}, // a comment\n"
          "\"graph\": [{\"net\": \"inner.json\", \"params\": {\"c\": \"=w\"}}, "
          "{\"conv2d\": "
          "\"=w\", \"id\": \"last\"}]}",
          file);
    fclose(file);
    struct json *params = mica_json_parse("{\"w\": 7}", "given", &err);
    struct net *net = mica_net_read(path.data, mica_json_root(params), params, &err);
    if (net == NULL)
        fail_msg("%s", err.text);
    mica_net_write(net, &first);
    mica_net_free(net);
    remove(path.data);
    net = mica_net_parse(first.data, "model: mica.net", &err);
    if (net == NULL)
        fail_msg("%s", err.text);
    mica_net_write(net, &second);
    assert_string_equal(first.data, second.data);
    struct recorded r = mica_recorded_net(net, 1, 8, 8);
    mica_recorded_check(&r, "a conv2d 8x8x7 < input\n"
                            "b conv2d 8x8x5 < a\n"
                            "relu#0 relu 8x8x5 < b\n"
                            "last conv2d 8x8x7 < relu#0\n");
    mica_recorded_free(&r);
    mica_json_free(params);
    mica_text_free(&path);
    mica_text_free(&first);
    mica_text_free(&second);
}

TEST(the_input_has_one_to_three_axes)
{
    static const struct {
        const char *shape;
        struct shape wanted;
    } cases[] = {{"[\"H\", \"W\", 3]", {5, 30, 40, 3}},
                 {"[16, \"W\", \"=1 + 1\"]", {5, 16, 40, 2}},
                 {"[\"L\", 4]", {5, 1, 40, 4}},
                 {"[64, 1]", {5, 1, 64, 1}},
                 {"[512]", {5, 1, 1, 512}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        struct text text = {0};
        mica_text_add(&text,
                      "{\"mica_net\": 1, \"name\": \"t\", \"input\": {\"shape\": %s}, "
                      "\"graph\": [\"relu\"]}",
                      cases[i].shape);
        struct net *net = mica_net_parse(text.data, "t.json", &err);
        if (net == NULL)
            fail_msg("%s", err.text);
        struct shape shape = mica_net_input(net, 5, 30, 40);
        assert_memory_equal(&shape, &cases[i].wanted, sizeof shape);
        mica_net_free(net);
        mica_text_free(&text);
    }
}

TEST(what_an_output_sees_is_known_before_the_size)
{
    struct error err = {0};
    struct reach reach;
    struct recorded r = mica_recorded(
        "\"graph\": [{\"conv2d\": 2, \"id\": \"a\"}, {\"maxpool2d\": 2}, {\"conv2d\": "
        "2, "
        "\"id\": \"b\"},\n{\"upsample\": 2}, {\"concat\": [\"@prev\", \"a\"]}]");
    assert_int_equal(mica_net_reach(r.net, &reach, &err), 0);
    assert_int_equal(reach.multiple, 2);
    assert_int_equal(reach.global, -1);
    assert_true(reach.before >= 3 && reach.before <= 5);
    mica_recorded_free(&r);
}

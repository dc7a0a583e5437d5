/* test_drawing.c - networks as boxes and lines: what is one box, and that none overlap */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nets/drawing.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"
#include "tests/xml.h"

/* The boxes, one a line: "title: layers < inputs". */
static void check_boxes(const char *body, size_t level, const char *wanted)
{
    struct recorded r = mica_recorded(body);
    struct drawing *d = mica_drawing_new(r.net, r.tape, &r.wiring, level);
    struct text text = {0};
    for (size_t i = 0; i < d->count; i++) {
        const struct box *box = &d->boxes[i];
        mica_text_add(&text, "%s: %s <", box->title,
                      box->layers.length > 0 ? box->layers.data : "");
        for (size_t k = 0; k < box->input_count; k++)
            mica_text_add(&text, " %s", d->boxes[box->inputs[k]].title);
        mica_text_add(&text, "%s\n", box->output ? " (output)" : "");
    }
    assert_string_equal(text.data, wanted);
    mica_text_free(&text);
    mica_drawing_free(d);
    mica_recorded_free(&r);
}

#define BODY                                                                           \
    "\"graph\": [{\"conv2d\": 4, \"stride\": 2, \"id\": \"a\"},"                       \
    "{\"batchnorm2d\": {}, \"id\": \"bn\"}, \"relu\","                                 \
    "{\"seq\": [{\"conv2d\": 4, \"kernel\": 1}, \"relu\", {\"conv2d\": 4}], \"id\": "  \
    "\"s\"}, {\"add\": [\"@prev\", \"bn\"]}]"

TEST(what_changes_single_numbers_is_in_the_box_of_what_it_reads)
{
    check_boxes(BODY, 12,
                "input:  <\n"
                "a: conv2d 3 x 3, stride 2, batchnorm2d < input\n"
                "relu#0: relu < a\n"
                "s.0: conv2d 1 x 1, relu < relu#0\n"
                "s.2: conv2d 3 x 3 < s.0\n"
                "add#0: add < s.2 a (output)\n");
}

TEST(a_coarser_drawing_has_a_box_for_each_first_id)
{
    check_boxes(BODY, 1,
                "input:  <\n"
                "a: conv2d 3 x 3, stride 2, batchnorm2d < input\n"
                "relu#0: relu < a\n"
                "s: 3 layers, 2 conv2d < relu#0\n"
                "add#0: add < s a (output)\n");
}

/* The check of every drawing below notices what it should. */
TEST(what_is_no_xml_is_noticed)
{
    static const char *const wrong[] = {
        "",           "<a>",          "<a></b>",
        "<a/><b/>",   "<a b=c/>",     "<a b=\"1\" b=\"2\"/>",
        "<a>&</a>",   "<a b=\"<\"/>", "<a b=\"&x;\"/>",
        "<a><b></a>", "x<a/>",        "<a b=\"1\"c=\"1\"/>",
        "< a/>",      "<a>\001</a>",  "<a b=\"1/>"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (mica_xml_problem(wrong[i]) == NULL)
            fail_msg("'%s' is no XML", wrong[i]);
    assert_null(mica_xml_problem("<a b=\"1 &amp; 2\" c=\"3\">\n<b/>x &lt; y</a>\n"));
}

TEST(names_of_networks_are_escaped_in_drawings)
{
    struct error err = {0};
    struct recorded r = mica_recorded_net(
        mica_net_parse("{\"mica_net\": 1, \"name\": \"a \\\" <b> & \\\\\", \"input\": "
                       "{\"shape\": [4, 4, 1]}, \"graph\": [\"relu\"]}",
                       "t.json", &err),
        1, 4, 4);
    struct drawing *d = mica_drawing_new(r.net, r.tape, &r.wiring, 1);
    struct text svg = {0}, dot = {0};
    mica_drawing_svg(d, &svg);
    mica_drawing_dot(d, &dot);
    assert_null(mica_xml_problem(svg.data));
    assert_int_equal(strncmp(dot.data, "digraph \"a \\\" <b> & \\\\\" {", 24), 0);
    mica_text_free(&svg);
    mica_text_free(&dot);
    mica_drawing_free(d);
    mica_recorded_free(&r);
}

/* --- every network ----------------------------------------------------------------- */

struct rectangle {
    int x, y, width, height;
};

/* The boxes of a picture; the first rectangle is its background. */
static size_t read_rectangles(const char *svg, struct rectangle *list)
{
    size_t count = 0;
    for (const char *at = svg; (at = strstr(at, "<rect x=")) != NULL; at++) {
        assert_true(count < MICA_DRAWING_BOXES);
        struct rectangle *r = &list[count++];
        assert_int_equal(sscanf(at,
                                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"",
                                &r->x, &r->y, &r->width, &r->height),
                         4);
    }
    return count;
}

static void check_apart(const char *name, const char *svg, size_t boxes)
{
    struct rectangle list[MICA_DRAWING_BOXES];
    assert_int_equal(read_rectangles(svg, list), boxes);
    for (size_t i = 0; i < boxes; i++)
        for (size_t k = 0; k < i; k++) {
            const struct rectangle *a = &list[i], *b = &list[k];
            if (a->x < b->x + b->width && b->x < a->x + a->width &&
                a->y < b->y + b->height && b->y < a->y + a->height)
                fail_msg("%s: boxes %zu and %zu overlap", name, k, i);
        }
}

static size_t count_words(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

static void check_drawing(const char *name)
{
    char path[512];
    struct error err = {0};
    struct text svg = {0}, dot = {0};
    struct recorded r = {.weights = mica_weights_outline()};
    snprintf(path, sizeof path, "%s/nets/%s", MICA_TOP, name);
    r.net = mica_net_read(path, NULL, NULL, &err);
    r.tape = mica_tape_new(r.weights);
    r.input = mica_tape_input(r.tape, "input", mica_net_input(r.net, 1, 64, 64));
    if (mica_net_record(r.net, r.tape, r.input, &r.wiring, &err) != 0)
        fail_msg("%s", err.text);
    struct drawing *d = mica_drawing_new(r.net, r.tape, &r.wiring, 0);
    size_t nodes = 0, parameters = 0, lines = 0;
    for (size_t i = 0; i < d->count; i++) {
        nodes += d->boxes[i].nodes;
        parameters += d->boxes[i].parameters;
        lines += d->boxes[i].input_count;
        for (size_t k = 0; k < d->boxes[i].input_count; k++)
            assert_true(d->boxes[i].inputs[k] < i);
    }
    assert_int_equal(nodes, mica_tape_count(r.tape));
    assert_int_equal(parameters, mica_weights_parameters(r.weights));
    mica_drawing_svg(d, &svg);
    mica_drawing_dot(d, &dot);
    check_apart(name, svg.data, d->count);
    if (mica_xml_problem(svg.data))
        fail_msg("%s: %s", name, mica_xml_problem(svg.data));
    assert_int_equal(count_words(dot.data, "digraph "), 1);
    assert_int_equal(count_words(svg.data, "<path d=\"M") - 1, lines);
    assert_int_equal(count_words(dot.data, " -> "), lines);
    mica_text_free(&svg);
    mica_text_free(&dot);
    mica_drawing_free(d);
    mica_recorded_free(&r);
}

TEST(every_network_can_be_drawn_without_boxes_on_each_other)
{
    mica_every_net(check_drawing);
}

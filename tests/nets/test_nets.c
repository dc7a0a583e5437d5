/* test_nets.c - networks that are cut off, damaged, or of other parameters */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"

static size_t parameters_of(const char *name, const char *params)
{
    struct recorded r = mica_recorded_file(name, params, 1, 64);
    size_t count = mica_weights_parameters(r.weights);
    mica_recorded_free(&r);
    return count;
}

TEST_SLOW(the_unet_has_31_million_parameters)
{
    assert_int_equal(parameters_of("unet.json", "{}"), 31030658);
    assert_int_equal(parameters_of("unet.json", "{\"batch_norm\": true}"), 31042434);
}

TEST(every_beginning_of_a_network_gives_a_message)
{
    struct error err = {0};
    size_t size;
    char *text = mica_file_read(MICA_TOP "/nets/resunet.json", &size, &err);
    assert_non_null(text);
    while (size > 0 && text[size - 1] != '}')
        size--;
    for (size_t length = 0; length < size; length++) {
        char *part = malloc(length + 1);
        memcpy(part, text, length);
        part[length] = '\0';
        err = (struct error){0};
        assert_null(mica_net_parse(part, "part", &err));
        assert_int_equal(err.code, MICA_MISUSE);
        assert_true(strncmp(err.text, "part:", 5) == 0);
        free(part);
    }
    free(text);
}

/* Each byte in turn replaced: any outcome but a crash or a failure without a line. */
TEST_SLOW(a_network_with_a_wrong_byte_gives_a_message_or_works)
{
    static const char wrong[] = "{\"}]0=x,";
    struct error err = {0};
    size_t size;
    char *text = mica_file_read(MICA_TOP "/nets/resunet.json", &size, &err);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) {
        char was = text[i];
        text[i] = wrong[i % (sizeof wrong - 1)];
        err = (struct error){0};
        struct net *net = mica_net_parse(text, "part", &err);
        text[i] = was;
        if (net == NULL) {
            assert_true(err.lines > 0);
            continue;
        }
        struct weights *weights = mica_weights_outline();
        struct tape *tape = mica_tape_new(weights);
        struct wiring wiring;
        int input = mica_tape_input(tape, "input", mica_net_input(net, 1, 64, 64));
        int result = mica_net_record(net, tape, input, &wiring, &err);
        assert_true((result == 0) == (err.lines == 0));
        mica_tape_free(tape);
        mica_weights_free(weights);
        mica_net_free(net);
    }
    free(text);
}

/* fuzz_net.c - no text makes the reader or the recorder of networks crash or run away */
#include <stdlib.h>
#include <string.h>

#include "nets/nets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 14 }; /* bytes */

static void record(const struct net *net)
{
    struct error err = {0};
    struct wiring wiring;
    struct weights *weights = mica_weights_outline();
    struct tape *tape = mica_tape_new(weights);
    int input = mica_tape_input(tape, "input", mica_net_input(net, 1, 64, 64));
    int result = mica_net_record(net, tape, input, &wiring, &err);
    if ((result == 0) != (err.lines == 0))
        abort();
    mica_tape_free(tape);
    mica_weights_free(weights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = size <= MOST ? malloc(size + 1) : NULL;
    struct error err = {0};
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    struct net *net = mica_net_parse(text, "fuzz", &err);
    if ((net == NULL) != (err.lines > 0))
        abort();
    if (net != NULL)
        record(net);
    mica_net_free(net);
    free(text);
    return 0;
}

/* recorded.h - a network from text or file, recorded for a test */
#ifndef MICA_TESTS_NETS_RECORDED_H
#define MICA_TESTS_NETS_RECORDED_H

#include "nets/nets.h"

struct recorded {
    struct net *net;
    struct weights *weights;
    struct tape *tape;
    int input;
    struct wiring wiring;
};

/* Read and record, or put what is wrong into err and return -1. The document is called
   "t.json"; its head is added: {"mica_net": 1, "name": "t", "input": {"shape": ["H", "W",
   2]}, BODY}. */
int mica_recorded_try(struct recorded *r, const char *body, struct error *err);
/* The same; a problem fails the running test. The input is 2 x 8 x 8 x 2. */
struct recorded mica_recorded(const char *body);
void mica_recorded_free(struct recorded *r);

/* Record `net` (kept by the result) at this size; a problem fails the test. */
struct recorded mica_recorded_net(struct net *net, size_t samples, size_t height,
                                  size_t width);
/* A network that comes with mica, with `params` ("{}") as JSON. */
struct recorded mica_recorded_file(const char *name, const char *params, size_t samples,
                                   size_t size);

/* Its parameters for a step at 64 pixels in a test: smaller where the whole would be dear;
   NULL where it is a smaller one's twin. */
const char *mica_recorded_params(const char *name);
/* Call `check` with the name of every network that comes with mica: "resunet.json". */
void mica_every_net(void (*check)(const char *name));

/* Fails unless the nodes behind the input are, one a line: "path type HxWxC < inputs". */
void mica_recorded_check(const struct recorded *r, const char *wanted);

#endif

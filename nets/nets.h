/* nets.h - networks as JSON: read, checked, recorded on a tape */
#ifndef MICA_NETS_NETS_H
#define MICA_NETS_NETS_H

#include "core/json.h"
#include "core/tape.h"
#include "core/text.h"

/* A network as it was read, with the networks that it names and its parameters' values. The
   grammar is in docs/reference/networks.md. */
struct net;

/* `path` is looked for beside the document `where` (may be NULL), in the current folder and
   among the networks that come with mica. `params` (may be NULL) is an object below the
   root of `where`: values for the network's parameters. NULL and a line for each problem. */
struct net *mica_net_read(const char *path, const cJSON *params,
                          const struct json *where, struct error *err);
/* From text that needs no other file: what mica_net_write wrote. `name` is for messages. */
struct net *mica_net_parse(const char *text, const char *name, struct error *err);
void mica_net_free(struct net *net);
/* As JSON with the parameters' values and the networks inside: the mica.net of models. */
void mica_net_write(const struct net *net, struct text *text);

const char *mica_net_name(const struct net *net);
/* The shape of its input: `height` and `width` count where the network leaves them open. */
struct shape mica_net_input(const struct net *net, size_t samples, size_t height,
                            size_t width);

/* The parameter that is its channels (0), columns (1) or rows (2): "channels" where the input
   is [..., "=channels"]; NULL where it is none. */
const char *mica_net_input_param(const struct net *net, int axis);

/* What a recording gives: the nodes of the outputs (the first is the main one), and all ids
   for mica_net_find. Lives as long as the tape. */
enum { MICA_OUTPUTS_MAX = 8 };
struct scope;
struct wiring {
    size_t count;
    struct {
        const char *name; /* "output" where the network does not name it */
        int node;
    } outputs[MICA_OUTPUTS_MAX];
    const struct scope *scope;
};
/* Record the network behind the node `input`. -1 and up to 20 lines of problems. */
int mica_net_record(const struct net *net, struct tape *tape, int input,
                    struct wiring *wiring, struct error *err);
/* The node that an id means ("enc2.bn1"; a block's id is its output), or -1. */
int mica_net_find(const struct wiring *wiring, const char *id);

/* What the main output sees of the input, and the multiple that open sizes must have:
   found by recording it once at a size that all usual multiples divide. */
int mica_net_reach(const struct net *net, struct reach *reach, struct error *err);

/* The JSON Schema of a network: for editors. */
cJSON *mica_net_schema(void);

#endif

/* schema.h - what mica schema can print: one member a kind of JSON file */
#ifndef MICA_APPS_SCHEMA_H
#define MICA_APPS_SCHEMA_H

#include "core/json.h"

/* Whoever reads a kind of file has one `const struct schema mica_schema_NAME = {`; make
   finds it. mica_param_schema turns a table of parameters into properties. */
struct schema {
    const char *name, *summary;
    cJSON *(*make)(void); /* a JSON Schema (2020-12), freed by the caller */
};

#endif

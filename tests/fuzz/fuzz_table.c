/* fuzz_table.c - no bytes make the reader of tables crash */
#include "datasets/table.h"
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that a caller may ask of a table. */
static void use(const struct table *table)
{
    for (size_t row = 0; row < table->rows; row++)
        for (size_t column = 0; column < table->columns; column++) {
            struct error err = {0};
            double number;
            if (mica_table_number(table, row, column, &number, &err) && err.lines != 1)
                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    struct table table;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/mica-fuzz-XXXXXX", folder ? folder : "/tmp");
    int file = mkstemp(path);
    FILE *stream = file < 0 ? NULL : fdopen(file, "wb");
    if (stream) {
        fwrite(data, 1, size, stream);
        fclose(stream);
        if (mica_table_read(&table, path, &err) == 0)
            use(&table);
        mica_table_free(&table);
    }
    if (file >= 0)
        unlink(path);
    return 0;
}

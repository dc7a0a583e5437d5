/* fuzz_image.c - no bytes make a reader of images crash, whatever format they claim */
#include "datasets/image.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 16 }; /* bytes; what is read is at most some thousand times larger */

static void read_as(const struct format *format, const char *path)
{
    struct image image = {0};
    struct error err = {0};
    if (format->read(path, &image, &err) && (image.data || err.lines == 0))
        abort();
    mica_image_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/mica-fuzz-XXXXXX", folder ? folder : "/tmp");
    int file = size <= MOST ? mkstemp(path) : -1;
    if (file < 0)
        return 0;
    FILE *stream = fdopen(file, "wb");
    if (stream) {
        fwrite(data, 1, size, stream);
        fclose(stream);
        const struct format *format;
        for (size_t i = 0; (format = mica_format(i)); i++)
            if (format->recognise(data, size))
                read_as(format, path);
    }
    unlink(path);
    return 0;
}

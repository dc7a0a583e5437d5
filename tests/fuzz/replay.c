/* replay.c - feeds a fuzzer the files of a folder, each also cut short and with bytes changed */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUTS = 64, CHANGES = 64 };

/* A copy of exactly `size` bytes, so that reading behind the end is seen. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void feed_all(uint8_t *data, size_t size)
{
    uint64_t number = 1; /* Knuth's MMIX generator: the same changes every time */
    feed(data, size);
    for (size_t i = 0; i < CUTS; i++)
        feed(data, size <= CUTS ? i % (size + 1) : i * size / CUTS);
    for (size_t i = 0; i < CHANGES && size > 0; i++) {
        size_t at;
        uint8_t kept;
        number = number * 6364136223846793005u + 1442695040888963407u;
        at = (size_t)(number >> 20) % size;
        kept = data[at];
        data[at] = (uint8_t)(number >> 56);
        feed(data, size);
        data[at] = kept;
    }
}

static int replay(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size = -1;
    uint8_t *data = NULL;
    if (f && fseek(f, 0, SEEK_END) == 0)
        size = ftell(f);
    if (size >= 0)
        data = malloc((size_t)size + 1);
    if (data && fseek(f, 0, SEEK_SET) == 0 &&
        fread(data, 1, (size_t)size, f) == (size_t)size) {
        printf("%s\n", path); /* the last one is the one that stopped it */
        fflush(stdout);
        feed_all(data, (size_t)size);
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
        size = -1;
    }
    free(data);
    if (f)
        fclose(f);
    return size < 0;
}

/* [--counts FILE] FOLDER */
int main(int argc, char **argv)
{
    const char *counts = argc > 3 && strcmp(argv[1], "--counts") == 0 ? argv[2] : NULL;
    const char *folder = argv[argc - 1];
    size_t failed = 0, n = 0;
    struct dirent *e;
    DIR *entries = opendir(folder);
    FILE *f;
    if (!entries)
        return fprintf(stderr, "%s: cannot be read\n", folder), 1;
    while ((e = readdir(entries))) {
        char path[1024];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        failed += (size_t)replay(path);
        n++;
    }
    closedir(entries);
    f = fopen(counts ? counts : "/dev/null", "w");
    if (!f)
        return 1;
    fprintf(f, "%zu %zu 0\n", n - failed, failed);
    return fclose(f) != 0 || failed != 0;
}

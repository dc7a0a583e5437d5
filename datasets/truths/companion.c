/* companion.c - the image of labels that lies beside an image, of the same size */
#include "datasets/truths/companion.h"

#include <stdlib.h>
#include <string.h>

static int check_pair(const struct image *labels, const char *path,
                      const struct frame_place *place, struct error *err)
{
    if (labels->channels != 1)
        return mica_misuse(err,
                           "%s: a mask has one channel, not %zu; save it as grey or "
                           "indexed",
                           path, labels->channels);
    if (labels->height != place->height || labels->width != place->width ||
        labels->frames != place->frames)
        return mica_misuse(err,
                           "%s: %zu x %zu x %zu, but its image %s is %zu x %zu x %zu "
                           "(frames x rows x columns)",
                           path, labels->frames, labels->height, labels->width,
                           place->path, place->frames, place->height, place->width);
    return 0;
}

const float *mica_companion(struct companion *companion, const char *pattern,
                            const char *from, const struct frame_place *place,
                            struct error *err)
{
    char *path = mica_truth_path(pattern, from, place->path);
    if (companion->path && strcmp(companion->path, path) == 0) {
        free(path);
    } else {
        mica_companion_close(companion);
        companion->path = path;
        if (mica_image_read(path, &companion->image, err))
            return NULL;
    }
    const struct image *image = &companion->image;
    if (!image->data || check_pair(image, companion->path, place, err))
        return NULL;
    return image->data + place->frame * image->height * image->width;
}

void mica_companion_close(struct companion *companion)
{
    mica_image_free(&companion->image);
    free(companion->path);
    *companion = (struct companion){0};
}

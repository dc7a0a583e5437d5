/* contact.c - a contact sheet: the first samples of a set, without and with their classes */
#include "apps/contact.h"

#include <stdio.h>

#include "core/memory.h"
#include "core/text.h"
#include "datasets/picture.h"

enum { SAMPLES_MOST = 12, SIDE = 256, CLASSES_MOST = 256 };

/* Two panels a sample. */
struct contact {
    size_t count;
    struct canvas pictures[2 * SAMPLES_MOST];
    char titles[2 * SAMPLES_MOST][64];
};

struct contact *mica_contact_new(size_t count)
{
    struct contact *contact = mica_need(1, sizeof *contact);
    contact->count = count < SAMPLES_MOST ? count : SAMPLES_MOST;
    return contact;
}

void mica_contact_free(struct contact *contact)
{
    if (contact == NULL)
        return;
    for (size_t i = 0; i < 2 * contact->count; i++)
        mica_canvas_free(&contact->pictures[i]);
    mica_free(contact);
}

static void name_panels(struct contact *contact, size_t i, const struct image *image)
{
    char *title = contact->titles[2 * i], digits[40];
    size_t size = sizeof contact->titles[0];
    snprintf(title, size, "%04zu, %s \xc3\x85 a pixel", i,
             mica_text_digits(digits, image->pixel[1], 4));
    snprintf(contact->titles[2 * i + 1], size, "its labels");
}

int mica_contact_add(struct contact *contact, size_t i, const struct image *image,
                     const struct image *classes, struct error *err)
{
    if (i >= contact->count)
        return 0;
    struct canvas *plain = &contact->pictures[2 * i];
    struct canvas *labelled = &contact->pictures[2 * i + 1];
    struct display display = {.scale = mica_picture_fit(image, SIDE, SIDE)};
    if (mica_picture(plain, image, &display, err) != 0 ||
        mica_picture(labelled, image, &display, err) != 0)
        return -1;
    mica_picture_scale_bar(plain, image->pixel[1] / display.scale);
    mica_picture_outline(labelled, classes, 0, 1);
    name_panels(contact, i, image);
    return 0;
}

int mica_contact_write(const struct contact *contact, const char *path,
                       const char *heading, const char *const *names, struct error *err)
{
    struct panel panels[2 * SAMPLES_MOST];
    uint8_t palette[CLASSES_MOST][3];
    struct legend legend = {.names = names, .palette = (const uint8_t(*)[3])palette};
    struct canvas sheet;
    size_t count = 2 * contact->count;
    while (names[legend.count] != NULL)
        legend.count++;
    mica_class_palette(names, legend.count, palette);
    for (size_t i = 0; i < count; i++)
        panels[i] = (struct panel){contact->titles[i], &contact->pictures[i]};
    size_t columns = (mica_sheet_columns(count) + 1) / 2 * 2;
    if (mica_sheet(&sheet, panels, count, columns, heading, &legend, err) != 0)
        return -1;
    int result = mica_canvas_write(&sheet, path, 0, err);
    mica_canvas_free(&sheet);
    return result;
}

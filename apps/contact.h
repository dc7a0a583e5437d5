/* contact.h - a contact sheet: the first samples of a set, without and with their classes */
#ifndef MICA_APPS_CONTACT_H
#define MICA_APPS_CONTACT_H

#include "datasets/image.h"

struct contact;
/* For samples 0 .. count-1, of which the first few are kept. */
struct contact *mica_contact_new(size_t count);
void mica_contact_free(struct contact *contact);
/* Keep sample i, if it is among them: its first channel (three: as colours) with a
   scale bar, and the same with the outlines of its classes. Several threads may add different samples. */
int mica_contact_add(struct contact *contact, size_t i, const struct image *image,
                     const struct image *classes, struct error *err);
/* `names` are those of the classes, background first, ended by NULL. */
int mica_contact_write(const struct contact *contact, const char *path,
                       const char *heading, const char *const *names,
                       struct error *err);

#endif

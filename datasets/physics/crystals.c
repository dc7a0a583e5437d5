/* crystals.c - layered hexagonal crystals and the ways their layers are stacked */
#include "datasets/physics/crystals.h"

#include <string.h>

/* MoS2: Bronsema, de Boer and Jellinek, Z. anorg. allg. Chem. 540 (1986) 15; WS2 and WSe2:
   Schutte, de Boer and Jellinek, J. Solid State Chem. 70 (1987) 207; graphene: Trucano and
   Chen, Nature 258 (1975) 136; hBN: Pease, Acta Cryst. 5 (1952) 356. */
static const struct crystal crystals[] = {
    {"MoS2", "Mo", "S", 3.160, 3.172, 6.147}, {"MoSe2", "Mo", "Se", 3.289, 3.335, 6.46},
    {"MoTe2", "Mo", "Te", 3.519, 3.60, 6.98}, {"WS2", "W", "S", 3.153, 3.14, 6.16},
    {"WSe2", "W", "Se", 3.282, 3.35, 6.48},   {"graphene", "C", "C", 2.461, 0, 3.355},
    {"hBN", "B", "N", 2.504, 0, 3.328}};

static const struct stacking stackings[] = {
    {"1H", 1, {{'H', 0, 1}}},
    {"1T", 1, {{'T', 0, 1}}},
    {"2H", 1, {{'H', 0, 1}}},
    {"2H", 2, {{'H', 0, 1}, {'H', 1, -1}}},
    {"2H", 3, {{'H', 0, 1}, {'H', 1, -1}, {'H', 0, 1}}},
    {"3R", 1, {{'H', 0, 1}}},
    {"3R", 2, {{'H', 0, 1}, {'H', 1, 1}}},
    {"3R", 3, {{'H', 0, 1}, {'H', 1, 1}, {'H', 2, 1}}}};

const struct crystal *mica_crystal_at(size_t i)
{
    return i < sizeof crystals / sizeof *crystals ? &crystals[i] : NULL;
}

const struct crystal *mica_crystal_named(const char *name)
{
    for (size_t i = 0; i < sizeof crystals / sizeof *crystals; i++)
        if (strcmp(crystals[i].name, name) == 0)
            return &crystals[i];
    return NULL;
}

const struct stacking *mica_stacking_at(size_t i)
{
    return i < sizeof stackings / sizeof *stackings ? &stackings[i] : NULL;
}

const struct stacking *mica_stacking_named(const char *polymorph, int layers)
{
    for (size_t i = 0; i < sizeof stackings / sizeof *stackings; i++)
        if (stackings[i].layers == layers &&
            strcmp(stackings[i].polymorph, polymorph) == 0)
            return &stackings[i];
    return NULL;
}

size_t mica_crystal_sites(const struct crystal *crystal,
                          const struct stacking *stacking,
                          struct lattice_site sites[SITES_MOST])
{
    size_t count = 0;
    for (int i = 0; i < stacking->layers; i++) {
        const struct crystal_layer *layer = &stacking->layer[i];
        double z = i * crystal->spacing, half = crystal->thickness / 2;
        int lower = layer->builder == 'H' ? layer->sense : -1;
        int upper = layer->builder == 'H' ? layer->sense : 1;
        sites[count++] = (struct lattice_site){true, i, 0, (layer->shift + 3) % 3, z};
        sites[count++] = (struct lattice_site){
            false, i, 1, (layer->shift + lower + 3) % 3, z - half};
        if (half > 0)
            sites[count++] = (struct lattice_site){
                false, i, 2, (layer->shift + upper + 3) % 3, z + half};
    }
    return count;
}

/* concentration.c - which share of a crystal's sites are defects */
#include "apps/analysis/concentration.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* The site is what stands behind the last '_': "V_S1", "Re_W"; the digits say how many of a
   column's atoms are concerned. */
static const char *site_of(const char *label, size_t *length)
{
    const char *mark = strrchr(label, '_');
    if (!mark || mark == label)
        return NULL;
    *length = strcspn(mark + 1, "0123456789");
    return mark + 1;
}

static bool is(const char *site, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(site, name, length) == 0;
}

double mica_site_density(const struct crystal *crystal, const char *label,
                         const char **element)
{
    size_t length = 0;
    const char *site = site_of(label, &length);
    double cell = crystal->a * crystal->a * sqrt(3.0) / 2; /* A^2 */
    if (!site)
        return 0;
    bool metal = is(site, length, "M") || is(site, length, crystal->metal);
    bool chalcogen = is(site, length, "X") || is(site, length, crystal->chalcogen);
    if (element)
        *element = metal ? crystal->metal : crystal->chalcogen;
    /* graphene's two sublattices hold the same element */
    return ((metal ? 1 : 0) + (chalcogen ? 1 : 0)) / cell;
}

struct concentration mica_concentration(uint64_t count, double area, double density)
{
    struct concentration c = {.count = count};
    c.sites = (uint64_t)floor(area * density + 0.5);
    c.known = c.sites > 0 && count <= c.sites;
    if (c.known) {
        c.fraction = (double)count / (double)c.sites;
        c.ci95 = mica_interval_exact(count, c.sites, 0.95);
    }
    return c;
}

/* ticks.c - the round numbers along an axis */
#include "datasets/ticks.h"
#include "core/numeric.h"
#include "core/text.h"
#include <math.h>
#include <string.h>

double mica_log10(double x) { return mica_log(x) / 2.302585092994045684; }

static double power_of_ten(int exponent)
{
    double power = 1;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--)
        power *= 10;
    return exponent < 0 ? 1 / power : power;
}

static void add(struct ticks *ticks, double value, bool labelled)
{
    if (ticks->count == MICA_TICKS_MOST)
        return;
    ticks->values[ticks->count] = value;
    ticks->labelled[ticks->count++] = labelled;
}

void mica_ticks_linear(struct ticks *ticks, double low, double high, size_t wanted,
                       bool whole)
{
    static const double steps[] = {1, 2, 5, 10};
    double rough = (high - low) / (double)(wanted > 0 ? wanted : 1);
    ticks->count = 0;
    if (!(rough > 0) || !isfinite(rough))
        return;
    int exponent = (int)floor(mica_log10(rough)), i = 0;
    while (i < 3 && steps[i] * power_of_ten(exponent) < rough * 0.85)
        i++;
    double step = steps[i];
    if (whole && exponent < 0) {
        step = 1;
        exponent = 0;
    }
    double unit = power_of_ten(exponent < 0 ? -exponent : exponent);
    double scale = exponent < 0 ? step / unit : step * unit;
    double last = floor(high / scale + 1e-9);
    for (double k = ceil(low / scale - 1e-9);
         k <= last && ticks->count < MICA_TICKS_MOST;
         k++) /* k step is exact, so that 3 * 0.1 is 0.3 */
        add(ticks, exponent < 0 ? k * step / unit : k * step * unit, true);
}

void mica_ticks_log(struct ticks *ticks, double low, double high, size_t wanted)
{
    double first = floor(mica_log10(low) + 1e-9), last = floor(mica_log10(high) + 1e-9);
    double decades = mica_log10(high) - mica_log10(low);
    ticks->count = 0;
    if (!(decades > 0) || !(low > 0))
        return;
    if (decades < 0.7) {
        mica_ticks_linear(ticks, low, high, wanted, false);
        return;
    }
    int every = 1 + (int)(decades / (double)(wanted > 0 ? wanted : 1));
    bool few = decades < 2.5;
    for (int e = (int)first; e <= (int)last; e++)
        for (int k = 1; k <= 9; k++) {
            double value = k * power_of_ten(e);
            bool labelled = k == 1 ? e % every == 0 : few && (k == 2 || k == 5);
            if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) &&
                (labelled || decades < 5))
                add(ticks, value, labelled);
        }
}

char *mica_tick_label(char out[40], double value)
{
    if (value == 0)
        return strcpy(out, "0"); /* of either sign */
    mica_text_digits(out, value, 6);
    char *e = strchr(out, 'e');
    if (!e)
        return out;
    char *from = e + 1, *to = e + 1; /* 1e+06 is 1e6, 1e-06 is 1e-6 */
    if (*from == '-')
        *to++ = '-';
    from += strspn(from, "+-0");
    memmove(to, from, strlen(from) + 1);
    return out;
}

/* palette.c - colours that differ for all eyes */
#include "datasets/palette.h"

struct colour mica_class_colour(size_t label)
{
    static const struct colour colours[] = {
        {0, 114, 178},  {230, 159, 0}, {0, 158, 115},  {204, 121, 167},
        {86, 180, 233}, {213, 94, 0},  {240, 228, 66}, {153, 153, 153}};
    if (label == 0)
        return (struct colour){0, 0, 0};
    return colours[(label - 1) % (sizeof colours / sizeof *colours)];
}

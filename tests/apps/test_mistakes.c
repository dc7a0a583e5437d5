/* test_mistakes.c - which mistakes are kept, and in which order they are shown */
#include "apps/mistakes.h"
#include "core/file.h"
#include "core/text.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

static void add(struct mistakes *mistakes, int truth, int taken, float probability)
{
    float values[6] = {0, 1, 2, 3, 4, 5};
    uint8_t label = (uint8_t)truth, class = (uint8_t)taken;
    struct error err = {0};
    struct sample s = {
        .height = 2, .width = 3, .channels = 1, .image = values, .labels = &label};
    struct prediction p = {.height = 1,
                           .width = 1,
                           .channels = 2,
                           .classes = &class,
                           .scores = &probability};
    snprintf(s.name, sizeof s.name, "%d as %d at %.2f", truth, taken,
             (double)probability);
    assert_int_equal(mica_mistakes_add(mistakes, &s, &p, &err), 0);
}

static char *path_to(char path[512], const char *name)
{
    snprintf(path, 512, "%s/%s", mica_test_folder(), name);
    return path;
}

TEST(the_surest_mistakes_are_kept_and_come_first)
{
    static char *names[] = {"cat", "dog"};
    char path[512];
    size_t size;
    struct error err = {0};
    struct mistakes *mistakes = mica_mistakes_new(3, names);
    add(mistakes, 0, 1, 0.75f);
    add(mistakes, 0, 0, 1.0f); /* right */
    add(mistakes, 1, 0, 0.625f);
    add(mistakes, 1, 0, 0.875f);
    add(mistakes, 0, 1, 0.875f); /* of equals the first stands first */
    add(mistakes, 0, 1, 0.5f);
    add(mistakes, MICA_IGNORED, 1, 0.99f);
    assert_int_equal(mica_mistakes_write(mistakes, mica_test_folder(), &err), 3);
    char *table = mica_file_read(path_to(path, "mistakes.csv"), &size, &err);
    assert_string_equal(table, "sample,truth,prediction,probability\n"
                               "1 as 0 at 0.88,dog,cat,0.875\n"
                               "0 as 1 at 0.88,cat,dog,0.875\n"
                               "0 as 1 at 0.75,cat,dog,0.75\n");
    free(table);
    assert_true(mica_file_exists(path_to(path, "mistakes.png")));
    mica_mistakes_free(mistakes);
}

TEST(without_a_mistake_nothing_is_left)
{
    static char *names[] = {"cat", "dog"};
    char path[512];
    struct error err = {0};
    struct mistakes *mistakes = mica_mistakes_new(3, names);
    assert_int_equal(
        mica_file_write(path_to(path, "mistakes.png"), "of before", 9, &err), 0);
    add(mistakes, 1, 1, 0.75f);
    assert_int_equal(mica_mistakes_write(mistakes, mica_test_folder(), &err), 0);
    assert_false(mica_file_exists(path));
    mica_mistakes_free(mistakes);
}

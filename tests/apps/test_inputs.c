/* test_inputs.c - files, folders and patterns, and the names of their results */
#include <stdio.h>
#include <string.h>

#include "apps/inputs.h"
#include "core/file.h"
#include "core/memory.h"
#include "tests/test.h"

enum { LENGTH = 700, WORDS = 4 };

/* Make FOLDER/name for each, and list what `words` (relative to the folder) name. */
static int list(struct inputs *inputs, const char *const *files,
                const char *const *words, struct error *err)
{
    char path[LENGTH], kept[WORDS][LENGTH];
    const char *items[WORDS];
    struct words given = {0, items};
    for (; *files; files++) {
        snprintf(path, sizeof path, "%s/%s", mica_test_folder(), *files);
        char *slash = strrchr(path, '/');
        *slash = '\0';
        assert_int_equal(mica_file_folder(path, NULL), 0);
        *slash = '/';
        assert_int_equal(mica_file_write(path, "x", 1, NULL), 0);
    }
    for (; words[given.count]; given.count++) {
        snprintf(kept[given.count], LENGTH, "%s/%s", mica_test_folder(),
                 words[given.count]);
        items[given.count] = kept[given.count];
    }
    return mica_inputs_list(inputs, &given, err);
}

#define LIST(...)                                                                      \
    (const char *const[]) { __VA_ARGS__, NULL }

TEST(inputs_of_a_folder_are_its_images_in_order)
{
    struct inputs inputs;
    assert_int_equal(list(&inputs,
                          LIST("s/b.tif", "s/a.png", "s/notes.txt", "s/.c.png"),
                          LIST("s"), NULL),
                     0);
    assert_int_equal(inputs.count, 2);
    assert_string_equal(inputs.list[0].name, "a.png");
    assert_string_equal(inputs.list[0].stem, "a");
    assert_string_equal(inputs.list[1].stem, "b");
    mica_inputs_free(&inputs);
}

TEST(images_in_sub_folders_are_counted_unless_they_are_given)
{
    struct inputs inputs;
    struct error err = {0};
    assert_int_equal(list(&inputs,
                          LIST("s/a.png", "s/one/b.png", "s/one/n.txt", "s/two/c.tif",
                               "s/two/d.png", "s/two/deep/e.png"),
                          LIST("s"), NULL),
                     0);
    assert_int_equal(inputs.count, 1);
    assert_int_equal(inputs.below, 3);
    mica_inputs_free(&inputs);
    assert_int_equal(list(&inputs, LIST(NULL), LIST("s/", "s/two"), NULL), 0);
    assert_int_equal(inputs.count, 3);
    assert_int_equal(inputs.below, 2);
    mica_inputs_free(&inputs);
    assert_int_equal(list(&inputs, LIST("t/one/b.png"), LIST("t"), &err), -1);
    assert_non_null(strstr(err.text, "there is no image in this folder; name its "
                                     "sub-folders, which have some"));
}

TEST(inputs_of_a_pattern_are_what_fits)
{
    struct inputs inputs;
    assert_int_equal(
        list(&inputs, LIST("x1.npy", "x2.npy", "y.npy"), LIST("x*.npy"), NULL), 0);
    assert_int_equal(inputs.count, 2);
    mica_inputs_free(&inputs);
}

TEST(results_are_named_so_that_they_stay_apart)
{
    struct inputs inputs;
    assert_int_equal(
        list(&inputs, LIST("a.tif", "a.png"), LIST("a.tif", "a.png"), NULL), 0);
    assert_string_equal(inputs.list[0].stem, "a.tif");
    assert_string_equal(inputs.list[0].name, "a.tif");
    mica_inputs_free(&inputs);
    assert_int_equal(
        list(&inputs, LIST("one/a.tif", "two/a.tif"), LIST("one", "two"), NULL), 0);
    assert_non_null(strstr(inputs.list[0].stem, "_one_a.tif"));
    assert_null(strchr(inputs.list[0].stem, '/'));
    assert_string_equal(inputs.list[1].name, inputs.list[1].path);
    mica_inputs_free(&inputs);
}

TEST(inputs_that_are_not_there_are_all_told)
{
    struct inputs inputs;
    struct error err = {0};
    assert_int_equal(list(&inputs, LIST("a.tif"), LIST("b.tif", "a.tif", "c*"), &err),
                     0);
    assert_int_equal(err.lines, 2);
    assert_int_equal(inputs.count, 1); /* the others are there */
    mica_inputs_free(&inputs);
    err = (struct error){0};
    assert_int_equal(list(&inputs, LIST("a.tif"), LIST("b.tif", "c*"), &err), -1);
    assert_int_equal(err.lines, 2);
    err = (struct error){0};
    assert_int_equal(list(&inputs, LIST("a.tif"), LIST("a.tif", "a.tif"), &err), -1);
    assert_non_null(strstr(err.text, "the same image is given twice"));
    err = (struct error){0};
    assert_int_equal(list(&inputs, LIST("empty/notes.txt"), LIST("empty"), &err), -1);
    assert_non_null(strstr(err.text, "there is no image in this folder"));
}

TEST(a_stem_stands_for_an_images_name)
{
    char *path = mica_path_like("masks/{stem}_m.png", "scans/day.1/x.2.tif");
    assert_string_equal(path, "masks/x.2_m.png");
    mica_free(path);
    path = mica_path_like("mask.png", "x.tif");
    assert_string_equal(path, "mask.png");
    mica_free(path);
}

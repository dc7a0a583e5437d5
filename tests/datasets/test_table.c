/* test_table.c - tables are written as everybody reads them, and read as people write them */
#include "core/file.h"
#include "datasets/table.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct table read_text(const char *text)
{
    struct table table;
    struct error err = {0};
    char *path = write_bytes("table.csv", text, strlen(text));
    if (mica_table_read(&table, path, &err))
        fail_msg("%s", err.text);
    free(path);
    return table;
}

static void assert_not_read(const char *text, size_t size, const char *words)
{
    struct table table;
    struct error err = {0};
    char *path = write_bytes("table.csv", text, size);
    assert_int_equal(mica_table_read(&table, path, &err), -1);
    if (err.lines != 1 || strncmp(err.text, path, strlen(path)) != 0 ||
        !strstr(err.text, words))
        fail_msg("'%s' does not hold '%s'", err.text, words);
    assert_null(table.arena);
    free(path);
}

TEST(tables_are_written_with_points_and_quotes)
{
    static const char *const names[] = {"image", "id", "x_px", NULL};
    char path[4200];
    struct table_out table;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/out.csv", mica_test_folder());
    assert_int_equal(mica_table_begin(&table, path, names, &err), 0);
    mica_table_put_text(&table, "a, \"b\".tif");
    mica_table_put_integer(&table, -12345678901);
    mica_table_put_number(&table, 0.1, 6);
    mica_table_put_text(&table, NULL);
    mica_table_put_integer(&table, 2);
    mica_table_put_number(&table, (double)NAN, 6);
    assert_false(mica_file_exists(path));
    assert_int_equal(mica_table_commit(&table, &err), 0);
    size_t size;
    char *text = mica_file_read(path, &size, &err);
    assert_string_equal(text,
                        "image,id,x_px\n\"a, \"\"b\"\".tif\",-12345678901,0.1\n,2,\n");
    free(text);
    assert_int_equal(mica_table_begin(&table, path, names, &err), 0);
    mica_table_abandon(&table);
    assert_true(mica_file_exists(path));
}

TEST(tables_do_not_depend_on_the_locale)
{
    static const char *const names[] = {"x", NULL}, *const locales[] = {
                                                        "de_DE.UTF-8", "fr_FR.UTF-8",
                                                        "de_DE.utf8", NULL};
    size_t i = 0;
    while (locales[i] && !setlocale(LC_ALL, locales[i]))
        i++;
    if (!locales[i])
        SKIP("no locale with decimal commas is installed");
    char path[4200];
    struct table_out out;
    struct table table;
    struct error err = {0};
    double number;
    snprintf(path, sizeof path, "%s/out.csv", mica_test_folder());
    assert_int_equal(mica_table_begin(&out, path, names, &err), 0);
    mica_table_put_number(&out, 1.5, 6);
    assert_int_equal(mica_table_commit(&out, &err), 0);
    assert_int_equal(mica_table_read(&table, path, &err), 0);
    assert_int_equal(mica_table_number(&table, 0, 0, &number, &err), 0);
    setlocale(LC_ALL, "C");
    assert_near(number, 1.5, 0);
    assert_string_equal(mica_table_text(&table, 0, 0), "1.5");
    mica_table_free(&table);
}

TEST(tables_give_back_what_was_written)
{
    static const char *const names[] = {"a", "b", NULL};
    static const char *const cells[] = {"plain",      "with, comma", "\"quoted\"",
                                        "two\nlines", " blank ",     "",
                                        "semi;colon", "tab\there"};
    char path[4200];
    struct table_out out;
    struct table table;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/out.csv", mica_test_folder());
    assert_int_equal(mica_table_begin(&out, path, names, &err), 0);
    for (size_t i = 0; i < 8; i++)
        mica_table_put_text(&out, cells[i]);
    assert_int_equal(mica_table_commit(&out, &err), 0);
    assert_int_equal(mica_table_read(&table, path, &err), 0);
    assert_int_equal(table.rows, 4);
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(mica_table_text(&table, i / 2, i % 2), cells[i]);
    assert_int_equal(table.lines[1], 3);
    assert_int_equal(table.lines[2], 5); /* after the cell of two lines */
    mica_table_free(&table);
}

TEST(tables_of_spreadsheets_are_read)
{
    struct table table =
        read_text("\xef\xbb\xbfx_px;label\r\n1.5;V_S1\r\n\r\n2;\"a;b\"");
    assert_int_equal(table.rows, 2);
    assert_int_equal(table.columns, 2);
    assert_string_equal(table.names[0], "x_px");
    assert_string_equal(mica_table_text(&table, 0, 1), "V_S1");
    assert_string_equal(mica_table_text(&table, 1, 1), "a;b");
    mica_table_free(&table);
    table = read_text("x\ty\n1\t\n");
    assert_int_equal(table.columns, 2);
    assert_string_equal(mica_table_text(&table, 0, 1), "");
    mica_table_free(&table);
    table = read_text("x\n1\n2\n3\n");
    assert_int_equal(table.columns, 1);
    assert_int_equal(table.rows, 3);
    mica_table_free(&table);
    table = read_text("x,y");
    assert_int_equal(table.rows, 0);
    mica_table_free(&table);
}

TEST(tables_with_mistakes_say_where)
{
    assert_not_read("", 0, "is empty");
    assert_not_read("a,b\n1,2\n1,2,3\n", 14,
                    "table.csv:3: has 3 cells where the first");
    assert_not_read("a,b\n1,\"2\n1,2", 12,
                    "table.csv:2: a quotation mark is never closed");
    assert_not_read("a,b\n1,\"2\"x\n", 11, "table.csv:2: something follows");
    assert_not_read("a,b,a\n", 6, "two columns are called 'a'");
    assert_not_read("a,\0b\n", 5, "is not text");
}

TEST(table_columns_and_numbers_that_are_missing_are_named)
{
    struct error err = {0};
    size_t column;
    double number;
    struct table table = read_text("x_px,y_px\n1.5e1, 7 \n,a\n\"1,5\",1e3\n");
    assert_int_equal(mica_table_need(&table, "y_px", &column, &err), 0);
    assert_int_equal(column, 1);
    assert_false(mica_table_column(&table, "z", &column));
    assert_int_equal(mica_table_need(&table, "x_xp", &column, &err), -1);
    assert_non_null(strstr(err.text, ":1: has no column 'x_xp'; did you mean 'x_px'? "
                                     "(it has x_px, y_px)"));
    assert_int_equal(mica_table_number(&table, 0, 0, &number, &err), 0);
    assert_near(number, 15, 0);
    assert_int_equal(mica_table_number(&table, 0, 1, &number, &err), 0);
    assert_near(number, 7, 0);
    assert_int_equal(mica_table_number(&table, 1, 0, &number, &err), 0);
    assert_true(isnan(number));
    err = (struct error){0};
    assert_int_equal(mica_table_number(&table, 1, 1, &number, &err), -1);
    assert_non_null(strstr(err.text, "table.csv:3: y_px: 'a' is not a number"));
    err = (struct error){0};
    assert_int_equal(mica_table_number(&table, 2, 0, &number, &err), -1);
    assert_non_null(strstr(err.text, "decimals are written with '.'"));
    mica_table_free(&table);
}

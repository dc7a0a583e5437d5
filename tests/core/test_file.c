/* test_file.c - whole files in and out, and what goes wrong */
#include "core/file.h"
#include "core/text.h"
#include "tests/test.h"
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A path in the test's folder; a few may be in use at a time. */
static const char *path_of(const char *name)
{
    static char paths[8][700];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, 700, "%s/%s", mica_test_folder(), name);
    return path;
}

static void put(const char *name, const char *text)
{
    struct error err = {0};
    if (mica_file_write(path_of(name), text, strlen(text), &err))
        print_error("%s\n", err.text);
    assert_int_equal(err.code, 0);
}

static void expect(const char *name, const char *text)
{
    size_t size = 99;
    char *data = mica_file_read(path_of(name), &size, NULL);
    assert_non_null(data);
    assert_int_equal(size, strlen(text));
    assert_string_equal(data, text);
    free(data);
}

static size_t entries(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    while (readdir(stream))
        count++;
    closedir(stream);
    return count - 2;
}

TEST(file_comes_back_as_written)
{
    put("a", "");
    expect("a", "");
    put("a", "hello\n");
    expect("a", "hello\n");
    size_t size, large = 300000;
    char *data = malloc(large);
    assert_non_null(data);
    for (size_t i = 0; i < large; i++)
        data[i] = (char)(i * 7);
    assert_int_equal(mica_file_write(path_of("b"), data, large, NULL), 0);
    char *back = mica_file_read(path_of("b"), &size, NULL);
    assert_int_equal(size, large);
    assert_memory_equal(back, data, large);
    assert_int_equal(back[large], 0);
    free(back);
    free(data);
    assert_int_equal(entries(mica_test_folder()), 2); /* nothing temporary is left */
}

TEST(file_whose_size_is_not_known_is_read)
{
    size_t size = 0;
    char *data = mica_file_read("/proc/self/status", &size, NULL);
    assert_non_null(data);
    assert_true(size > 100 && strlen(data) == size);
    free(data);
}

static void expect_failure(const char *path, const char *reason)
{
    struct error err = {0};
    size_t size;
    assert_null(mica_file_read(path, &size, &err));
    assert_int_equal(err.code, MICA_FAILURE);
    assert_true(strncmp(err.text, path, strlen(path)) == 0);
    assert_non_null(strstr(err.text, reason));
}

TEST(file_that_cannot_be_read_says_why)
{
    put("plain", "x");
    expect_failure(path_of("missing"), ": there is no such file");
    expect_failure(mica_test_folder(), ": is a folder");
    expect_failure(path_of("plain/below"), ": a part of its path is a file");
    expect_failure("", "");
}

/* In a child, since root may do everything and has to become somebody else. */
static int is_denied(const char *path)
{
    struct error reading = {0}, writing = {0};
    size_t size;
    if (geteuid() == 0 && seteuid(65534))
        return 0;
    return !mica_file_read(path, &size, &reading) &&
           mica_file_write(path, "x", 1, &writing) == -1 &&
           strstr(reading.text, ": permission denied") &&
           strstr(writing.text, ": cannot be written: permission denied");
}

TEST(file_of_somebody_else_is_denied)
{
    assert_int_equal(mica_file_folder(path_of("closed"), NULL), 0);
    put("closed/f", "x");
    const char *path = path_of("closed/f");
    assert_int_equal(chmod(path, 0), 0);
    assert_int_equal(chmod(path_of("closed"), 0500), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(is_denied(path) ? 0 : 1);
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(path_of("closed"), 0700), 0);
}

TEST(file_appears_only_when_committed)
{
    struct file_out out;
    put("f", "old");
    assert_int_equal(mica_file_begin(&out, path_of("f"), NULL), 0);
    fputs("new", out.stream);
    fflush(out.stream);
    expect("f", "old");
    assert_int_equal(entries(mica_test_folder()), 2);
    assert_int_equal(mica_file_commit(&out, NULL), 0);
    expect("f", "new");
    assert_int_equal(mica_file_begin(&out, path_of("f"), NULL), 0);
    fputs("newer", out.stream);
    mica_file_abandon(&out);
    mica_file_abandon(&out);
    expect("f", "new");
    assert_int_equal(entries(mica_test_folder()), 1);
}

TEST(file_that_cannot_be_written_leaves_nothing)
{
    struct error err = {0};
    assert_int_equal(mica_file_write(mica_test_folder(), "x", 1, &err), -1);
    assert_non_null(strstr(err.text, "is a folder"));
    err = (struct error){0};
    assert_int_equal(mica_file_write(path_of("no/such"), "x", 1, &err), -1);
    assert_non_null(strstr(err.text, "no/such: cannot be written: there is no such"));
    char name[400];
    memset(name, 'n', 399);
    name[399] = '\0';
    err = (struct error){0};
    assert_int_equal(mica_file_write(path_of(name), "x", 1, &err), -1);
    assert_non_null(strstr(err.text, "its name is too long"));
    assert_int_equal(entries(mica_test_folder()), 0);
}

TEST(file_on_a_full_disk_is_told)
{
    struct error err = {0};
    if (access("/dev/full", W_OK))
        SKIP("there is no /dev/full");
    assert_int_equal(mica_file_write("/dev/full", "x", 1, &err), -1);
    assert_string_equal(
        err.text, "/dev/full: cannot be written: no space left on its file system");
    assert_int_equal(mica_file_write("/dev/null", "x", 1, NULL), 0);
    struct stat status;
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode)); /* written through, not replaced */
}

/* In a child, since the limit stays: what is too large is told, the old file stays. */
static int write_beyond_limit(const char *path)
{
    struct rlimit limit = {1000, 1000};
    struct error err = {0};
    static char data[5000];
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    return mica_file_write(path, data, sizeof data, &err) == -1 &&
           strstr(err.text, "is larger than its file system or limit allows");
}

TEST(file_that_grows_too_large_keeps_the_old_one)
{
    put("f", "old");
    const char *path = path_of("f");
    pid_t child = fork();
    if (child == 0)
        _exit(write_beyond_limit(path) ? 0 : 1);
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    expect("f", "old");
    assert_int_equal(entries(mica_test_folder()), 1);
}

TEST(file_behind_a_link_is_replaced_and_the_link_stays)
{
    struct stat status;
    put("real", "old");
    assert_int_equal(symlink("real", path_of("link")), 0);
    put("link", "new");
    expect("real", "new");
    assert_int_equal(lstat(path_of("link"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
}

TEST(folder_is_made_with_its_parents)
{
    struct error err = {0};
    assert_int_equal(mica_file_folder(path_of("a/b//c/"), &err), 0);
    assert_int_equal(mica_file_folder(path_of("a/b"), &err), 0);
    assert_true(mica_file_is_folder(path_of("a/b/c")));
    assert_false(mica_file_is_folder(path_of("a/x")));
    put("a/file", "x");
    assert_true(mica_file_exists(path_of("a/file")));
    assert_false(mica_file_exists(path_of("a/other")));
    assert_int_equal(mica_file_folder(path_of("a/file"), &err), -1);
    assert_non_null(
        strstr(err.text, "a/file: cannot be made: there is a file of that name"));
    assert_int_equal(mica_file_folder(path_of("a/file/below"), NULL), -1);
}

/* What is begun as a folder of results, and how much of it is there at the end. */
static void expect_folder(const char *path, const char *file, const char *stays,
                          const char *goes)
{
    struct folder_out folder;
    assert_int_equal(mica_folder_begin(&folder, path_of(path), NULL), 0);
    assert_true(mica_file_is_folder(path_of(path)));
    if (file)
        put(file, "x");
    mica_folder_end(&folder);
    assert_true(mica_file_is_folder(path_of(stays)));
    assert_false(goes && mica_file_exists(path_of(goes)));
}

TEST(folder_of_results_goes_again_where_it_stays_empty)
{
    struct folder_out folder;
    expect_folder("new//a/b/", NULL, ".", "new");
    expect_folder("new/a", "new/a/file", "new/a", NULL);
    expect_folder("new/a/b/c", NULL, "new/a", "new/a/b");
    expect_folder("new/a", NULL, "new/a", NULL);
    assert_int_equal(mica_file_folder(path_of("empty"), NULL), 0);
    expect_folder("empty", NULL, "empty", NULL); /* it was there before */
    assert_int_equal(mica_folder_begin(&folder, path_of("new/a/file/x"), NULL), -1);
    assert_null(folder.path);
    mica_folder_end(&folder);
}

static void expect_found(const char *name, const char *from, const char *kind,
                         const char *where)
{
    struct error err = {0};
    char *found = mica_file_find(name, from, kind, &err);
    if (!found)
        print_error("%s\n", err.text);
    assert_non_null(found);
    assert_string_equal(found, where);
    free(found);
}

TEST(file_is_found_beside_in_the_path_and_in_the_share)
{
    char list[2000];
    struct error err = {0};
    assert_int_equal(mica_file_folder(path_of("beside"), NULL), 0);
    assert_int_equal(mica_file_folder(path_of("path"), NULL), 0);
    assert_int_equal(mica_file_folder(path_of("share/nets"), NULL), 0);
    snprintf(list, sizeof list, "::%s:%s", path_of("nowhere"), path_of("path"));
    char *former = getenv("MICA_DATADIR");
    char *kept = former ? strdup(former) : NULL;
    setenv("MICA_PATH", list, 1);
    setenv("MICA_DATADIR", path_of("share"), 1);
    put("share/nets/n.json", "");
    expect_found("n.json", NULL, "nets", path_of("share/nets/n.json"));
    put("share/n.json", "");
    expect_found("n.json", NULL, "nets", path_of("share/n.json"));
    put("path/n.json", "");
    expect_found("n.json", "recipe.json", NULL, path_of("path/n.json"));
    put("beside/n.json", "");
    expect_found("n.json", path_of("beside/recipe.json"), "nets",
                 path_of("beside/n.json"));
    expect_found(path_of("path/n.json"), NULL, NULL, path_of("path/n.json"));
    assert_null(mica_file_find("m.json", path_of("beside/r"), "nets", &err));
    assert_non_null(strstr(err.text, "m.json: there is no such file; looked in "));
    assert_non_null(strstr(err.text, "beside/, ., "));
    assert_non_null(strstr(err.text, "share/nets"));
    assert_null(mica_file_find("/no/such/file", NULL, NULL, NULL));
    unsetenv("MICA_PATH");
    if (kept)
        setenv("MICA_DATADIR", kept, 1);
    else
        unsetenv("MICA_DATADIR");
    free(kept);
}

static void expect_pattern(const char *pattern, const char *from, const char *expected)
{
    char *found = mica_file_find_pattern(pattern, from);
    assert_string_equal(found, expected);
    free(found);
}

TEST(patterns_are_looked_for_beside_here_and_in_the_list)
{
    char first[600], second[600];
    assert_int_equal(mica_file_folder(path_of("own"), NULL), 0);
    assert_int_equal(mica_file_folder(path_of("data/cat"), NULL), 0);
    put("data/cat/1.png", "");
    setenv("MICA_PATH", path_of("data"), 1);
    snprintf(first, sizeof first, "%s", path_of("own/r.json"));
    snprintf(second, sizeof second, "%s", path_of("data/{label}/*.png"));
    expect_pattern("{label}/*.png", first, second);
    snprintf(second, sizeof second, "%s", path_of("own/*.tif"));
    expect_pattern("*.tif", first, second);
    expect_pattern("*.tif", "r.json", "*.tif");
    expect_pattern("/no/*.tif", first, "/no/*.tif");
    put("own/1.png", "");
    snprintf(second, sizeof second, "%s", path_of("own/{stem}.png"));
    expect_pattern("{stem}.png", first, second);
    unsetenv("MICA_PATH");
    expect_pattern("//no//such///*.png", NULL, "/no/such/*.png");
    expect_pattern("no//such/*.png", "a//b.json", "a/no/such/*.png");
}

TEST(file_found_is_no_folder)
{
    assert_int_equal(mica_file_folder(path_of("x/name"), NULL), 0);
    assert_null(mica_file_find("name", path_of("x/r.json"), NULL, NULL));
}

static void expect_list(const char *pattern, size_t count, const char *const *names)
{
    struct file_list list;
    struct error err = {0};
    if (mica_file_list(&list, path_of(pattern), &err))
        print_error("%s\n", err.text);
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(list.paths[i], path_of(names[i]));
    mica_file_list_free(&list);
}

TEST(files_that_fit_a_pattern_are_listed_in_order)
{
    static const char *const made[] = {"img/b.tif",  "img/a.tif", "img/c.png",
                                       "img/.x.tif", "two/b.tif", "two/10.tif",
                                       "img/a*.txt"};
    assert_int_equal(mica_file_folder(path_of("img/d.tif"), NULL), 0);
    assert_int_equal(mica_file_folder(path_of("two"), NULL), 0);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        put(made[i], "");
    expect_list("img/*.tif", 2, (const char *const[]){"img/a.tif", "img/b.tif"});
    expect_list("img/?.*", 3,
                (const char *const[]){"img/a.tif", "img/b.tif", "img/c.png"});
    expect_list("*/b.tif", 2, (const char *const[]){"img/b.tif", "two/b.tif"});
    expect_list("t*/*.tif", 2, (const char *const[]){"two/10.tif", "two/b.tif"});
    expect_list("img/.*", 1, (const char *const[]){"img/.x.tif"});
    expect_list("img//a.tif", 1, (const char *const[]){"img/a.tif"});
    struct file_list list;
    struct error err = {0};
    assert_int_equal(mica_file_list(&list, path_of("img/*.mrc"), &err), -1);
    assert_non_null(strstr(err.text, "img/*.mrc: no file fits this pattern"));
    assert_int_equal(mica_file_list(&list, path_of("none/*"), NULL), -1);
    assert_int_equal(mica_file_list(&list, "", NULL), -1);
    mica_file_list_free(&list);
}

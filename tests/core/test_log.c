/* test_log.c - progress and lines of JSON */
#include "core/log.h"
#include "tests/test.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A progress that writes to memory and began `seconds` ago. */
static FILE *begin(struct progress *p, double seconds, bool quiet, char **text,
                   size_t *size)
{
    mica_progress_begin(p, "train", "images", 1536, quiet);
    FILE *stream = open_memstream(text, size);
    assert_non_null(stream);
    p->stream = stream;
    p->terminal = false;
    p->begun = p->shown = mica_log_clock() - seconds;
    return stream;
}

TEST(progress_tells_rate_note_and_time_left)
{
    struct progress p;
    char *text;
    size_t size;
    FILE *stream = begin(&p, 100, false, &text, &size);
    mica_progress_step(&p, 1000, "loss 0.1312");
    assert_string_equal(text, "train: 1,000 of 1,536 images, 10.0 images/s, 54 s left, "
                              "loss 0.1312\n");
    mica_progress_step(&p, 1001, "too early for a line");
    assert_null(strstr(text, "1,001"));
    mica_progress_step(&p, 1536, NULL);
    mica_progress_end(&p, "saved");
    assert_non_null(strstr(text,
                           "\ntrain: 1,536 of 1,536 images, 15.4 images/s, took 2 min, "
                           "saved\n"));
    fclose(stream);
    free(text);
}

TEST(progress_leaves_out_of_its_rate_what_an_earlier_run_did)
{
    struct progress p;
    char *text;
    size_t size;
    FILE *stream = begin(&p, 100, false, &text, &size);
    p.before = 1000;
    mica_progress_step(&p, 1500, NULL);
    assert_string_equal(text, "train: 1,500 of 1,536 images, 5.00 images/s, 7.2 s "
                              "left\n");
    fclose(stream);
    free(text);
}

TEST(progress_rewrites_one_line_on_a_terminal)
{
    struct progress p;
    char *text;
    size_t size;
    FILE *stream = begin(&p, 10, false, &text, &size);
    p.terminal = true;
    mica_progress_step(&p, 1, "a long note that is overwritten");
    p.shown -= 1;
    mica_progress_step(&p, 2, NULL);
    assert_null(strchr(text, '\n'));
    const char *second = strrchr(text, '\r');
    assert_true(second > text);
    assert_int_equal(second - text, (long)strlen(second)); /* as long as the first */
    mica_progress_end(&p, NULL);
    assert_int_equal(text[size - 1], '\n');
    fclose(stream);
    free(text);
}

TEST(progress_is_quiet_when_asked)
{
    struct progress p;
    char *text;
    size_t size;
    FILE *stream = begin(&p, 100, true, &text, &size);
    mica_progress_step(&p, 5, "x");
    mica_progress_end(&p, "y");
    fclose(stream);
    assert_int_equal(size, 0);
    free(text);
}

TEST(progress_without_a_total_has_no_time_left)
{
    struct progress p;
    char *text;
    size_t size;
    FILE *stream = begin(&p, 10, false, &text, &size);
    p.total = 0;
    mica_progress_step(&p, 0, NULL);
    p.shown -= 6;
    mica_progress_step(&p, 12345, "");
    assert_string_equal(text, "train: 0 images\ntrain: 12,345 images, 1234 images/s\n");
    fclose(stream);
    free(text);
}

TEST(log_lines_are_json)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct text line;
    assert_non_null(stream);
    mica_log_begin(&line);
    mica_log_number(&line, "loss", 0.1312);
    mica_log_number(&line, "worst", (double)NAN);
    mica_log_number(&line, "most", HUGE_VAL);
    mica_log_count(&line, "step", UINT64_MAX);
    mica_log_text(&line, "na\"me", "a\\b\n \"\xc3\xa4\x01");
    assert_int_equal(mica_log_write(&line, stream), 0);
    mica_log_begin(&line);
    assert_int_equal(mica_log_write(&line, stream), 0);
    fclose(stream);
    assert_string_equal(text,
                        "{\"loss\": 0.1312, \"worst\": null, \"most\": null, "
                        "\"step\": 18446744073709551615, "
                        "\"na\\\"me\": \"a\\\\b\\u000a \\\"\xc3\xa4\\u0001\"}\n{}\n");
    cJSON *back = cJSON_Parse(text);
    assert_non_null(back);
    assert_string_equal(cJSON_GetObjectItem(back, "na\"me")->valuestring,
                        "a\\b\n \"\xc3\xa4\x01");
    cJSON_Delete(back);
    free(text);
}

TEST(log_line_that_cannot_be_written_is_told)
{
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        SKIP("there is no /dev/full");
    struct text line;
    mica_log_begin(&line);
    assert_int_equal(mica_log_write(&line, full), -1);
    assert_null(line.data);
    fclose(full);
}

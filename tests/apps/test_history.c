/* test_history.c - what each epoch gave: kept with every bit, as a table, as curves */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/history.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "tests/test.h"

static struct epoch epoch_of(int number, bool checked)
{
    struct random random;
    mica_random_start(&random, 1, 1, (uint64_t)number);
    struct epoch e = {.epoch = number, .step = (unsigned long long)number * 3};
    double *figures[] = {&e.rate, &e.train_loss, &e.train_accuracy,
                         &e.loss, &e.accuracy,   &e.background,
                         &e.f1,   &e.seconds};
    for (size_t i = 0; i < 8; i++)
        *figures[i] = !checked && i > 2 && i < 7 ? (double)NAN
                                                 : mica_random_uniform(&random) * 1e-3;
    return e;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

TEST(a_history_keeps_every_bit_in_json)
{
    enum { EPOCHS = 300 };
    struct history history = {0}, again = {0};
    for (int i = 1; i <= EPOCHS; i++) {
        struct epoch e = epoch_of(i, i % 2);
        mica_history_add(&history, &e);
    }
    cJSON *json = mica_history_json(&history);
    char *text = cJSON_PrintUnformatted(json);
    cJSON *read = cJSON_Parse(text);
    assert_int_equal(mica_history_from(&again, read), 0);
    assert_int_equal(again.count, EPOCHS);
    for (size_t i = 0; i < EPOCHS; i++) {
        const struct epoch *a = &history.epochs[i], *b = &again.epochs[i];
        assert_int_equal(a->epoch, b->epoch);
        assert_int_equal(a->step, b->step);
        assert_true(same(a->rate, b->rate) && same(a->train_loss, b->train_loss) &&
                    same(a->train_accuracy, b->train_accuracy) &&
                    same(a->loss, b->loss) && same(a->accuracy, b->accuracy) &&
                    same(a->background, b->background) && same(a->f1, b->f1) &&
                    same(a->seconds, b->seconds));
    }
    cJSON_Delete(json);
    cJSON_Delete(read);
    free(text);
    mica_history_free(&history);
    mica_history_free(&again);
}

TEST(damaged_histories_are_refused)
{
    static const char *const texts[] = {"{}", "[{\"step\": 1}]", "[{\"epoch\": 1}]",
                                        "[3]"};
    struct history history = {0};
    for (size_t i = 0; i < 4; i++) {
        cJSON *json = cJSON_Parse(texts[i]);
        assert_int_equal(mica_history_from(&history, json), -1);
        cJSON_Delete(json);
    }
    assert_int_equal(mica_history_from(&history, NULL), -1);
    mica_history_free(&history);
}

TEST(the_table_leaves_empty_what_was_not_measured)
{
    struct history history = {0};
    struct error err = {0};
    struct epoch first = {1,           10,          0.5,         0.25,        0.75,
                          (double)NAN, (double)NAN, (double)NAN, (double)NAN, 2};
    struct epoch second = {2, 20, 1e-5, 0.125, 1, 0.375, 0.5, 0.9, 0.1, 3};
    mica_history_add(&history, &first);
    mica_history_add(&history, &second);
    if (mica_history_write(&history, mica_test_folder(), &err) ||
        mica_history_draw(&history, mica_test_folder(), &err))
        fail_msg("%s", err.text);
    char path[512];
    size_t size;
    snprintf(path, sizeof path, "%s/log.csv", mica_test_folder());
    char *text = mica_file_read(path, &size, &err);
    assert_string_equal(text,
                        "epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,"
                        "background_accuracy,val_f1,seconds\n"
                        "1,10,0.5,0.25,0.75,,,,,2\n"
                        "2,20,1e-05,0.125,1,0.375,0.5,0.9,0.1,3\n");
    free(text);
    static const char *const curves[] = {"loss.svg", "loss.png", "accuracy.svg",
                                         "accuracy.png"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", mica_test_folder(), curves[i]);
        assert_true(mica_file_exists(path));
    }
    mica_history_free(&history);
}

TEST(a_history_that_cannot_be_written_is_told)
{
    struct history history = {0};
    struct error err = {0};
    struct epoch e = epoch_of(1, true);
    mica_history_add(&history, &e);
    assert_int_equal(mica_history_write(&history, "/no/such/folder", &err), -1);
    assert_int_equal(err.lines, 1);
    assert_non_null(strstr(err.text, "/no/such/folder/log.csv: "));
    mica_history_free(&history);
}

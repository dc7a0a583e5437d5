/* test_recipe.c - experiments: defaults, what extends what, --set, mistakes */
#include <stdlib.h>
#include <string.h>

#include "apps/effective.h"
#include "core/file.h"
#include "core/text.h"
#include "tests/test.h"

#define NET                                                                            \
    "\"net\": {\"file\": \"" MICA_TOP "/nets/unet.json\", \"params\": {\"width\": 4}}"
#define DATA                                                                           \
    "\"data\": {\"train\": {\"simulation\": \"" MICA_TOP "/apps/recipes/mos2.json\"}}"
#define TRAIN                                                                          \
    "\"train\": {\"loss\": \"dice\", \"optimizer\": {\"adam\": {\"lr\": 0.02}}, "      \
    "\"epochs\": 3"
#define GOOD "{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN "}}"

static char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", mica_test_folder(), name);
    return path;
}

static void write_recipe(const char *name, const char *text)
{
    struct error err = {0};
    if (mica_file_write(path_of(name), text, strlen(text), &err))
        fail_msg("%s", err.text);
}

static struct recipe *read_good(const char *text, const char *const *sets, size_t count)
{
    struct error err = {0};
    write_recipe("r.json", text);
    struct recipe *r = mica_recipe_read(path_of("r.json"), sets, count, &err);
    if (!r)
        fail_msg("%s", err.text);
    return r;
}

/* Reading fails; every text is in a line of the message, and there are so many lines. */
static void assert_refused(const char *text, const char *const *sets, size_t set_count,
                           size_t lines, const char *const *wanted)
{
    struct error err = {0};
    write_recipe("r.json", text);
    assert_null(mica_recipe_read(path_of("r.json"), sets, set_count, &err));
    assert_null(mica_recipe_read(path_of("r.json"), sets, set_count, NULL));
    for (size_t i = 0; wanted[i]; i++)
        if (!strstr(err.text, wanted[i]))
            fail_msg("'%s' is not in '%s'", wanted[i], err.text);
    if (err.lines != lines)
        fail_msg("%zu lines: %s", err.lines, err.text);
    assert_int_equal(err.code, MICA_MISUSE);
}

#define REFUSED(text, ...)                                                             \
    assert_refused(text, NULL, 0,                                                      \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),        \
                   (const char *const[]){__VA_ARGS__, NULL})

TEST(a_recipe_has_documented_defaults)
{
    struct recipe *r = read_good(GOOD, NULL, 0);
    assert_string_equal(r->name, "r");
    assert_string_equal(mica_net_name(r->net), "unet");
    assert_int_equal(r->crop, 0);
    assert_int_equal(r->normalise.kind, NORMALISE_STANDARDISE);
    assert_near(r->normalise.window, 0, 0);
    assert_ptr_equal(r->scheme.what, mica_initializer_find("pytorch"));
    assert_null(r->from);
    assert_null(r->skip[0]);
    assert_null(r->freeze[0]);
    assert_string_equal(((const struct layer *)r->loss.what)->name, "dice");
    assert_ptr_equal(r->optimizer.what, mica_optimizer_find("adam"));
    assert_ptr_equal(r->schedule.what, mica_schedule_find("constant"));
    assert_near(r->rate, 0.02, 1e-15);
    assert_int_equal(r->warmup, 0);
    assert_int_equal(r->batch, 8);
    assert_int_equal(r->shards, 4);
    assert_int_equal(r->samples_per_epoch, 0);
    assert_int_equal(r->epochs, 3);
    assert_int_equal(r->validate_every, 1);
    assert_int_equal(r->precision, TYPE_F32);
    assert_int_equal(r->seed, 1);
    assert_near(r->clip_norm + r->clip_value, 0, 0);
    assert_int_equal(r->patience, 0);
    assert_near(r->checkpoint_every, 600e6, 0);
    mica_recipe_free(r);
}

TEST(everything_that_a_recipe_says_is_read)
{
    struct recipe *r = read_good(
        "{\"mica_run\": 1, " NET ", " DATA ", \"crop\": 64, \"normalise\": \"range\", "
        "\"init\": {\"scheme\": \"keras\", \"skip\": [\"a*\"], \"freeze\": [\"b.*\", "
        "\"c\"], \"from\": \"w.safetensors\"}, \"train\": {\"loss\": "
        "{\"cross_entropy\": {}}, \"optimizer\": {\"sgd\": {\"momentum\": 0.9}}, "
        "\"schedule\": {\"step\": {\"every\": 2, \"warmup\": \"3 epochs\"}}, "
        "\"batch\": "
        "6, \"samples_per_epoch\": 60, \"epochs\": 4, \"validate_every\": 2, \"seed\": "
        "9, \"precision\": \"bf16\", \"clip\": {\"norm\": 2}, \"stop\": {\"patience\": "
        "7, \"metric\": \"val.loss\"}, \"checkpoint\": {\"every\": \"2 min\"}}, "
        "\"note\": \"n\"}",
        NULL, 0);
    assert_int_equal(r->crop, 64);
    assert_int_equal(r->normalise.kind, NORMALISE_RANGE);
    assert_ptr_equal(r->scheme.what, mica_initializer_find("keras"));
    assert_string_equal(r->from, "w.safetensors");
    assert_string_equal(r->skip[0], "a*");
    assert_string_equal(r->freeze[1], "c");
    assert_null(r->freeze[2]);
    assert_near(r->rate, 0.01, 1e-15);
    assert_ptr_equal(r->schedule.what, mica_schedule_find("step"));
    assert_int_equal(r->warmup, 3);
    assert_true(r->warmup_epochs);
    assert_int_equal(r->shards, 2);
    assert_int_equal(r->validate_every, 2);
    assert_int_equal(r->seed, 9);
    assert_int_equal(r->precision, TYPE_BF16);
    assert_near(r->clip_norm, 2, 0);
    assert_int_equal(r->patience, 7);
    assert_near(r->checkpoint_every, 120e6, 0);
    mica_recipe_free(r);
}

#define LOSSES(list)                                                                   \
    "{\"mica_run\": 1, " NET ", " DATA ", \"train\": {\"loss\": " list                 \
    ", \"optimizer\": \"adam\", \"epochs\": 3}}"

TEST(several_losses_are_read_with_their_outputs_and_weights)
{
    struct recipe *r = read_good(
        LOSSES("[{\"dice\": {\"smooth\": 2}}, {\"output\": \"aux\", \"weight\": 0.5, "
               "\"truth\": \"image\", \"mse\": {}}]"),
        NULL, 0);
    assert_int_equal(r->aim_count, 2);
    assert_ptr_equal(r->loss.what, mica_layer_find("dice"));
    assert_null(r->aims[0].output);
    assert_near(r->aims[0].weight, 1, 0);
    assert_int_equal(r->aims[0].truth, TRUTH_LABELS);
    assert_ptr_equal(r->aims[1].loss.what, mica_layer_find("mse"));
    assert_string_equal(r->aims[1].output, "aux");
    assert_near(r->aims[1].weight, 0.5, 0);
    assert_int_equal(r->aims[1].truth, TRUTH_IMAGE);
    mica_recipe_free(r);
    REFUSED(LOSSES("[]"), "#/train/loss: must have 1 to 8 losses, not 0");
    REFUSED(LOSSES("[{\"dyce\": {}}, {\"weight\": 2}]"),
            "#/train/loss/0/dyce: no loss is called 'dyce'",
            "#/train/loss/1: must be a loss with its settings");
    REFUSED(LOSSES("[{\"dice\": {\"smoot\": 2}}, {\"dice\": {}, \"wait\": 1}]"),
            "did you mean 'smooth'?", "#/train/loss/1/wait: unknown key 'wait'");
}

TEST(means_rates_and_accumulation_are_read)
{
    struct recipe *r =
        read_good("{\"mica_run\": 1, " NET ", " DATA ", " TRAIN
                  ", \"accumulate\": 3, \"ema\": 0.99, \"rates\": [{\"down1.*\": "
                  "0.1}, {\"*.bias\": 2}]}}",
                  NULL, 0);
    assert_int_equal(mica_recipe_step_samples(r), 24);
    assert_true(r->ema && r->ema_ramp && r->ema_decay == 0.99);
    assert_int_equal(r->rate_count, 2);
    assert_string_equal(r->rates[1].pattern, "*.bias");
    assert_near(r->rates[1].factor, 2, 0);
    mica_recipe_free(r);
    r = read_good(GOOD, NULL, 0);
    assert_int_equal(r->accumulate, 1);
    assert_true(!r->ema && r->rate_count == 0);
    mica_recipe_free(r);
    REFUSED("{\"mica_run\": 1, " NET ", " DATA ", " TRAIN
            ", \"accumulate\": 0, \"ema\": {\"decay\": 1}}}",
            "#/train/accumulate: must be between 1 and 65536, not 0");
    REFUSED("{\"mica_run\": 1, " NET ", " DATA ", " TRAIN
            ", \"ema\": {\"decay\": 1, \"rmap\": true}, \"rates\": {\"a\": 1}}}",
            "#/train/ema/decay: must be between 0 and 0.9999999, not 1",
            "did you mean 'ramp'?", "#/train/rates: must be a list of names");
    REFUSED("{\"mica_run\": 1, " NET ", " DATA ", " TRAIN
            ", \"rates\": [{\"a\": -1}, \"b\"]}}",
            "#/train/rates/0: must be one name with a factor",
            "#/train/rates/1: must be one name with a factor");
}

TEST(shards_are_the_largest_power_of_two_up_to_4_that_divides_the_batch)
{
    static const struct {
        const char *set;
        int shards;
    } cases[] = {{"train.batch=1", 1},  {"train.batch=2", 2}, {"train.batch=6", 2},
                 {"train.batch=12", 4}, {"train.batch=7", 1}, {"train.batch=64", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct recipe *r = read_good(GOOD, &cases[i].set, 1);
        assert_int_equal(r->shards, cases[i].shards);
        mica_recipe_free(r);
    }
}

TEST(a_recipe_changes_what_it_extends)
{
    write_recipe("base.json", GOOD);
    write_recipe("middle.json", "{\"extends\": \"base.json\", \"train\": {\"batch\": "
                                "2, \"seed\": 4}}");
    struct recipe *r = read_good("{\"mica_run\": 1, \"extends\": \"middle.json\", "
                                 "\"train\": {\"batch\": 16, \"optimizer\": {\"adam\": "
                                 "{\"beta1\": 0.8}}}}",
                                 NULL, 0);
    assert_int_equal(r->batch, 16);
    assert_int_equal(r->seed, 4);
    assert_int_equal(r->epochs, 3);
    assert_near(r->rate, 0.02, 1e-15); /* adam's keys are merged */
    mica_recipe_free(r);
}

TEST(null_takes_away_what_an_extended_recipe_says)
{
    write_recipe("base.json", GOOD);
    struct recipe *r =
        read_good("{\"mica_run\": 1, \"extends\": \"base.json\", \"train\": "
                  "{\"optimizer\": {\"adam\": null, \"sgd\": {\"lr\": 0.3}}}}",
                  NULL, 0);
    assert_ptr_equal(r->optimizer.what, mica_optimizer_find("sgd"));
    assert_near(r->rate, 0.3, 1e-15);
    mica_recipe_free(r);
    r = read_good("{\"mica_run\": 1, \"extends\": \"base.json\", \"train\": "
                  "{\"optimizer\": \"sgd\"}}",
                  NULL, 0);
    assert_ptr_equal(r->optimizer.what, mica_optimizer_find("sgd"));
    mica_recipe_free(r);
}

TEST(values_are_set_from_outside)
{
    static const char *const sets[] = {
        "train.optimizer.adam.lr=1e-3", "train.loss={\"dice\": {\"smooth\": 2}}",
        "train.stop.patience=5", "crop=32", "normalise.scope=window 60 A"};
    struct recipe *r = read_good(GOOD, sets, 5);
    assert_near(r->rate, 1e-3, 1e-15);
    assert_int_equal(r->patience, 5);
    assert_int_equal(r->crop, 32);
    assert_near(r->normalise.window, 60, 1e-12);
    mica_recipe_free(r);
    static const char *const swaps[] = {"train.optimizer.adam=null",
                                        "train.optimizer.sgd.lr=0.5"};
    r = read_good(GOOD, swaps, 2);
    assert_ptr_equal(r->optimizer.what, mica_optimizer_find("sgd"));
    assert_near(r->rate, 0.5, 1e-15);
    mica_recipe_free(r);
    static const char *const wrong[] = {"train.optimizer.adam.lr=fast"};
    assert_refused(GOOD, wrong, 1, 1,
                   (const char *const[]){"--set train.optimizer.adam.lr: "
                                         "#/train/optimizer/adam/lr: must be a number",
                                         NULL});
}

TEST(unknown_keys_and_words_are_told_with_their_place)
{
    REFUSED("{\"mica_run\": 1, \"epoch\": 3, " NET ", " DATA ",\n" TRAIN "}}",
            "r.json:1:26: #/epoch: unknown key 'epoch'");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN ", \"bacth\": 3}}",
            "r.json:3:86: #/train/bacth: unknown key 'bacth'; did you mean 'batch'?");
    REFUSED(
        "{\"mica_run\": 1, " NET ",\n" DATA ",\n\"train\": {\"loss\": \"dyce\", "
        "\"optimizer\": \"adamm\", \"schedule\": \"cosin\", \"epochs\": 1}}",
        "r.json:3:19: #/train/loss: no loss is called 'dyce'; there are ",
        "r.json:3:40: #/train/optimizer: no optimizer is called 'adamm'; there are ",
        "r.json:3:61: #/train/schedule: no schedule is called 'cosin'; there are ");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN
            "}, \"init\": {\"scheme\": \"xavier\"}}",
            "#/init/scheme: no scheme is called 'xavier'; there are ");
}

TEST(one_of_several_is_one)
{
    REFUSED(
        "{\"mica_run\": 1, " NET ",\n" DATA ",\n\"train\": {\"loss\": \"dice\", "
        "\"optimizer\": {\"adam\": {}, \"sgd\": {}}, \"epochs\": 1}}",
        "r.json:3:40: #/train/optimizer: must be one optimizer, not both 'adam' and "
        "'sgd'; null takes one away that an extended recipe has: \"adam\": null");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n\"train\": {\"loss\": {}, "
            "\"optimizer\": 3, \"epochs\": 1}}",
            "#/train/loss: must be one loss with its settings, like ",
            "#/train/optimizer: must be one optimizer with its settings, like ");
}

TEST(wrong_values_in_recipes_are_told)
{
    REFUSED("{" NET ", " DATA ", " TRAIN "}}", "r.json:1:1: #: needs 'mica_run'");
    REFUSED("{\"mica_run\": 1, " DATA ", " TRAIN "}}", "#: needs 'net'");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN ", \"batch\": 0}}",
            "#/train/batch: must be between 1 and 65536, not 0");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN ", \"shards\": 3}}",
            "#/train/shards: must be a power of two that divides the batch (8), not 3");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN
            ", \"schedule\": {\"cosine\": {\"warmup\": 5}}}}",
            "#/train/schedule/cosine/warmup: must be a whole number of epochs or "
            "steps, like \"2 epochs\"");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN
            ", \"schedule\": {\"cosine\": {\"warmup\": \"1.5 epochs\"}}}}",
            "#/train/schedule/cosine/warmup: must be a whole number");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN
            ", \"checkpoint\": {\"every\": 10}}}",
            "#/train/checkpoint/every: needs a unit");
    REFUSED("{\"mica_run\": 1, " NET ",\n" DATA ",\n" TRAIN
            "}, \"init\": {\"freeze\": \"conv1\"}}",
            "#/init/freeze: must be a list of names");
    REFUSED("{\"mica_run\": 1, \"net\": {\"file\": \"none.json\"}, " DATA ", " TRAIN
            "}}",
            "r.json:1:33: #/net/file: none.json: there is no such file");
}

TEST(what_cannot_be_extended_is_told)
{
    REFUSED("{\"mica_run\": 1, \"extends\": \"none.json\"}",
            "r.json:1:28: #/extends: none.json: there is no such file");
    REFUSED("{\"mica_run\": 1, \"extends\": 3}",
            "r.json:1:28: #/extends: must be the name of a recipe");
    REFUSED("{\"mica_run\": 1, \"extends\": \"r.json\"}",
            "r.json:1:28: #/extends: more than 8 recipes extend each other");
}

static int open_data(const char *data, struct error *err)
{
    struct text text = {0};
    struct dataset *training = NULL, *validation = NULL;
    mica_text_add(&text, "{\"mica_run\": 1, %s, \"data\": %s, %s}}", NET, data, TRAIN);
    struct recipe *r = read_good(text.data, NULL, 0);
    int status = mica_recipe_data(r, &training, &validation, err);
    mica_dataset_free(training);
    mica_dataset_free(validation);
    mica_recipe_free(r);
    mica_text_free(&text);
    return status;
}

TEST(wrong_data_is_told)
{
    static const struct {
        const char *data, *message;
    } cases[] = {
        {"{\"simulation\": \"mos2.json\"}",
         "#/data: needs \"train\" and \"validation\", or a source with a \"split\""},
        {"{\"train\": {\"simulation\": \"" MICA_TOP
         "/apps/recipes/mos2.json\"}, \"valid\": {}}",
         "#/data/valid: unknown key 'valid'; beside \"train\" there is \"validation\" "
         "only"},
        {"{\"train\": {\"simulator\": \"mos2.json\"}}",
         "#/data/train: a dataset needs one of the keys "},
        {"{\"train\": {\"simulation\": \"none.json\"}}",
         "#/data/train/simulation: none.json: there is no such file"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        assert_int_equal(open_data(cases[i].data, &err), -1);
        assert_int_equal(err.lines, 1);
        if (!strstr(err.text, cases[i].message))
            fail_msg("%s", err.text);
    }
}

/* What a recipe says with every default says the same when it is read again. */
static void check_effective(const struct recipe *recipe)
{
    struct error err = {0};
    char *text = mica_recipe_write(recipe);
    write_recipe("whole.json", text);
    struct recipe *again = mica_recipe_read(path_of("whole.json"), NULL, 0, &err);
    if (!again)
        fail_msg("%s\n%s", err.text, text);
    char *twice = mica_recipe_write(again);
    assert_string_equal(twice, text);
    assert_true(mica_recipe_continues(recipe, again));
    assert_memory_equal(&again->rate, &recipe->rate, sizeof recipe->rate);
    free(twice);
    free(text);
    mica_recipe_free(again);
}

TEST(an_effective_recipe_says_all_and_is_one_itself)
{
    write_recipe("base.json", GOOD);
    write_recipe("r.json", "{\"extends\": \"base.json\", \"train\": {\"optimizer\": "
                           "{\"adam\": null, \"sgd\": {\"lr\": "
                           "0.12345678901234567}}, \"schedule\": {\"cosine\": "
                           "{\"warmup\": \"2 steps\"}}}}");
    struct error err = {0};
    struct recipe *r = mica_recipe_read(path_of("r.json"), NULL, 0, &err);
    if (!r)
        fail_msg("%s", err.text);
    check_effective(r);
    cJSON *whole = mica_recipe_effective(r);
    const cJSON *train = cJSON_GetObjectItemCaseSensitive(whole, "train");
    const cJSON *optimizer = cJSON_GetObjectItemCaseSensitive(train, "optimizer");
    const cJSON *sgd = cJSON_GetObjectItemCaseSensitive(optimizer, "sgd");
    assert_false(cJSON_HasObjectItem(whole, "extends"));
    assert_true(cJSON_HasObjectItem(sgd, "momentum"));
    assert_int_equal(cJSON_GetArraySize(optimizer), 1);
    assert_true(cJSON_HasObjectItem(train, "checkpoint"));
    assert_false(cJSON_HasObjectItem(train, "stop")); /* that run never stops early */
    cJSON_Delete(whole);
    mica_recipe_free(r);
}

TEST(steps_of_an_epoch_are_whole_batches)
{
    static const struct {
        const char *set;
        uint64_t count, steps;
    } cases[] = {{"train.batch=4", 10, 2},
                 {"train.samples_per_epoch=100", 20, 2},
                 {"train.samples_per_epoch=16", 100, 2},
                 {"train.samples_per_epoch=40", 0, 5},
                 {"train.batch=4", 3, 0},
                 {"train.batch=4", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct recipe *r = read_good(GOOD, &cases[i].set, 1);
        struct dataset data = {.count = cases[i].count};
        assert_int_equal(mica_recipe_steps(r, &data), cases[i].steps);
        mica_recipe_free(r);
    }
}

TEST(every_recipe_that_comes_with_mica_can_be_read)
{
    struct file_list files;
    struct error err = {0};
    size_t read = 0;
    assert_int_equal(
        mica_file_list(&files, MICA_TOP "/apps/recipes/*vacancy*.json", &err), 0);
    for (size_t i = 0; i < files.count; i++) {
        struct recipe *r = mica_recipe_read(files.paths[i], NULL, 0, &err);
        if (!r)
            fail_msg("%s", err.text);
        check_effective(r);
        read++;
        mica_recipe_free(r);
    }
    assert_true(read >= 3);
    mica_file_list_free(&files);
}

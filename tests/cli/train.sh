# train.sh - mica train: what a run leaves, that it repeats, stops and goes on exactly

# images and masks of 64 pixels, and a recipe that takes a second or two
small_data()
{
    "$MICA" simulate mos2.json --set 'size=[64,64]' --set 'pixel="0.15 A"' \
        --set 'specimen.defects.V_S1=0.2' --set 'specimen.defects.V_S2=0.1' \
        -n 6 -o data -q || complain "no data"
    cat >r.json <<'R'
{ "mica_run": 1,
  "net": { "file": "resunet.json",
           "params": { "classes": 3, "width": 4, "depth": 2, "dropout": 0.2, "momentum": 0.1 } },
  "data": { "images": "data/image_*.tif", "masks": "data/{stem}.png",
            "values": { "0": "background", "1": "V_S1", "2": "V_S2" },
            "split": { "validation": 0.34 } },
  "crop": 32,
  "train": { "loss": "dice_cross_entropy", "optimizer": { "adam": { "lr": 0.01 } },
             "schedule": { "cosine": { "warmup": "2 steps" } },
             "batch": 4, "epochs": 8, "seed": 3 } }
R
    for i in data/labels_*.png; do
        cp "$i" "data/image_${i#data/labels_}"
    done
}

train()
{
    run "$MICA" train r.json "$@"
    [ "$code" = 0 ] || { cat err; complain "train $*: exit code $code"; }
}

# log.csv without its last column, the seconds
figures() { sed 's/,[^,]*$//' "$1/log.csv"; }

test_slow_train_leaves_a_run()
{
    small_data
    train -o run
    expect_file run/config.json run/log.csv run/log.jsonl run/best.safetensors \
        run/last.safetensors run/loss.png run/loss.svg run/accuracy.png
    [ "$(ls run | wc -l)" = 9 ] || complain "other files: $(ls run)"
    [ "$(wc -l <run/log.csv)" = 9 ] || complain "log.csv has not a line an epoch"
    [ "$(wc -l <run/log.jsonl)" = 32 ] || complain "log.jsonl has not a line a step"
    awk -F, 'NR == 2 { a = $4 } END { exit !($4 < a) }' run/log.csv ||
        complain "the loss does not fall"
    expect_text "an epoch"
}

test_slow_threads_change_no_bit()
{
    small_data
    train -o one --threads 1 -q
    train -o two --threads 2 -q
    [ ! -s out ] && [ ! -s err ] || complain "--quiet says something"
    cmp one/best.safetensors two/best.safetensors || complain "the best weights differ"
    cmp one/last.safetensors two/last.safetensors >/dev/null ||
        same_tensors one two || complain "the last weights differ"
    [ "$(figures one)" = "$(figures two)" ] || complain "the figures differ"
}

# last.safetensors holds the seconds of each epoch too: compare all but the header
same_tensors()
{
    for r; do
        size=$(od -A n -t u8 -N 8 "$r/last.safetensors" | tr -d ' ')
        tail -c +$((size + 9)) "$r/last.safetensors" >"$r.tensors"
    done
    cmp "$1.tensors" "$2.tensors"
}

# same_run ONE TWO : but for the seconds
same_run()
{
    cmp "$1/best.safetensors" "$2/best.safetensors" || complain "the best weights differ"
    cmp "$1/log.jsonl" "$2/log.jsonl" || complain "log.jsonl differs"
    same_tensors "$1" "$2" || complain "the last weights differ"
    [ "$(figures "$1")" = "$(figures "$2")" ] || complain "the figures differ"
}

# start FILE OPTION... : trains behind our back until run parts has FILE with five lines
start()
{
    wanted=$1
    shift
    "$MICA" train r.json -o parts -q "$@" &
    until [ "$(cat "parts/$wanted" 2>/dev/null | wc -l)" -gt 5 ]; do
        kill -0 $! 2>/dev/null || complain "the run ended before it could be stopped"
        sleep 0.02
    done
}

# stop_and_go_on OPTION... : a run that was stopped, resumed, gives a whole run's bits
stop_and_go_on()
{
    rm -rf whole parts
    set -- --set train.epochs=40 "$@"
    train -o whole -q "$@" --threads 1
    start log.jsonl "$@" --threads 2
    kill -TERM $!
    wait $! && complain "a run that is stopped exits with 0"
    [ "$(wc -l <parts/log.csv)" -lt 41 ] || complain "it was not stopped"
    run "$MICA" train r.json -o parts "$@"
    [ "$code" = 2 ] || complain "a folder with a run is taken: exit code $code"
    train -o parts --resume "$@" --threads 2
    expect_text "going on after step"
    same_run whole parts
    train -o parts --resume "$@" --threads 1 -q
    same_run whole parts
}

test_slow_a_run_that_was_stopped_goes_on_as_if_it_had_not_been()
{
    small_data
    stop_and_go_on
}

# the state of optimisers and of a schedule that heeds the validation
test_slow_what_optimisers_and_schedules_keep_is_gone_on_with()
{
    small_data
    tiny="--set net.params.width=2 --set net.params.depth=1"
    stop_and_go_on $tiny --set 'train.optimizer={"lamb": {"lr": 0.02}}' \
        --set 'train.schedule={"plateau": {"patience": 1, "factor": 0.7}}'
    stop_and_go_on $tiny --set 'train.schedule="one_cycle"' --set \
        'train.optimizer={"rmsprop": {"lr": 0.001, "momentum": 0.5, "centered": true}}'
}

test_slow_a_mean_of_weights_is_kept_and_gone_on_with()
{
    small_data
    stop_and_go_on --set net.params.width=2 --set net.params.depth=1 --set train.ema=0.95 \
        --set train.accumulate=2 --set train.batch=2 --set 'train.rates=[{"logits": 2}]'
    size=$(od -A n -t u8 -N 8 whole/best.safetensors | tr -d ' ')
    tail -c +$((size + 9)) whole/best.safetensors >mean
    head -c "$(wc -c <mean)" whole.tensors | cmp -s mean - &&
        complain "the best weights are the last, not their mean"
    expect_ok "$MICA" predict whole/best.safetensors data/image_0000.tif -o predicted -q
    expect_exit 2 "$MICA" train r.json -o other --set 'train.rates=[{"logitz": 2}]'
    expect_text "#/train/rates/0: no weight is called 'logitz'; the first is '"
}

# dropout, batch-norm and what is made again after a stop
test_slow_recompute_changes_memory_and_no_number()
{
    small_data
    stop_and_go_on --set train.recompute=true
    mv whole again
    train -o kept -q --set train.epochs=40
    cmp again/log.jsonl kept/log.jsonl || complain "log.jsonl differs"
    same_tensors again kept || complain "the last weights differ"
}

# frozen statistics: no sample sees another, so two batches of 2 are one of 4
test_slow_batches_that_are_added_up_are_a_larger_batch()
{
    small_data
    set -- --set 'init={"freeze":["*.running_mean","*.running_var"]}' --set \
        train.epochs=3 --set train.loss=cross_entropy -q
    train -o large "$@"
    train -o small "$@" --set train.batch=2 --set train.accumulate=2
    paste -d, large/log.jsonl small/log.jsonl | tr -d '{}":a-z' | awk -F, '
        { d = $2 - $6; if (d < 0) d = -d; if (d > 1e-4 * $2) bad = 1; n++ }
        END { exit bad || n != 12 }' || {
        paste -d, large/log.jsonl small/log.jsonl
        complain "the losses differ"
    }
}

# half of dice and half of dice is dice; a node in the middle may have a loss too
test_slow_several_losses_are_one_weighted_sum()
{
    small_data
    set -- --set train.epochs=2 --set net.params.width=2 --set net.params.depth=1 -q
    train -o one "$@" --set train.loss=dice
    train -o two "$@" --set \
        'train.loss=[{"dice": {}, "weight": 0.5}, {"weight": 0.5, "dice": {}}]'
    paste -d, one/log.jsonl two/log.jsonl | tr -d '{}":a-z' | awk -F, '
        { d = $2 - $6; if (d < 0) d = -d; if (d > 1e-4 * $2) bad = 1; n++ }
        END { exit bad || n != 8 }' || complain "the losses differ"
    train -o image "$@" --set \
        'train.loss=[{"dice": {}}, {"output": "logits", "weight": 0.1, "kl_divergence": {}}]'
    expect_exit 2 "$MICA" train r.json -o other "$@" --set \
        'train.loss=[{"dice": {}}, {"output": "masc", "dice": {}}]'
    expect_text "#/train/loss/1: the network has no output and no node 'masc'; its outputs: "
    expect_exit 2 "$MICA" train r.json -o other "$@" --set \
        'train.loss=[{"truth": "image", "mse": {}}]'
    expect_text "#/train/loss/0: the first loss must compare the network's first output"
    expect_exit 2 "$MICA" train r.json -o other "$@" --set train.loss=kl_normal
    expect_text "#/train/loss: kl_normal: takes means and as many log-variances"
}

# an autoencoder beside the classes, and a run with two losses gone on with
test_slow_outputs_learn_from_labels_and_from_the_image()
{
    small_data
    cat >two.json <<'N'
{ "mica_net": 1, "name": "two", "input": { "shape": ["H", "W", 1] },
  "graph": [ { "conv2d": 4, "kernel": 3, "id": "a" }, "relu",
             { "conv2d": 3, "kernel": 1, "id": "mask" },
             { "conv2d": 1, "kernel": 3, "in": "a", "id": "decoded" } ],
  "output": { "classes": "mask", "image": "decoded" } }
N
    set -- --set net=two.json --set train.epochs=12 --set 'train.loss=[{"dice": {}},
        {"output": "image", "truth": "image", "weight": 2, "mse": {}}]' -q
    train -o run "$@"
    awk -F, 'NR == 2 { a = $4 } END { exit !($4 < 0.7 * a) }' run/log.csv ||
        complain "the loss does not fall: $(cat run/log.csv)"
    train -o run --resume "$@"
    run "$MICA" train run/config.json -o again -q
    [ "$code" = 0 ] || complain "config.json does not train: $(cat err)"
    same_tensors run again || complain "config.json trains otherwise"
}

test_slow_a_plateau_lowers_the_rate_and_needs_validation()
{
    small_data
    set -- --set 'train.schedule={"plateau": {"patience": 1, "factor": 0.5}}' --set \
        train.optimizer.adam.lr=1e-30 --set net.params.momentum=0 --set train.epochs=6
    train -o run -q "$@"
    [ "$(cut -d, -f3 run/log.csv | tail -1)" = 2.5e-31 ] ||
        complain "the rate is not as it should: $(cut -d, -f3 run/log.csv)"
    expect_exit 2 "$MICA" train r.json -o other "$@" --set data.split.validation=0
    expect_text "#/train/schedule: plateau needs validation data, which it looks at"
}

test_slow_a_run_that_was_killed_goes_on_from_its_checkpoint()
{
    small_data
    set -- --set train.epochs=300 --set net.params.width=2 --set net.params.depth=1 \
        --set 'train.checkpoint.every="1 s"'
    train -o whole -q "$@"
    start last.safetensors "$@"
    kill -KILL $!
    wait $!
    [ "$(wc -l <parts/log.jsonl)" -lt 1200 ] || complain "it was not stopped"
    train -o parts --resume -q "$@"
    same_run whole parts
}

test_slow_a_run_begun_anew_forgets_the_former()
{
    small_data
    train -o run -q
    rm -f run/first && cp run/best.safetensors first
    train -o run --force -q --set train.seed=4
    cmp -s first run/best.safetensors && complain "the weights are the former run's"
    [ "$(wc -l <run/log.jsonl)" = 32 ] || complain "log.jsonl has the former run's steps"
}

test_slow_a_run_is_resumed_with_its_own_recipe_only()
{
    small_data
    train -o run -q
    expect_exit 2 "$MICA" train r.json -o run --resume --set train.batch=2
    expect_text "the recipe is not the one that this run began with"
    train -o run --force -q
    expect_exit 2 "$MICA" train r.json -o nothing --resume
    expect_line "nothing: holds no run to go on with"
    rm run/last.safetensors
    expect_exit 1 "$MICA" train r.json -o run --resume
    expect_line "run/last.safetensors: there is no checkpoint to go on from; --force begins the run anew"
}

test_slow_config_is_a_recipe_that_says_all()
{
    small_data
    train -o run -q
    mkdir elsewhere
    (cd elsewhere && run "$MICA" train ../run/config.json -o ../again -q && [ "$code" = 0 ]) ||
        complain "config.json: $(cat elsewhere/err)"
    cmp run/log.jsonl again/log.jsonl || complain "log.jsonl differs"
    same_tensors run again || complain "the weights differ"
    cmp run/config.json again/config.json || complain "it says something new of itself"
    for key in beta1 validate_every shards seed scheme kind checkpoint warmup kernel; do
        expect_text "\"$key\":" run/config.json
    done
    train -o run -q --resume --set train.validate_every=1 # the default
}

test_slow_a_run_that_has_ended_goes_on_for_more_epochs()
{
    small_data
    sed -i '/"schedule"/d' r.json
    train -o whole -q --set train.epochs=12
    train -o parts -q --set train.epochs=7
    train -o parts --resume --set train.epochs=12
    expect_text "12 epochs instead of 7: the learning rate was 0.01 at the end of epoch 7 and goes on with 0.01 (constant)"
    same_run whole parts
    cmp whole/config.json parts/config.json || complain "config.json has the former epochs"
    expect_exit 2 "$MICA" train r.json -o parts --resume --set train.epochs=11
    expect_line "parts: 12 epochs are done already; train.epochs must be more than that to go on, not 11"
    same_run whole parts
    train -o parts --resume --set train.epochs=13 --set 'train.schedule={"constant":{}}'
    train -o cosine -q --set train.epochs=2 --set train.schedule=cosine
    train -o cosine --resume --set train.epochs=4 --set train.schedule=cosine
    expect_text "goes on with 0.005 (cosine)"
}

test_slow_weights_are_taken_skipped_and_frozen()
{
    small_data
    train -o first -q
    train -o second -q --set 'init={"from":"first/best.safetensors","freeze":["*"]}' \
        --set train.epochs=1
    run "$MICA" info second/best.safetensors
    [ "$code" = 0 ] || complain "info: exit code $code"
    size=$(od -A n -t u8 -N 8 first/best.safetensors | tr -d ' ')
    tail -c +$((size + 9)) first/best.safetensors >a
    size=$(od -A n -t u8 -N 8 second/best.safetensors | tr -d ' ')
    tail -c +$((size + 9)) second/best.safetensors >b
    cmp a b || complain "frozen weights moved"
    expect_exit 1 "$MICA" train r.json -o third -q --set net.params.width=2 \
        --set 'init={"from":"first/best.safetensors"}'
    expect_text "but the network needs"
    train -o fourth -q --set train.epochs=1 --set 'net.params.classes=3' --set \
        'init={"from":"first/best.safetensors","skip":["logits.*","bottom.*"]}'
}

test_slow_a_run_stops_early()
{
    small_data
    train -o run -q --set train.epochs=50 --set 'train.stop={"patience":2}' \
        --set train.optimizer.adam.lr=0 --set net.params.momentum=0
    [ "$(wc -l <run/log.csv)" = 4 ] || complain "it went on: $(cat run/log.csv)"
    train -o every -q --set train.epochs=50 --set 'train.stop={"patience":4}' \
        --set train.validate_every=3 --set train.optimizer.adam.lr=0 --set net.params.momentum=0
    [ "$(wc -l <every/log.csv)" = 10 ] ||
        complain "best at epoch 3, validated at 6 and 9: $(cat every/log.csv)"
}

# two kinds of images, told apart by their brightness, 12 of each
two_kinds()
{
    mkdir -p img/dark img/light
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        for kind in dark light; do
            [ $kind = dark ] && level=$((i % 4)) || level=$((16 - i % 4))
            { printf 'P5\n16 16\n255\n'; head -c 256 /dev/zero | tr '\0' "\\$(printf %o $level)"; } \
                >img/$kind/a$i.pgm
        done
    done
    cat >n.json <<'N'
{ "mica_net": 1, "name": "tiny", "input": { "shape": ["H", "W", 1] },
  "graph": [ { "conv2d": 4, "kernel": 3, "id": "c" }, "relu", "global_average_pool",
             { "linear": 2, "id": "l" } ] }
N
    cat >k.json <<'R'
{ "mica_run": 1, "net": "n.json", "normalise": "none",
  "data": { "images": "img/{label}/*.pgm", "split": { "validation": 0.25, "stratified": true } },
  "train": { "loss": "cross_entropy", "optimizer": { "adam": 0.03 }, "batch": 6, "epochs": 12 } }
R
}

test_slow_classes_by_folder_are_learned_measured_and_predicted()
{
    two_kinds
    run "$MICA" train k.json -o run
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    expect_text "all of the commonest class 0.5000"
    run "$MICA" evaluate run/best.safetensors k.json -o e
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    expect_text "6 samples, accuracy 1.0000 (all of the commonest class: 0.5000)"
    expect_text "truth (rows) as predicted"
    expect_text '"commonest_accuracy":	0.5' e/metrics.json
    expect_file e/confusion.png
    [ ! -e e/mistakes.png ] || complain "there are mistakes"
    mkdir -p odd/dark odd/light
    cp img/dark/a1.pgm img/dark/a2.pgm odd/dark
    cp img/light/a3.pgm odd/light
    cp img/dark/a2.pgm odd/light/wrong.pgm
    sed 's|"data":.*|"data": { "train": { "images": "img/{label}/*.pgm" }, "validation": { "images": "odd/{label}/*.pgm" } },|' \
        k.json >odd.json
    expect_ok "$MICA" evaluate run/best.safetensors odd.json -o e
    expect_text "e/mistakes.png: images taken for another class"
    expect_file e/mistakes.png
    [ "$(sed 1d e/mistakes.csv | cut -d, -f1-3)" = odd/light/wrong.pgm,light,dark ] || complain "$(cat e/mistakes.csv)"
    run "$MICA" predict run/best.safetensors img/dark img/light/a1.pgm -o p
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    [ "$(wc -l <p/classes.csv)" = 14 ] || complain "not a line an image"
    [ "$(grep -c ',0,dark,' p/classes.csv)" = 12 ] || complain "not 12 dark ones"
    expect_text "12 dark, 1 light"
    run "$MICA" train k.json -o r2 --set 'normalise=x'
    [ "$code" = 2 ] || complain "exit code $code"
}

test_slow_folds_leave_a_table_and_go_on()
{
    two_kinds
    run "$MICA" train k.json -o f --folds 3 --set 'augment=["dihedral",{"gamma":{"uniform":[0.8,1.2]}}]'
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    expect_file f/fold_1/best.safetensors f/fold_3/log.csv f/folds.csv
    [ "$(wc -l <f/folds.csv)" = 6 ] || complain "folds.csv: $(cat f/folds.csv)"
    awk -F, 'NR > 1 && NR < 5 { s += $3 } NR == 5 { exit !(($3 - s / 3) ^ 2 < 1e-12) }' f/folds.csv ||
        complain "the mean is not the mean"
    cp f/folds.csv before
    rm -rf f/fold_3
    run "$MICA" train k.json -o f --folds 3 --resume -q \
        --set 'augment=["dihedral",{"gamma":{"uniform":[0.8,1.2]}}]'
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    cmp before f/folds.csv || complain "another table"
    sed 's/"split": {/"split": { "fold": 2, "kfold": 4,/' k.json >one.json
    run "$MICA" train one.json -o h --folds 3 -q --set train.epochs=1
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    expect_file h/fold_1/log.csv h/fold_2/log.csv h/fold_3/log.csv h/folds.csv
    run "$MICA" train k.json -o g --folds 3 --set data.split.fold=4
    [ "$code" = 2 ] || complain "exit code $code"
}

# every change that the program knows, on images with masks
test_slow_threads_change_no_bit_of_augmented_training()
{
    small_data
    "$MICA" schema run >schema.json
    for name in $(ls "$TOP/datasets/augment" | sed 's/\.c$//'); do
        grep -q "\"$name\"" schema.json || complain "the schema has no $name"
        case $name in
        gain | gamma | scale) value='{"uniform":[0.8,1.25]}' ;;
        noise | offset) value='{"uniform":[0.01,0.1]}' ;;
        rotation) value='{"uniform":["-180 deg","180 deg"]}' ;;
        shift) value=3 ;;
        elastic) value='{"rms":1,"length":8}' ;;
        blur) value='{"uniform":[0.3,1]}' ;;
        *) value={} ;;
        esac
        all="$all${all:+,}{\"$name\":$value}"
    done
    set -- --set "augment=[$all]" --set train.epochs=3 -q
    train -o one --threads 1 "$@"
    train -o three --threads 3 "$@"
    same_run one three
    train -o plain --set train.epochs=3 -q
    cmp -s one/log.jsonl plain/log.jsonl && complain "augmentation changes nothing"
    :
}

# kill_in_fold_2 SIGNAL LINES OPTION... : goes on with the folds and stops them when the log of
# the second has more lines than that
kill_in_fold_2()
{
    signal=$1 lines=$2 log=parts/fold_2/log.jsonl
    shift 2
    "$MICA" train k.json -o parts --folds 3 --resume -q "$@" &
    until [ "$(cat "$log" 2>/dev/null | wc -l)" -gt "$lines" ]; do
        kill -0 $! 2>/dev/null || complain "it ended before it could be killed"
        sleep 0.01
    done
    kill -$signal $!
    wait $! && complain "a run that is killed exits with 0"
    [ ! -e parts/fold_3 ] && [ ! -e parts/folds.csv ] || complain "it was not in fold 2"
}

test_slow_folds_that_were_killed_go_on_as_if_they_had_not_been()
{
    two_kinds
    sed -i 's/"conv2d": 4,/"conv2d": 32,/' n.json
    set -- --set train.epochs=100 --set train.batch=1 --set train.validate_every=5 \
        --set 'augment=["dihedral",{"elastic":{"rms":1,"length":8}}]'
    "$MICA" train k.json -o whole --folds 3 -q --threads 1 "$@" || complain "exit code $?"
    mkdir parts
    cp -r whole/fold_1 parts
    kill_in_fold_2 KILL 4 "$@" # before any checkpoint
    [ ! -e parts/fold_2/last.safetensors ] || complain "there is a checkpoint"
    kill_in_fold_2 TERM $(($(wc -l <parts/fold_2/log.jsonl) + 20)) "$@" --threads 2
    expect_file parts/fold_2/last.safetensors
    kill_in_fold_2 KILL "$(wc -l <parts/fold_2/log.jsonl)" "$@"
    "$MICA" train k.json -o parts --folds 3 -q --resume "$@" || complain "no way on"
    cmp whole/folds.csv parts/folds.csv || complain "the tables differ"
    for fold in 1 2 3; do
        same_run whole/fold_$fold parts/fold_$fold
    done
}

test_slow_a_mix_has_its_shares()
{
    two_kinds
    cat >m.json <<'R'
{ "mica_run": 1, "net": "n.json", "normalise": "none",
  "data": { "train": { "mix": [ { "share": 3, "images": "img/{label}/a?.pgm" },
                                { "share": 1, "images": "img/{label}/a1?.pgm" } ] },
            "validation": { "images": "img/{label}/*.pgm" } },
  "train": { "loss": "cross_entropy", "optimizer": { "adam": 0.03 }, "batch": 6, "epochs": 8 } }
R
    run "$MICA" train m.json -o m --threads 1
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    run "$MICA" train m.json -o m --resume
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    grep -q "\"$PWD/img/{label}/a?.pgm" m/config.json || complain "files are not named in full"
    run "$MICA" train m.json -o m2 --threads 2
    cmp m/best.safetensors m2/best.safetensors || complain "threads change the mix"
    run "$MICA" train m.json -o m3 --set 'data.train.mix=[{"share":0,"images":"img/{label}/a?.pgm"}]'
    [ "$code" = 2 ] || complain "exit code $code"
    expect_text 'needs a "share" above 0'
    run "$MICA" train m.json -o m3 --set 'data.train.mix=[{"share":1e308,"images":"img/{label}/a?.pgm"}]'
    expect_text 'above 0 and at most 1000000'
    run "$MICA" augment m.json -o a.png --set 'augment=["dihedral",{"blur":1},"cutout"]'
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    expect_file a.png
}

test_slow_weights_and_draws_make_up_for_rare_classes()
{
    two_kinds
    rm img/dark/a?.pgm
    run "$MICA" train k.json -o w --set 'train.loss={"cross_entropy":{"class_weights":"auto"}}'
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    expect_text "class weights: dark 2.75 (18.2 %), light 0.6111 (81.8 %)"
    run "$MICA" train k.json -o w --resume --set 'train.loss={"cross_entropy":{"class_weights":"auto"}}'
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    half='"weight":0.5,"cross_entropy":{"class_weights":"auto"}'
    run "$MICA" train k.json -o l --set "train.loss=[{$half},{$half}]"
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    expect_text "class weights: dark 2.75 (18.2 %), light 0.6111 (81.8 %)"
    paste -d, w/log.jsonl l/log.jsonl | tr -d '{}":a-z' | awk -F, '
        { d = $2 - $6; if (d < 0) d = -d; if (d > 1e-4 * $2) bad = 1; n++ }
        END { exit bad || n < 12 }' || complain "weights count otherwise in a list of losses"
    run "$MICA" train k.json -o l --resume --set "train.loss=[{$half},{$half}]"
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    run "$MICA" train k.json -o b --set train.balance=true
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    run "$MICA" train k.json -o x --set 'train.loss={"cross_entropy":{"class_weights":"some"}}'
    [ "$code" = 2 ] || complain "exit code $code"
    run "$MICA" train k.json -o x --set 'train.loss=[{"cross_entropy":{"class_weights":"some"}}]'
    [ "$code" = 2 ] || complain "exit code $code"
}

# Rows of two columns; the arguments multiply them.
rows()
{
    awk -v a="$1" -v b="$2" 'BEGIN { print "f1,f2,label"
        for (i = 0; i < 60; i++)
            printf "%.10g,%.10g,%s\n", a * (4096 + i % 7), b * (i % 5 + i % 2 * 6), i % 2 ? "x" : "y" }'
}

# Powers of two change no bit of what is standardised.
test_slow_columns_are_standardised_by_those_that_train()
{
    mkdir u
    rows 1 1 >t.csv
    rows 64 0.125 >u/t.csv
    cat >v.json <<'R'
{ "mica_run": 1, "net": { "file": "mlp.json", "params": { "inputs": 2, "hidden": [8], "classes": 2 } },
  "normalise": { "scope": "dataset" },
  "data": { "arrays": "t.csv", "labels": "t.csv", "columns": "f*", "split": { "stratified": true } },
  "train": { "loss": "cross_entropy", "optimizer": { "adam": 0.02 }, "batch": 8, "epochs": 30 } }
R
    expect_exit 2 "$MICA" train v.json -o no --set normalise=standardise
    expect_text 'set "normalise": {"scope": "dataset"}'
    expect_ok "$MICA" train v.json -o t
    expect_ok "$MICA" train v.json -o v --set data.arrays=u/t.csv --set data.labels=u/t.csv
    cut -d, -f1-6 t/log.csv >a
    cut -d, -f1-6 v/log.csv | cmp - a || complain "the unit of a column counts"
    expect_ok "$MICA" train v.json -o t --resume
    expect_ok "$MICA" train t/config.json -o again
    same_tensors t again || complain "config.json trains otherwise"
    expect_ok "$MICA" evaluate t/best.safetensors v.json
    expect_text "accuracy 1.0000"
}

# one_output TRUTH : a recipe whose network has one output, for two classes
one_output()
{
    cat >n.json <<'N'
{ "mica_net": 1, "name": "n", "input": { "shape": ["H", "W", 1] },
  "graph": [ { "conv2d": 6, "kernel": 5, "id": "first" }, "relu", { "conv2d": 1, "kernel": 3, "id": "logits" } ] }
N
    cat >o.json <<R
{ "mica_run": 1, "net": { "file": "n.json" }, "crop": 32,
  "data": { "images": "data/image_*.tif", "split": { "validation": 0.34 }, $1 },
  "train": { "loss": "bce_with_logits", "optimizer": { "adam": { "lr": 0.02 } },
             "batch": 4, "epochs": 12, "seed": 3 } }
R
}

test_slow_one_output_learns_one_class_without_a_background()
{
    small_data
    one_output '"masks": "data/{stem}.png", "values": { "0": "background", "1": "V", "2": "V" }'
    expect_ok "$MICA" train o.json -o run -q
    awk -F, 'NR == 2 { a = $4 } END { exit !($4 < 0.8 * a) }' run/log.csv ||
        { cat run/log.csv; complain "the loss does not fall"; }
    expect_ok "$MICA" evaluate run/best.safetensors o.json -o evaluated -q
    grep -q '"V"' evaluated/metrics.json || complain "no figures of the class"
    expect_ok "$MICA" predict run/best.safetensors data/image_0000.tif -o predicted -q
    expect_file predicted/image_0000_classes.png
    one_output '"masks": "data/{stem}.png", "values": { "0": "background", "1": "V", "2": "V" }'
    expect_exit 2 "$MICA" train o.json -o other --set train.loss=dice
    expect_text 'the network gives 1 class, the data has 2 (background included): background, V;'
    expect_text 'take a loss that asks each output by itself (bce_with_logits, mse)'
}

test_slow_gaussians_are_learned_by_one_output_a_class()
{
    small_data
    { echo image,x,y,label; for i in 0 1 2 3 4 5; do
        printf 'image_000%d,20,10,V\nimage_000%d,44,50,V\n' $i $i; done; } >p.csv
    one_output '"points": "p.csv", "sigma": "2 px"'
    expect_ok "$MICA" train o.json -o run -q
    expect_ok "$MICA" evaluate run/best.safetensors o.json --radius 0.5A -o evaluated -q
    expect_ok "$MICA" train o.json -o squares -q --set train.loss=mse
    expect_exit 2 "$MICA" train o.json -o other --set train.loss=dice
    expect_text "dice is about classes, the data's truth is Gaussians"
    [ "$(wc -l <err)" = 1 ] || complain "not one line"
    expect_exit 2 "$MICA" train o.json -o other --set net.file=resunet.json \
        --set 'net.params={"classes": 2, "width": 2, "depth": 1}'
    expect_text 'the network gives 2 outputs, the data has Gaussians ("sigma") of 1 class'
    [ "$(wc -l <err)" = 1 ] || complain "not one line"
}

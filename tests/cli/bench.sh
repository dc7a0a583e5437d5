# bench.sh - mica bench: speed of networks, as JSON lines

tiny="resunet.json --set width=2 --set depth=1 --size 8 --batch 2 --rounds 2"

# value KEY [FILE] : of the first line that has it
value()
{
    sed -n "s/.*\"$1\": \"\{0,1\}\([^,\"}]*\).*/\1/p" "${2:-out}" | head -n 1
}

# operations FACTOR : the GFLOP/s are FACTOR operations a multiply-add
operations()
{
    awk -v n="$1" -v batch="$(value batch)" -v ms="$(value ms)" \
        -v gmac="$(value gmac_per_image)" -v gflops="$(value gflops)" 'BEGIN {
        wanted = n * batch * gmac / ms * 1e3
        exit !(gmac > 0 && ms > 0 && gflops > .999 * wanted && gflops < 1.001 * wanted) }' ||
        { cat out; complain "the operations are not $1 a multiply-add"; }
}

test_a_network_is_measured_in_both_modes()
{
    expect_ok "$MICA" bench $tiny
    [ "$(wc -l <out)" = 2 ] || complain "there are not two lines"
    expect_text '{"what": "resunet", "mode": "predict", "parameters": ' out
    expect_text '"mode": "train"' out
    expect_text '"batch": 2, "input": "8x8x1", "precision": "fp32"' out
    expect_ok "$MICA" net resunet.json --set width=2 --set depth=1
    parameters=$(sed -n 's/^\([0-9,]*\) parameters .*/\1/p' out | tr -d ,)
    expect_ok "$MICA" bench $tiny --predict
    [ "$(value parameters)" = "$parameters" ] ||
        complain "$(value parameters) parameters, mica net has $parameters"
    expect_no_text '"loss"'
    operations 2
    expect_ok "$MICA" bench $tiny --train
    [ "$(wc -l <out)" = 1 ] || complain "there is not one line"
    operations 6
    [ "$(value rounds)" = 2 ] || complain "not 2 rounds"
    awk -v percent="$(value percent)" 'BEGIN { exit !(percent > 0) }' ||
        complain "no share of the ceiling"
    [ "$(value plan_bytes)" -gt 0 ] || complain "a plan without memory"
    [ "$(value peak_bytes)" -gt 0 ] || [ ! -e /proc/self/status ] ||
        complain "no peak of memory"
}

# told_bytes WORD : of the line of memory in out, what is needed "to WORD"
told_bytes()
{
    sed -n "s/^memory for .*[:,] \\([0-9.]*\\) \\([kMG]\\)B to $1.*/\\1 \\2/p" out |
        awk '{ print $1 * ($2 == "k" ? 1e3 : $2 == "M" ? 1e6 : 1e9) }'
}

test_slow_memory_is_as_mica_net_foretold()
{
    [ -e /proc/self/status ] || skip "no peak of memory here"
    for net in "resunet.json --set width=8 --size 128 --batch 4" "resnet18.json --size 32 --batch 2" \
        "unet.json --set width=8 --size 64 --batch 2"; do
        expect_ok "$MICA" net $net
        predict=$(told_bytes predict) train=$(told_bytes train)
        expect_ok "$MICA" bench $net --rounds 1 --threads 1
        for mode in predict train; do
            grep "\"mode\": \"$mode\"" out >line
            awk -v told="$(eval echo \$$mode)" -v is="$(value peak_bytes line)" \
                'BEGIN { off = told > is ? told - is : is - told
                exit !(told > 1e6 && (off < 20e6 || off < .05 * is)) }' ||
                complain "$net: $(eval echo \$$mode) foretold to $mode, $(value peak_bytes line) taken"
        done
    done
}

test_slow_memory_of_bf16_is_less_and_as_foretold()
{
    [ -e /proc/self/status ] || skip "no peak of memory here"
    net="resunet.json --set width=8 --size 128 --batch 8"
    expect_ok "$MICA" net $net
    wide=$(told_bytes train)
    expect_ok "$MICA" net $net --precision bf16
    train=$(told_bytes train)
    awk -v wide="$wide" -v train="$train" 'BEGIN { exit !(train < .75 * wide) }' ||
        complain "$train bytes with bf16, $wide with fp32"
    expect_ok "$MICA" bench $net --rounds 1 --threads 1 --train --precision bf16
    expect_text '"precision": "bf16"' out
    awk -v told="$train" -v is="$(value peak_bytes)" 'BEGIN {
        off = told > is ? told - is : is - told; exit !(off < 5e6 || off < .05 * is) }' ||
        complain "$train bytes foretold, $(value peak_bytes) taken"
}

test_training_learns_from_the_same_numbers_on_any_threads()
{
    expect_ok "$MICA" bench $tiny --train --threads 1
    mv out one
    expect_ok "$MICA" bench $tiny --train --threads 2
    for key in loss loss_after_a_step; do
        [ "$(value $key one)" = "$(value $key)" ] || complain "$key depends on threads"
    done
    [ "$(value loss)" != "$(value loss_after_a_step)" ] || complain "nothing is learned"
    [ "$(value threads one) $(value threads)" = "1 2" ] || complain "other threads"
    expect_ok env MICA_ISA=generic "$MICA" bench $tiny --train
    [ "$(value set)" = generic ] || complain "not the set of MICA_ISA"
}

test_layers_are_timed_on_request()
{
    expect_ok "$MICA" bench $tiny --train --layers
    "$MICA" net resunet.json --set width=2 --set depth=1 >net
    [ "$(grep -c '"layer": "conv2d"' out)" = "$(grep -c ' conv2d ' net)" ] ||
        complain "not a line for each convolution"
    expect_text '"what": "logits", "layer": "conv2d"' out
    sed -n 's/.*"percent": \([0-9.e-]*\)}$/\1/p' out |
        awk '{ sum += $1 } END { exit !(sum > 99 && sum < 101) }' ||
        complain "the shares are not 100 % together"
}

test_the_loss_fits_the_output()
{
    for pair in "resunet.json dice" "fft_dcnn.json cross_entropy" \
        "atom_localizer.json bce_with_logits"; do
        net=${pair% *}
        set -- --size 8 --batch 1 --rounds 1 --train
        [ $net != fft_dcnn.json ] || set -- "$@" --set size=8
        [ $net = fft_dcnn.json ] || set -- "$@" --set width=2
        [ $net != resunet.json ] || set -- "$@" --set depth=1
        expect_ok "$MICA" bench $net "$@"
        mv out usual
        expect_ok "$MICA" bench $net "$@" --loss ${pair#* }
        [ "$(value loss)" = "$(value loss usual)" ] || complain "$net: not ${pair#* }"
        expect_ok "$MICA" bench $net "$@" --loss mse
        [ "$(value loss)" != "$(value loss usual)" ] || complain "$net: mse changes nothing"
    done
}

test_rounds_are_served_one_for_each_line()
{
    printf '\n\n\n' >asked
    "$MICA" bench $tiny --train --serve <asked >out || complain "it fails"
    [ "$(wc -l <out)" = 5 ] || { cat out; complain "there are not 5 lines"; }
    head -n 1 out | grep -q '^{"loss": [0-9.e-]*, "loss_after_a_step": [0-9.e-]*}$' ||
        complain "the first line is not about the losses"
    [ "$(grep -c '^{"ms": [0-9.e+-]*, "processor_ms": [0-9.e+-]*, "percent": [0-9.e+-]*}$' out)" = 3 ] ||
        complain "not 3 rounds"
    [ "$(value rounds)" = 3 ] || complain "the last line does not count 3 rounds"
}

test_first_weights_come_from_a_file()
{
    expect_ok "$MICA" train mos2_vacancy_small.json -o run -q --set net.params.width=2 \
        --set net.params.depth=1 --set train.samples_per_epoch=8 --set train.epochs=1 \
        --set data.validation=null
    expect_ok "$MICA" bench $tiny --train
    mv out random
    expect_ok "$MICA" bench $tiny --train --weights run/best.safetensors
    [ "$(value loss)" != "$(value loss random)" ] || complain "the weights change nothing"
    expect_exit 1 "$MICA" bench resunet.json --size 16 --weights run/best.safetensors
    expect_text "run/best.safetensors: " err
}

test_wrong_wishes_are_told()
{
    expect_exit 2 "$MICA" bench resunet.json --precision bf61
    expect_line "mica bench: --precision must be fp32 or bf16, not 'bf61'" err
    expect_exit 2 "$MICA" bench resunet.json --loss relu
    expect_line "mica bench: 'relu' is a layer, not a loss; mica layers lists both" err
    expect_exit 2 "$MICA" bench resunet.json --loss dcie
    expect_line "no layer is called 'dcie'; did you mean 'dice'?" err
    expect_exit 2 "$MICA" bench resunet.json --serve
    expect_line "mica bench: --serve takes one of --train and --predict" err
    expect_exit 2 "$MICA" bench --batch 3
    expect_text "mica bench: all options but --rounds, --match, --precision, --serve and --threads are about a NET" err
    expect_exit 2 "$MICA" bench resunet.json --match 7x7
    expect_text "mica bench: --match is about convolutions by themselves" err
    expect_exit 2 "$MICA" bench resunet.json --size 9
    expect_text "resunet.json" err
}

# known BYTES OPERATIONS : of each line of a convolution by itself
known()
{
    grep '"mode"' out >lines
    while read -r line; do
        echo "$line" >line
        [ "$(value bytes line)" = "$1" ] || { cat line; complain "not $1 bytes"; }
        awk -v operations="$2" -v ms="$(value ms line)" -v gflops="$(value gflops line)" \
            -v percent="$(value percent line)" -v error="$(value rms_error line)" \
            -v roofline="$(value roofline_percent line)" \
            -v read="$(value read_gb_s line)" -v copy="$(value copy_gb_s line)" 'BEGIN {
            wanted = operations / ms * 1e-6
            exit !(gflops > .999 * wanted && gflops < 1.001 * wanted && percent > 0 &&
                   roofline >= percent && read > 0 && copy > 0 && error > 0 &&
                   error < 2e-6) }' || { cat line; complain "what is measured is odd"; }
    done <lines
}

test_a_convolution_is_held_against_the_roofline()
{
    expect_ok "$MICA" bench --rounds 1 --match "512 to 1000"
    [ "$(wc -l <out)" = 4 ] || complain "not the machine and three passes"
    expect_text '{"what": "machine", "set": ' out
    for mode in forward "backward data" "backward weights"; do
        expect_text "\"mode\": \"$mode\", \"algorithm\": \"direct\", \"auto\": \"direct\"" out
    done
    known $((4 * (64 * 512 + 64 * 1000 + 512 * 1000))) $((2 * 64 * 512 * 1000))
    grep -q '"bound": "fma"\|"bound": "memory"' out || complain "nothing binds"
    expect_exit 2 "$MICA" bench --match 9x9
    expect_text "mica bench: --match: no convolution has '9x9' in its line" err
}

test_convolutions_of_bf16_are_measured_on_request()
{
    expect_ok "$MICA" bench --rounds 1 --precision bf16 --match "512 to 1000"
    [ "$(wc -l <out)" = 3 ] || complain "not the machine and two passes"
    [ "$(grep -c '"precision": "bf16"' out)" = 2 ] || complain "not of bf16"
    sed 1d out >lines
    while read -r line; do
        echo "$line" >line
        awk -v error="$(value rms_error line)" 'BEGIN { exit !(error > 1e-4 && error < 5e-3) }' ||
            { cat line; complain "not the error of rounded numbers"; }
    done <lines
    sed -n 2p out >line
    [ "$(value bytes line)" = $((2 * 64 * 512 + 4 * 512 * 1000 + 4 * 64 * 1000)) ] ||
        complain "other bytes"
}

test_rounds_of_a_convolution_are_served()
{
    printf '\n\n' >asked
    "$MICA" bench --serve --match "512 to 1000, stride 1, 64 of 1x1 forward direct" <asked >out ||
        complain "it fails"
    head -n 1 out | grep -q '^{"rms_error": [0-9.e-]*}$' || complain "it is not ready"
    [ "$(grep -c '^{"ms": .*, "percent": .*, "roofline_percent": .*}$' out)" = 2 ] ||
        complain "not 2 rounds"
    [ "$(value rounds)" = 2 ] || complain "the last line does not count 2 rounds"
    expect_exit 2 "$MICA" bench --serve --match "512 to 1000"
    expect_text "mica bench: --serve takes one convolution, and --match chooses 3" err
}

test_slow_odd_convolutions_are_as_exact_by_tiles_as_directly()
{
    expect_ok "$MICA" bench --rounds 1 --match "53 to 37"
    [ "$(grep -c '"algorithm": "direct"' out)" = 3 ] || complain "not three passes"
    [ "$(grep -c '"algorithm": "fft"' out)" = 3 ] || complain "not three by tiles"
    known $((4 * (4 * 101 * 101 * (53 + 37) + 49 * 53 * 37))) \
        $((2 * 4 * 101 * 101 * 49 * 53 * 37))
}

test_long_all_convolutions_are_measured()
{
    expect_ok "$MICA" bench --rounds 1
    [ "$(grep -c '"algorithm": "direct"' out)" = 87 ] || complain "not 29 of three passes"
    [ "$(grep -c '"mode": "forward", "algorithm": "fft"' out)" -ge 15 ] || complain "few by tiles"
    [ "$(grep -c '"mode": "forward", "algorithm": "winograd"' out)" -ge 8 ] || complain "few by Winograd"
}

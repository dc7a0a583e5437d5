# convolution.sh - the algorithms of convolution, seen from outside

# train ALGORITHM KERNEL : its training losses in ALGORITHM.losses
train()
{
    MICA_CONV=$1 expect_ok "$MICA" train mos2_vacancy_small.json -q -o "$1" \
        --set train.samples_per_epoch=32 --set train.epochs=3 --set train.batch=4 \
        --set data.validation.count=2 --set net.params.kernel=$2
    sed 1d "$1/log.csv" | cut -d, -f4 >"$1.losses"
}

# follow ALGORITHM KERNEL : sums are rounded elsewhere, and that is all: losses stay together, though
# each step makes the distance larger
follow()
{
    train direct "$2"
    train "$1" "$2"
    ! cmp -s direct.losses "$1.losses" || complain "the same to the bit: is one used?"
    paste -d, direct.losses "$1.losses" | awk -F, '
        function far(a, b) { d = a - b; return (d < 0 ? -d : d) > 4e-3 * a }
        far($1, $2) { bad = 1 }
        { print }
        END { exit bad || NR != 3 }' || complain "the losses part"
}

test_slow_training_by_fourier_transforms_follows_the_same_losses() { follow fft 5; }

test_slow_training_by_winograds_way_follows_the_same_losses() { follow winograd 3; }

# go_on ISA ALGORITHM EPOCHS : the run with so many epochs
go_on()
{
    MICA_ISA=$1 MICA_CONV=$2 expect_ok "$MICA" train mos2_vacancy_small.json -o run $resume \
        --set train.samples_per_epoch=4 --set train.batch=2 --set data.validation.count=1 \
        --set net.params.width=2 --set net.params.depth=1 --set train.epochs=$3
    resume=--resume
}

test_slow_a_run_that_goes_on_otherwise_says_so()
{
    resume=
    go_on generic direct 1
    go_on generic direct 2
    expect_no_text "note: goes on"
    go_on generic fft 3
    expect_line "note: goes on with MICA_CONV=fft after direct: rounded otherwise, not the bits of a run without a stop"
    expect_no_text "MICA_ISA"
    MICA_ISA=avx2 run "$MICA" layers relu
    [ "$code" = 0 ] || return 0
    go_on avx2 fft 4
    expect_text "note: goes on with MICA_ISA=avx2 after generic: "
    expect_no_text "MICA_CONV"
    grep -aqF 'convolution\":\"fft\"' run/last.safetensors || complain "the file does not say it"
}

test_mica_net_says_what_is_done_by_transforms()
{
    expect_ok "$MICA" net resunet.json --set kernel=7
    expect_text "conv2d, fft "
    MICA_CONV=direct expect_ok "$MICA" net resunet.json --set kernel=7
    expect_no_text "fft"
    expect_no_text "the direct way"
    MICA_CONV=winograd expect_ok "$MICA" net resunet.json
    expect_text "conv2d, winograd 6 at 0."
    expect_text "of the direct way's time"
    MICA_CONV=winograd expect_ok "$MICA" net resunet.json --set kernel=7
    expect_no_text "fft"
}

test_an_unknown_algorithm_gets_a_line()
{
    MICA_CONV=vinograd expect_exit 2 "$MICA" net resunet.json
    expect_line "MICA_CONV must be auto, direct, fft or winograd, not 'vinograd'"
}

# transfer.sh - published weights to classes of one's own: init.from, skip, freeze, predict

# repeat FILE BYTES : the first bytes of the file again and again
repeat()
{
    cp "$1" block
    while [ "$(wc -c <block)" -lt "$2" ]; do
        cat block block >twice && mv twice block
    done
    head -c "$2" block
}

# octal BYTES... : the bytes themselves
octal()
{
    printf "$(printf '\\%03o' "$@")"
}

# 1021 floats from .0078 to .031 of both signs, or from .5 to 1
floats()
{
    printf "$(awk -v positive="$1" 'BEGIN {
        srand(7)
        for (i = 0; i < 1021; i++)
            printf "\\%03o\\%03o\\%03o\\%03o", 256 * rand(), 256 * rand(),
                (positive ? 128 : 256) * rand(), positive ? 63 : rand() < 0.5 ? 60 : 188
    }')"
}

# resnet18.safetensors as torchvision and safetensors.torch would write it: its names and
# shapes, num_batches_tracked too, 1000 classes; made-up values. Three sorts of tensors follow
# each other: those of any sign, scales and variances, counts.
published()
{
    tr -d '\n' <"$TOP/tests/golden/nets/resnet18.json" | tr '{' '\n' |
        sed -n 's/.*"name": "\([^"]*\)", *"shape": \[\(.*\)\].*/\1 \2/p' | tr -d ' ' |
        sed 's/\([a-z]\)\([0-9]*\(,[0-9]*\)*\)$/\1 \2/' | awk '
        function put(name, type, shape, bytes) {
            text = text sprintf("%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}",
                text == "" ? "" : ",", name, type, shape, at, at + bytes)
            at += bytes
        }
        { names[++n] = $1; shapes[n] = $2 }
        END {
            for (sort = 0; sort < 3; sort++) {
                for (i = 1; i <= n; i++) {
                    size = 4
                    dims = split(shapes[i], dim, ",")
                    for (k = 1; k <= dims; k++) size *= dim[k]
                    positive = names[i] ~ /running_var$/ || (dims == 1 && names[i] ~ /weight$/)
                    if (sort < 2 && positive == sort) put(names[i], "F32", shapes[i], size)
                    if (sort == 2 && sub(/running_var$/, "num_batches_tracked", names[i]))
                        put(names[i], "I64", "", 8)
                }
                print at >"ends"
            }
            while ((length(text) + 2) % 8) text = text " "
            printf "{%s}", text >"header"
        }'
    set -- $(cat ends) $(wc -c <header)
    floats 0 >any && floats 1 >positive
    { octal $(($4 % 256)) $(($4 / 256 % 256)) $(($4 / 65536)) 0 0 0 0 0
      cat header
      repeat any "$1"
      repeat positive $(($2 - $1))
      head -c $(($3 - $2)) /dev/zero
    } >resnet18.safetensors
}

# 6 red and 6 blue images
red_and_blue()
{
    mkdir -p img/red img/blue
    for i in 1 2 3 4 5 6; do
        for kind in red blue; do
            [ $kind = red ] && pixel="30$i 40 4$i" || pixel="4$i 40 30$i"
            { printf 'P6\n32 32\n255\n'
              printf "$(awk -v p="$pixel" 'BEGIN {
                  gsub(/ /, "\\", p)
                  for (i = 0; i < 1024; i++) printf "\\%s", p
              }')"
            } >img/$kind/$kind$i.ppm
        done
    done
}

recipe()
{
    cat >head.json <<'N'
{ "mica_net": 1, "name": "resnet18_head", "params": { "classes": 2, "hidden": 10 },
  "input": { "shape": ["H", "W", 3] },
  "graph": [
    { "net": "resnet18.json", "until": "avgpool" },
    { "seq": [ { "linear": "=hidden" }, "relu", { "linear": "=classes" } ], "id": "fc" } ] }
N
    cat >r.json <<'R'
{ "mica_run": 1, "net": "head.json", "normalise": "none",
  "init": { "from": "resnet18.safetensors", "skip": ["fc.*"], "freeze": ["conv1", "bn1", "layer?.*"] },
  "data": { "images": "img/{label}/*.ppm", "split": { "validation": 0.34, "stratified": true } },
  "train": { "loss": "cross_entropy", "optimizer": { "adam": 0.03 }, "batch": 4, "epochs": 6, "validate_every": 3 } }
R
}

# tensors FILE : a line a tensor, its name and a checksum of its bytes
tensors()
{
    size=$(od -A n -t u8 -N 8 "$1" | tr -d ' ')
    tail -c +9 "$1" | head -c "$size" | grep -o '"[^"]*":{"dtype":[^}]*}' |
        sed 's/"\([^"]*\)".*"data_offsets":\[\([0-9]*\), *\([0-9]*\)\].*/\1 \2 \3/' |
        while read -r name from to; do
            echo "$name $(tail -c +$((size + 9 + from)) "$1" | head -c $((to - from)) | cksum)"
        done | sort
}

# moved PATTERN : fails unless of the tensors of that name none is as it was published
moved()
{
    grep -e "$1" before >a
    grep -e "$1" after >b
    [ -s b ] || complain "there is no $1"
    comm -12 a b >both
    [ ! -s both ] || complain "not trained: $(cat both)"
}

# kept PATTERN COUNT : so many tensors have that name, each with its published bytes
kept()
{
    grep -e "$1" before | grep -v num_batches_tracked >a
    grep -e "$1" after >b
    [ "$(wc -l <b)" = "$2" ] || complain "$(wc -l <b) tensors are $1"
    cmp a b || complain "frozen tensors changed: $(comm -13 a b)"
}

test_slow_published_weights_learn_classes_of_ones_own()
{
    published
    red_and_blue
    recipe
    expect_ok "$MICA" info resnet18.safetensors
    expect_text "layer4.1.bn2.num_batches_tracked"
    tensors resnet18.safetensors >before
    [ "$(wc -l <before)" = 122 ] || complain "torchvision's file has 122 tensors"

    expect_ok "$MICA" train r.json -o frozen
    tensors frozen/last.safetensors | grep -e '^conv1' -e '^bn1' -e '^layer' -e '^fc' >after
    kept '^conv1\|^bn1\|^layer' 100
    [ "$(grep -c '^fc\.[02]\.\(weight\|bias\) ' after)" = 4 ] || complain "no head"
    moved '^fc'
    expect_ok "$MICA" predict frozen/best.safetensors img/red img/blue -o p
    for kind in red blue; do
        [ "$(grep -c "$kind[1-6].*,$kind," p/classes.csv)" = 6 ] ||
            complain "$kind ones are not told: $(cat p/classes.csv)"
    done
}

test_slow_the_first_stages_of_published_weights_are_frozen()
{
    published
    red_and_blue
    recipe
    tensors resnet18.safetensors >before
    expect_ok "$MICA" train r.json -o part --set train.epochs=1 --set \
        'init.freeze=["conv1","bn1","layer1.*","layer2.0.bn1"]'
    tensors part/last.safetensors | grep -e '^conv1' -e '^bn1' -e '^layer' >after
    kept '^conv1\|^bn1\|^layer1\|^layer2.0.bn1' 29
    moved '^layer3.*\(weight\|bias\|running_mean\|running_var\) '
    moved '^layer2.0.bn2'
    expect_exit 1 "$MICA" train r.json -o wrong --set 'init.skip=[]'
    expect_text "fc.0.weight"
}

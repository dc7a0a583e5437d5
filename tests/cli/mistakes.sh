# mistakes.sh - what users get wrong: one clear line, exit code 1 or 2, nothing left broken

net='{"mica_net":1,"name":"n","input":{"shape":["H","W",1]},"graph":['
run_head='{"mica_run":1,"net":{"file":"resunet.json","params":{"classes":3,"width":2,"depth":1}},'
data='"data":{"train":{"simulation":"s.json","count":4},"validation":{"simulation":"s.json","count":2}},'
train='"train":{"loss":"dice","optimizer":"adam","batch":2,"epochs":1}}'

# mistake CODE TEXT COMMAND... : fails with this code, one line on stderr that has the text,
# and no file is left behind beside those that were there
mistake()
{
    wanted=$1 text=$2
    shift 2
    find . -type f ! -name out ! -name err | sort >/tmp/before.$$
    run "$@"
    find . -type f ! -name out ! -name err | sort >/tmp/after.$$
    left=$(comm -13 /tmp/before.$$ /tmp/after.$$)
    rm -f /tmp/before.$$ /tmp/after.$$
    [ -n "${V:-}" ] && sed 's/^/    /' err
    [ "$code" = "$wanted" ] || { cat out err; complain "'$*' exited with $code, not $wanted"; }
    [ "$(wc -l <err)" = 1 ] || { cat err; complain "'$*': not one line"; }
    grep -Fq -e "$text" err || { cat err; complain "'$*': does not say '$text'"; }
    [ -z "$left" ] || complain "'$*' left $left"
}

make_spec()
{
    "$MICA" simulate mos2.json --set 'size=[32,32]' -n 1 -o data -q
    sed 's/"size": \[256, 256\]/"size": [32, 32]/' "$TOP/apps/recipes/mos2.json" >s.json
}

make_model()
{
    make_spec
    echo "$run_head$data$train" >r.json
    "$MICA" train r.json -o run -q || complain "no model"
}

test_mistakes_in_networks()
{
    echo "$net{\"conv2d\":4,\"id\":\"a\",\"strid\":2}]}" >n.json
    mistake 2 "#/graph/0/strid: unknown key 'strid'; did you mean 'stride'?" "$MICA" net n.json
    echo "$net{\"conv2d\":\"four\",\"id\":\"a\"}]}" >n.json
    mistake 2 "must be" "$MICA" net n.json
    echo "$net{\"convd2\":4,\"id\":\"a\"}]}" >n.json
    mistake 2 "no layer is called 'convd2'; did you mean 'conv2d'?" "$MICA" net n.json
    echo "$net{\"conv2d\":4,\"id\":\"a\"},{\"conv2d\":8,\"id\":\"b\"},{\"add\":[\"a\",\"b\"]}]}" >n.json
    mistake 2 "4" "$MICA" net n.json
    echo "$net{\"conv2d\":4,\"id\":\"a\",\"in\":\"b\"},{\"conv2d\":4,\"id\":\"b\"}]}" >n.json
    mistake 2 "'b'" "$MICA" net n.json
    echo "$net{\"conv2d\":4,\"id\":\"a\",\"kernel\":9,\"padding\":\"valid\"}]}" >n.json
    mistake 2 "9" "$MICA" net n.json --size 4
    echo "$net{\"conv2d\":4,\"id\":\"a\"},{\"conv2d\":4,\"id\":\"a\"}]}" >n.json
    mistake 2 "'a'" "$MICA" net n.json
    echo "$net\"relu\"" >n.json
    mistake 2 "n.json:2:1: the text ends" "$MICA" net n.json
    : >n.json
    mistake 2 "n.json" "$MICA" net n.json
    mistake 1 "no.json: there is no such file" "$MICA" net no.json
}

test_mistakes_in_recipes()
{
    make_spec
    echo "${run_head}\"dta\":{},$data$train" >r.json
    mistake 2 "unknown key 'dta'; did you mean 'data'?" "$MICA" train r.json
    echo "$run_head$data" | sed 's/$/"train":{"loss":"dice","optimizer":"adamm","epochs":1}}/' >r.json
    mistake 2 "no optimizer is called 'adamm'" "$MICA" train r.json
    echo "$run_head$data" | sed 's/$/"train":{"loss":"dice","optimizer":{"adam":{},"sgd":{}},"epochs":1}}/' >r.json
    mistake 2 "must be one optimizer" "$MICA" train r.json
    echo "$run_head$data" | sed 's/$/"train":{"loss":"dice","optimizer":"adam","epochs":"ten"}}/' >r.json
    mistake 2 "#/train/epochs" "$MICA" train r.json
    echo "$run_head$data" | sed 's/$/"train":{"loss":"dice","optimizer":"adam","epochs":1,"epochs":2}}/' >r.json
    mistake 2 "epochs" "$MICA" train r.json
    echo "$run_head$data$train" >r.json
    mistake 2 "classes" "$MICA" train r.json --set net.params.classes=2
    mistake 2 "a batch of 8 is more than the 4 samples of an epoch" "$MICA" train r.json --set train.batch=8
    mistake 2 "power of two" "$MICA" train r.json --set train.shards=3
    sed -i 's/\[32, 32\]/[32, 33]/' s.json
    mistake 2 'multiples of 2, not 32 x 33; try "crop": 32' "$MICA" train r.json
    mistake 2 "must be PATH=VALUE" "$MICA" train r.json --set train.batch
}

test_mistakes_in_simulations()
{
    sed 's/"80 kV"/80/' "$TOP/apps/recipes/mos2.json" >s.json
    mistake 2 "80 kV" "$MICA" simulate s.json -o made
    sed 's/"MoS2"/"MoS3"/' "$TOP/apps/recipes/mos2.json" >s.json
    mistake 2 "MoS2" "$MICA" simulate s.json -o made
    sed 's/"uniform": \[1.0, 1.6\]/"unifrom": [1.0, 1.6]/' "$TOP/apps/recipes/mos2.json" >s.json
    mistake 2 "unifrom" "$MICA" simulate s.json -o made
}

test_mistakes_with_own_images()
{
    make_spec
    own='"data":{"images":"data/image_0000.tif","masks":"data/labels_0000.png",'
    tail='"split":{"validation":0}},'
    echo "$run_head$own\"values\":{\"7\":\"a\"},$tail$train" >r.json
    mistake 2 "has no class; name it in 'values' or list it in 'ignore'" "$MICA" train r.json
    own='"data":{"images":"data/image_0000.tif","masks":"no/{stem}.png",'
    echo "$run_head$own\"values\":{\"0\":\"background\",\"1\":\"a\"},$tail$train" >r.json
    mistake 1 "no/image_0000.png" "$MICA" train r.json
    own='"data":{"images":"nothing/*.tif","masks":"no/{stem}.png",'
    echo "$run_head$own\"values\":{\"0\":\"background\",\"1\":\"a\"},$tail$train" >r.json
    mistake 2 "no file fits" "$MICA" train r.json
    own='"data":{"images":"data/image_0000.tif","masks":"data/labels_0000.png",'
    echo "$run_head$own\"values\":{\"0\":\"background\",\"1\":\"a\",\"2\":\"b\"},$tail\"crop\":64,$train" >r.json
    mistake 2 "less than 'crop' (64)" "$MICA" train r.json
}

test_slow_mistakes_with_models_and_images()
{
    make_model
    model=run/best.safetensors
    mistake 2 "holds a run already" "$MICA" train r.json -o run
    head -c 500 $model >cut.safetensors
    mistake 1 "the file is truncated" "$MICA" predict cut.safetensors data/image_0000.tif -o p
    : >empty.safetensors
    mistake 1 "empty.safetensors" "$MICA" predict empty.safetensors data/image_0000.tif -o p
    mistake 1 "run: " "$MICA" predict run data/image_0000.tif -o p
    head -c 300 data/image_0000.tif >cut.tif
    mistake 1 "cut.tif" "$MICA" predict $model cut.tif -o p
    : >empty.tif
    mistake 1 "empty.tif" "$MICA" predict $model empty.tif -o p
    mistake 1 "no.tif" "$MICA" predict $model no.tif -o p
    echo "$net{\"conv2d\":4,\"id\":\"a\"}]}" >n.json
    run "$MICA" predict n.json:$model data/image_0000.tif -o p
    [ "$code" = 1 ] || complain "other weights: exit code $code"
    expect_text "has no tensor 'a.weight'"
    printf "\223NUMPY\001\000v\000{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }%58s\n" "" >nan.npy
    printf '\000\000\300\177\000\000\000\000' >>nan.npy
    mistake 1 "not a number" "$MICA" predict $model nan.npy -o p
}

test_slow_mistakes_of_the_system()
{
    make_model
    cp data/image_0000.tif mine.tif
    chmod 000 mine.tif
    if [ "$(id -u)" = 0 ]; then
        chmod 755 . && chmod -R a+rX run data
        command -v setpriv >/dev/null || skip "no setpriv to be an ordinary user with"
        as="setpriv --reuid 65534 --regid 65534 --clear-groups"
        $as test -x "$MICA" && $as test -r run/best.safetensors ||
            skip "an ordinary user cannot reach the program here"
    fi
    mistake 1 "mine.tif" ${as:-} "$MICA" info mine.tif
    [ -w /dev/full ] || skip "no /dev/full"
    expect_exit 1 "$MICA" forward run/best.safetensors data/image_0000.npy -o /dev/full
    expect_text "space"
    touch file
    mistake 1 "file" "$MICA" simulate s.json -n 1 -o file/under
}

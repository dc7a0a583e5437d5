# mistakes.sh - what users get wrong: one clear line, exit code 1 or 2, nothing left broken

net='{"mica_net":1,"name":"n","input":{"shape":["H","W",1]},"graph":['
run_head='{"mica_run":1,"net":{"file":"resunet.json","params":{"classes":3,"width":2,"depth":1}},'
data='"data":{"train":{"simulation":"s.json","count":4},"validation":{"simulation":"s.json","count":2}},'
train='"train":{"loss":"dice","optimizer":"adam","batch":2,"epochs":1}}'

# what is here, folders and files byte for byte
here()
{
    find . -type d -print -o -type f ! -name out ! -name err -exec cksum {} + | sort
}

# mistake CODE TEXT COMMAND... : fails with this code, one line on stderr that has the text,
# and every file is as it was. V=1 prints a table of commands and messages.
mistake()
{
    wanted=$1 text=$2
    shift 2
    was=$(here)
    run "$@"
    if [ -n "${V:-}" ]; then
        printf '%s\n' "$*" | sed 's|[^ ]*/mica |mica |; s/^/\n| /'
        sed 's/^/|     /' err
    fi
    [ "$code" = "$wanted" ] || { cat out err; complain "'$*' exited with $code, not $wanted"; }
    [ "$(wc -l <err)" = 1 ] || { cat err; complain "'$*': not one line"; }
    grep -Fq -e "$text" err || { cat err; complain "'$*': does not say '$text'"; }
    [ "$(here)" = "$was" ] || { here; complain "'$*' changed files"; }
}

# numbers NAME SHAPE BYTES... : an array of float32 whose bytes printf knows
numbers()
{
    name=$1 shape=$2
    shift 2
    header=$(printf "%-117s" "{'descr': '<f4', 'fortran_order': False, 'shape': ($shape), }")
    printf '\223NUMPY\001\000\166\000%s\n' "$header" >"$name"
    for bytes; do printf "$bytes" >>"$name"; done
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

# rows of three features, of four samples and two kinds
make_vectors()
{
    { echo f1,f2,f3,label,group; for i in 1 2 3 4; do
        printf '%s,2,3,dark,g%s\n3,%s,1,light,g%s\n' $i $i $i $i; done; } >vec.csv
    echo '{"mica_run":1,"net":{"file":"mlp.json","params":{"inputs":3,"hidden":[4],"classes":2}},
      "data":{"arrays":"vec.csv","labels":"vec.csv","columns":"f*","groups":"group","split":{}},
      "normalise":"none",
      "train":{"loss":"cross_entropy","optimizer":"adam","batch":2,"epochs":1}}' >vec.json
}

test_mistakes_in_vectors()
{
    make_vectors
    mistake 2 "the network takes 2 values, the data has 3 columns; set \"params\": {\"inputs\": 3}" \
        "$MICA" train vec.json --set net.params.inputs=2
    mistake 2 "gives 1 class, the data has 2: dark (" "$MICA" train vec.json --set net.params.classes=1
    grep -q "each output by itself" err && complain "one class an image has no background"
    mistake 2 "the network takes 28 x 28 pixels, the data has 1 x 1" "$MICA" train vec.json \
        --set 'net={"file":"lenet5.json","params":{"channels":3}}'
    mistake 2 "there is no option '--epochs'; did you mean --set train.epochs=3?" "$MICA" train \
        vec.json --epochs 3
    mistake 2 "did you mean --set train.batch=4?" "$MICA" train vec.json --batch=4
    mistake 2 "#/data/lables: unknown key 'lables'; did you mean 'labels'?" "$MICA" train vec.json \
        --set data.lables=vec.csv --set data.labels=null
    mistake 2 "#/data/points: '{sten}' stands for nothing here; known is {stem}" "$MICA" train \
        vec.json --set 'data={"images":"*.tif","points":"{sten}.csv","radius":"4 px","split":{}}'
    mistake 2 "#/data/images: '{lable}' stands for nothing here; known is {label}" "$MICA" train \
        vec.json --set 'data={"images":"{lable}/*.tif","split":{}}'
    mistake 2 "must be text in double quotes, like \"0.95 A\" or \"4 px\", not 4" "$MICA" train \
        vec.json --set 'data={"images":"*.tif","points":"p.csv","radius":4,"split":{}}'
    mistake 2 "needs a unit, for example \"23 mrad\" or \"15 deg\"" "$MICA" train vec.json \
        --set 'augment=[{"rotation":15}]'
    mistake 2 "4 groups cannot make 5 folds; at most --folds 4" "$MICA" train vec.json --folds 5
    expect_ok "$MICA" train vec.json --folds 4 -o folds
    expect_file folds/folds.csv
    expect_text "mlp, 26 parameters, 3 values, 2 images a step"
    expect_ok "$MICA" train vec.json --folds 4 -o folds --resume
    expect_line "folds/fold_1: is finished after 1 epoch; --set train.epochs=N goes on"
    expect_no_text "0 of "
    expect_no_text "going on after"
    mistake 2 "(on the command line --columns 'f*')" "$MICA" predict \
        folds/fold_1/best.safetensors vec.csv -o p
    expect_ok "$MICA" predict folds/fold_1/best.safetensors vec.csv -o p --columns 'f*'
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
    sed -i 's/\[32, 33\]/[32, 32]/' s.json
    mistake 2 "must be PATH=VALUE" "$MICA" train r.json --set train.batch
    mistake 2 "#/train/checkpoint/every: needs a unit" "$MICA" train r.json \
        --set train.checkpoint.every=10
    mistake 2 "no loss is called 'dyce'; there are bce_with_logits, cross_entropy" "$MICA" train r.json \
        --set train.loss=dyce
    mistake 2 "no scheme is called 'xavier'; there are glorot_normal" "$MICA" train r.json \
        --set init.scheme=xavier
    mistake 2 "#/init/from: none.safetensors: there is no such file" "$MICA" train r.json \
        --set init.from=none.safetensors
    mistake 1 "data/image_0000.npy: not a safetensors file" "$MICA" train r.json \
        --set init.from=data/image_0000.npy
    mistake 2 "#/init/freeze/0: no weight is called 'encodr*'" "$MICA" train r.json \
        --set 'init.freeze=["encodr*"]'
    mistake 2 "#/train/stop: needs validation data" "$MICA" train r.json \
        --set 'data={"train":{"simulation":"s.json","count":4}}' --set train.stop.patience=3
    mistake 2 "#/data/validation: validation needs a \"count\"" "$MICA" train r.json \
        --set 'data.validation={"simulation":"s.json"}'
    mistake 2 "\"samples_per_epoch\" must be at least a batch of 2" "$MICA" train r.json \
        --set 'data.train={"simulation":"s.json"}'
    mistake 2 "which 'crop' (16) does not cut" "$MICA" train r.json --set crop=16
    mistake 2 "r.json:1:21: #/net: the network takes 3 channels, the data has 1; set \"params\": {\"channels\": 1}" "$MICA" train \
        r.json --set net.params.channels=3
    mistake 2 "#/data/validaton: unknown key 'validaton'" "$MICA" train r.json \
        --set data.validaton=1
    mistake 2 "#/net/file: none.json: there is no such file" "$MICA" train r.json \
        --set net.file=none.json
    mistake 2 "s.json:6:1: #: is a simulation, which mica simulate takes" "$MICA" train s.json
    mistake 1 "is a folder" "$MICA" train data
    mistake 1 "s.json: cannot be made: there is a file of that name" "$MICA" train r.json \
        -o s.json
    mistake 2 "nothing: holds no run to go on with" "$MICA" train r.json -o nothing --resume
    echo '{"mica_run":1,"extends":"e.json"}' >e.json
    mistake 2 "more than 8 recipes extend each other" "$MICA" train e.json
}

test_slow_mistakes_in_losses_of_single_outputs()
{
    sed 's/"size": \[[0-9, ]*\]/"size": [32, 32]/' "$TOP/apps/recipes/mos2_atoms.json" >s.json
    echo "$net{\"conv2d\":1,\"id\":\"a\"}]}" >n.json
    echo "{\"mica_run\":1,\"net\":{\"file\":\"n.json\"},$data$train" >r.json
    mistake 2 "#/train/loss/1: dice is about classes, the data's truth is Gaussians" \
        "$MICA" train r.json -o run \
        --set 'train.loss=[{"bce_with_logits":{}},{"dice":{},"weight":0.5}]'
    make_spec
    echo "$net{\"conv2d\":2,\"id\":\"a\"}]}" >n.json
    mistake 2 "#/train/loss: 'ignore' has no effect where the background has no output (3 classes, 2 outputs)" \
        "$MICA" train r.json -o run --set 'train.loss={"bce_with_logits":{"ignore":2}}'
    expect_ok "$MICA" train r.json -o run -q --set 'train.loss={"bce_with_logits":{}}'
    echo "$net{\"conv2d\":3,\"id\":\"a\"}]}" >n.json
    expect_ok "$MICA" train r.json -o three -q --set 'train.loss={"bce_with_logits":{"ignore":2}}'
}

test_means_for_other_channels_are_refused()
{
    awk 'BEGIN { print "f1,f2,label"; for (i = 0; i < 20; i++) print i % 7 "," i % 5 "," i % 2 }' >t.csv
    cat >r.json <<'R'
{ "mica_run": 1, "net": { "file": "mlp.json", "params": { "inputs": 2, "hidden": [2], "classes": 2 } },
  "normalise": { "scope": "dataset",
                 "mean": [1], "sd": [2] },
  "data": { "arrays": "t.csv", "labels": "t.csv", "columns": "f*", "split": { "stratified": true } },
  "train": { "loss": "cross_entropy", "optimizer": "adam", "batch": 2, "epochs": 1 } }
R
    mistake 2 "r.json:3:26: #/normalise/mean: 1 number of 'mean' and 'sd' for data of 2 channels (columns)" \
        "$MICA" train r.json -o run
    expect_ok "$MICA" train r.json -o run -q --set 'normalise.mean=[1,2]' --set 'normalise.sd=[2,2]'
}

test_a_set_of_kernels_that_is_not_there_is_refused()
{
    MICA_ISA=sse mistake 2 "this program has no set 'sse'; it has generic" "$MICA" layers
    MICA_ISA=generic "$MICA" layers relu >out || complain "generic is always there"
}

test_mistakes_in_simulations()
{
    sed 's/"80 kV"/80/' "$TOP/apps/recipes/mos2.json" >s.json
    mistake 2 "80 kV" "$MICA" simulate s.json -o made
    sed 's/"MoS2"/"MoS3"/' "$TOP/apps/recipes/mos2.json" >s.json
    mistake 2 "MoS2" "$MICA" simulate s.json -o made
    sed 's/"uniform": \[1.0, 1.6\]/"unifrom": [1.0, 1.6]/' "$TOP/apps/recipes/mos2.json" >s.json
    mistake 2 "unifrom" "$MICA" simulate s.json -o made
    cp "$TOP/apps/recipes/mos2.json" s.json
    mistake 2 "#/pixel: 'mrad' is no unit of length" "$MICA" simulate s.json -o made \
        --set 'pixel="0.1 mrad"'
    mistake 2 "no artefact is called 'shot_nois'; did you mean 'shot_noise'?" "$MICA" \
        simulate s.json -o made --set 'artefacts.0="shot_nois"'
    mistake 2 "'V_Q1' is no defect of MoS2; they are V_S1, V_S2, V_Mo, and" "$MICA" simulate s.json -o made \
        --set specimen.defects.V_Q1=0.5
    mistake 2 "their sum is at most 1" "$MICA" simulate s.json -o made \
        --set specimen.defects.V_S1=1
    mistake 2 "none.xyz: there is no such file" "$MICA" simulate s.json -o made \
        --set 'specimen={"atoms":"none.xyz"}'
    mistake 2 "a must not be greater than b" "$MICA" simulate s.json -o made \
        --set 'specimen.rotation={"uniform":["60 deg","0 deg"]}'
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
    mistake 2 "no file fits nothing/*.tif; looked in .; MICA_PATH may name the folder" "$MICA" train r.json
    MICA_PATH=data mistake 2 "looked in ., data; MICA_PATH may" "$MICA" train r.json
    own='"data":{"images":"data/image_0000.tif","masks":"data/labels_0000.png",'
    echo "$run_head$own\"values\":{\"0\":\"background\",\"1\":\"a\",\"2\":\"b\"},$tail\"crop\":64,$train" >r.json
    mistake 2 "less than 'crop' (64)" "$MICA" train r.json
    echo "$run_head$own\"values\":{\"0\":\"background\",\"1\":\"a\",\"2\":\"b\"},$tail$train" >r.json
    "$MICA" simulate s.json --set 'size=[32,48]' -n 1 -o wide -q
    cp wide/image_0000.tif data/image_0001.tif
    cp wide/labels_0000.png data/m_image_0001.png
    cp data/labels_0000.png data/m_image_0000.png
    mistake 2 "image_0001.tif: 32 x 48 pixels, but data/image_0000.tif has 32 x 32" "$MICA" \
        train r.json --set 'data.images=data/*.tif' --set 'data.masks=data/m_{stem}.png'
    numbers nan.npy "1, 2" '\000\000\300\177' '\000\000\000\000'
    numbers two.npy "1, 2" '\000\000\200\077' '\000\000\000\000'
    mistake 2 "data/labels_0000.png: 1 x 32 x 32, but its image two.npy is 1 x 1 x 2" "$MICA" \
        train r.json --set data.images=two.npy --set train.batch=1
    mistake 1 "nan.npy: the pixel (0, 0) is not a number" "$MICA" train r.json \
        --set data.images=nan.npy --set data.masks=nan.npy --set train.batch=1
    mistake 2 "names no class beside \"background\"" "$MICA" train r.json \
        --set 'data.values={"0":"background"}'
    mistake 2 "#/data/mask: unknown key 'mask'; did you mean 'masks'?" "$MICA" train r.json \
        --set data.mask=x
    mistake 2 "#/data/pixel: needs a unit" "$MICA" train r.json --set data.pixel=0.1
    mistake 2 "needs parentheses around what names the group" "$MICA" train r.json \
        --set 'data.split.group=^[^_]+'
    mistake 2 "leaves no image to train with: there is 1 group" "$MICA" train r.json \
        --set data.split.validation=0.5
    mistake 2 "the size of a pixel is not known here" "$MICA" train r.json \
        --set 'normalise.scope=window 60 px'
    head -c 300 data/image_0000.tif >cut.tif
    mistake 1 "cut.tif: " "$MICA" train r.json --set data.images=cut.tif
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
    numbers colour.npy "1, 2, 3" '\000\000\000\000\000\000\200\077\000\000\000\100' \
        '\000\000\000\000\000\000\200\077\000\000\000\100'
    mistake 1 "colour.npy: has 3 channels, the model takes 1" "$MICA" predict $model \
        colour.npy -o p
    mistake 1 "is not an image of a known format" "$MICA" predict $model r.json -o p
    mistake 2 "--pixel: needs a unit" "$MICA" predict $model data/image_0000.npy --pixel 0.1 -o p
    mistake 2 "no crystal is called 'MoS3'; there are MoS2" "$MICA" predict $model \
        data/image_0000.tif --crystal MoS3 -o p
    mistake 1 "and 1.0 kB are allowed; allow more with --mem" "$MICA" predict $model \
        data/image_0000.tif --mem '1 kB' -o p/below
    mistake 1 "and 1 bytes are allowed; allow more with --mem" "$MICA" evaluate $model s.json -q \
        -n 1 --mem '1 bytes' -o p
    mistake 2 "--mem must be a memory from 1 to" "$MICA" predict $model \
        data/image_0000.tif --mem -1G -o p
    mistake 2 "--pixel must be a length from 0.001 to 1000000 A, not '0A'" "$MICA" predict \
        $model data/image_0000.tif --pixel 0A -o p
    mistake 1 "is the pixel size right? --pixel gives another" "$MICA" predict $model \
        data/image_0000.tif --pixel '100 A' -o p
    mistake 2 "--output DIR is missing" "$MICA" predict $model data/image_0000.tif
    mistake 1 "$model: cannot be made: there is a file of that name" "$MICA" predict $model \
        data/image_0000.tif -o $model
    mistake 1 "not a safetensors file" "$MICA" predict data/image_0000.tif data/image_0000.tif -o p
    mistake 2 "no node is called 'xx'" "$MICA" forward $model data/image_0000.npy -o f.npy --node xx
    mistake 2 "rows, columns, channels" "$MICA" forward $model colour.npy -o f.npy
}

test_slow_mistakes_with_runs_and_evaluations()
{
    make_model
    model=run/best.safetensors
    mistake 2 "the recipe is not the one that this run began with" "$MICA" train r.json \
        -o run --resume --set train.seed=2
    cp run/best.safetensors run/last.safetensors
    mistake 1 "no checkpoint of a run, only weights" "$MICA" train r.json -o run --resume
    : >run/last.safetensors
    mistake 1 "run/last.safetensors: 0 bytes are too few" "$MICA" train r.json -o run --resume
    rm run/last.safetensors
    mistake 1 "there is no checkpoint to go on from" "$MICA" train r.json -o run --resume
    mistake 2 "#/init/skip/0: no weight is called 'fc.*'" "$MICA" train r.json -o new \
        --set 'init={"from":"run/best.safetensors","skip":["fc.*"]}'
    run "$MICA" train r.json -o new --set init.from=$model --set net.params.width=4
    [ "$code" = 1 ] && [ "$(wc -l <err)" = 4 ] || { cat err; complain "exit code $code"; }
    expect_text "tensors do not fit; is it another network, or one with other parameters?"
    [ ! -e new ] || complain "a folder is left"
    sed 's/"classes": \["V_S1", "V_S2"\]/"classes": ["V_S2", "V_S1"]/' s.json >other.json
    mistake 2 "class 1 is 'V_S1' to the model and 'V_S2' in the data" "$MICA" evaluate \
        $model other.json
    sed 's/"classes": \["V_S1", "V_S2"\]/"classes": ["V_S1"]/' s.json >other.json
    mistake 2 "the model has 3 classes, the data has 2" "$MICA" evaluate $model other.json
    mistake 1 "no.json: there is no such file" "$MICA" evaluate $model no.json
    mistake 2 "--radius: needs a unit" "$MICA" evaluate $model s.json --radius 1
    mistake 1 "$model: cannot be made: there is a file of that name" "$MICA" evaluate $model \
        s.json -o $model
}

# A network without metadata shows only when it is asked that it has other classes.
test_a_bare_network_with_other_classes_is_refused()
{
    make_spec
    echo "$net{\"conv2d\":5,\"kernel\":1,\"id\":\"a\"}]}" >n.json
    header='{"a.weight":{"dtype":"F32","shape":[5,1,1,1],"data_offsets":[0,20]},"a.bias":{"dtype":"F32","shape":[5],"data_offsets":[20,40]}}'
    printf "\\$(printf %o ${#header})\0\0\0\0\0\0\0%s%040d" "$header" 0 >bare.safetensors
    mistake 2 "the network gives 5 classes, the data has 3 (background included)" "$MICA" \
        evaluate n.json:bare.safetensors s.json -n 1
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

# A limit on the size of files ends writing in their middle, as a full disk does.
test_slow_files_that_cannot_be_written_whole_leave_nothing()
{
    make_model
    cp -r run before
    (trap '' XFSZ && ulimit -f 8 && run "$MICA" train r.json -o run --force -q --set net.params.width=8
     [ "$code" = 1 ]) || { cat err; complain "a checkpoint that cannot be written: exit code $code"; }
    [ "$(wc -l <err)" = 1 ] || { cat err; complain "not one line"; }
    expect_text "best.safetensors: cannot be written: "
    [ -z "$(find run -name '*.safetensors*')" ] || complain "left: $(find run)"
    mkdir small
    mount -t tmpfs -o size=64k none small 2>/dev/null || skip "no file system can be mounted here"
    run "$MICA" train r.json -o small/run -q --set net.params.width=8
    found=$(find small -name '*.new-*')
    run_lines=$(wc -l <err)
    "$MICA" info small/run/*.safetensors >/dev/null || found="$found, and a damaged file"
    umount small
    [ "$code" = 1 ] && [ "$run_lines" = 1 ] || { cat err; complain "exit code $code"; }
    expect_text "no space left"
    [ -z "$found" ] || complain "left: $found"
}

test_slow_data_beyond_the_memory_are_told()
{
    (ulimit -v 400000 && "$MICA" layers relu >/dev/null 2>&1) || skip "no limit of memory here"
    mkdir -p img/a img/b
    { printf 'P5\n2000 2000\n255\n'; head -c 4000000 /dev/zero; } >img/a/0.pgm
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
        ln img/a/0.pgm img/b/$i.pgm
    done
    echo '{ "mica_run": 1, "net": "lenet5.json", "data": { "images": "img/{label}/*.pgm", "split": {} },
            "train": { "loss": "cross_entropy", "optimizer": "sgd", "batch": 2, "epochs": 1 } }' >r.json
    (ulimit -v 400000 && run "$MICA" train r.json && [ "$code" = 1 ]) || complain "$(cat err)"
    # room ends where the next image is read or where it is kept beside those before it
    expect_text " are not to be had" err
    [ "$(grep -c . err)" -le 2 ] || complain "more than a message and the progress"
}

# weights.sh - weights that others published, converted, give what they gave there

# the folder of data, and a Python that has nothing else
need_data()
{
    data=${MICA_DATA:-$TOP/../shared/data}
    [ -e "$data/weights/lenet_mnist.npz" ] || skip "no published weights: set MICA_DATA"
    command -v python3 >/dev/null || skip "no python3"
}

convert()
{
    expect_ok python3 "$TOP/tests/golden/convert_weights.py" "$1" "$data/weights/$2" \
        weights.safetensors
}

forward()
{
    expect_ok "$MICA" forward "$@" -o y.npy
}

compare()
{
    python3 "$TOP/tests/cli/npy.py" "$@"
}

# below A B : A < B
below()
{
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 < b + 0) }' ||
        complain "$1 is not below $2"
}

test_slow_lenet_reads_9895_of_10000_digits()
{
    need_data
    convert lenet lenet_mnist.npz
    forward lenet_caffe.json:weights.safetensors "$data/mnist/t10k-images-idx3-ubyte.gz"
    right=$(compare right y.npy "$data/mnist/t10k-labels-idx1-ubyte.gz")
    [ "$right" = 9895 ] || complain "$right of 10000 are right"
}

test_slow_squeezenet_gives_its_published_outputs()
{
    need_data
    convert squeezenet1_1 squeezenet1_1_imagenet.npz
    for i in 0 1; do
        forward squeezenet1_1.json:weights.safetensors --axes NCHW \
            "$data/weights/squeezenet1_1_ref${i}_input_0.npy"
        below "$(compare most y.npy "$data/weights/squeezenet1_1_ref${i}_output_0.npy")" 2e-4
    done
}

test_slow_resnet20_gives_what_pytorch_gives()
{
    need_data
    convert resnet20 resnet20_cifar10.npz
    golden=$TOP/tests/golden/nets/published_resnet20
    forward resnet20.json:weights.safetensors "${golden}_x.npy"
    below "$(compare distance y.npy "${golden}_y.npy")" 3e-6
}

test_slow_the_stages_of_keras_resnet50_give_what_pytorch_gives()
{
    need_data
    convert resnet50 resnet50_keras_conv1-conv4_f16.npz
    echo '{ "mica_net": 1, "name": "keras", "input": { "shape": ["H", "W", 3] }, "graph": [
        { "net": "resnet50.json", "params": { "stride_first": true }, "until": "layer3" } ] }' >keras.json
    golden=$TOP/tests/golden/nets/published_resnet50
    forward keras.json:weights.safetensors "${golden}_x.npy"
    below "$(compare distance y.npy "${golden}_y.npy")" 3e-6
}

# net.sh - mica net, layers, schema, gradcheck, and the program around them

test_the_program_lists_its_commands()
{
    expect_ok "$MICA" -h
    expect_text "usage: mica COMMAND" out
    expect_text "  net        a network node by node" out
    expect_exit 2 "$MICA"
    expect_text "usage: mica COMMAND" err
    expect_ok "$MICA" --version
    expect_text "mica 0." out
}

test_an_unknown_command_gets_the_nearest()
{
    expect_exit 2 "$MICA" gradchek
    expect_line "mica: there is no command 'gradchek'; did you mean 'gradcheck'?" err
    expect_exit 2 "$MICA" xyzzy
    expect_line "mica: there is no command 'xyzzy'; mica -h lists them" err
}

test_help_is_made_from_the_table()
{
    expect_ok "$MICA" net -h
    expect_text "usage: mica net FILE [--set NAME=VALUE]... [--size PIXELS] [--batch N]" out
    expect_line "  --size PIXELS         rows and columns, where the network leaves them open [256]" out
    expect_line "examples:" out
    expect_ok "$MICA" net --size 3 --help
}

test_wrong_options_are_told()
{
    expect_exit 2 "$MICA" net resunet.json --szie 64
    expect_line "mica net: there is no option '--szie'; did you mean '--size'?" err
    expect_exit 2 "$MICA" net --size
    expect_line "mica net: --size needs a value: --size PIXELS" err
    expect_exit 2 "$MICA" net
    expect_line "mica net: FILE is missing; see mica net -h" err
    expect_exit 2 "$MICA" net a b
    expect_line "mica net: 'b' is one argument too many; see mica net -h" err
    expect_exit 2 "$MICA" net a --size 0
    expect_line "mica net: --size must be a whole number from 1 to 65536, not '0'" err
    expect_exit 2 "$MICA" net a --size=1.5 --batch x
    expect_line "mica net: --size must be a whole number from 1 to 65536, not '1.5'" err
    expect_line "mica net: --batch must be a whole number from 1 to 65536, not 'x'" err
    expect_exit 2 "$MICA" net a --set width
    expect_line "--set: must be PATH=VALUE, not 'width'" err
}

test_a_network_is_described_node_by_node()
{
    expect_ok "$MICA" net resunet.json
    expect_text "10,249,955 parameters (41.0 MB), 8,768 running statistics" out
    expect_text "17.6 G multiply-adds a sample" out
    expect_line "rows and columns are multiples of 16" out
    tr -s ' ' <out >squeezed
    expect_text "up1.concat#0 concat up1.add#0 down1.skip.relu#2" squeezed
    expect_text "down1.skip.relu#0 relu, in conv1 down1.skip.bn1" squeezed
    expect_line "60 of 115 nodes are computed by the pass of one before them when predicting, 30 when training" out
    expect_ok "$MICA" net resunet.json --set bottleneck=true --set kernel=7
    expect_text "28,227,779 parameters" out
    expect_ok "$MICA" net resnet18.json --size 224 --batch 2
    expect_text "11,689,512 parameters (46.8 MB), 9,600 running statistics" out
    expect_text "layer4.0.downsample.1" out
    expect_line "each output sees the whole image" out
    expect_text "memory for 2 samples of 224 x 224 x 3" out
}

test_networks_are_drawn()
{
    expect_ok "$MICA" net lenet5.json --dot
    expect_line 'digraph "lenet5" {' out
    expect_text 'conv1\nconv2d 5 x 5, relu\n28 x 28 x 6, 156 parameters' out
    expect_ok "$MICA" net resunet.json --level 1 --svg
    expect_text '>resunet: 10,249,955 parameters</text>' out
    expect_text '>11 layers, 3 conv2d</text>' out
    expect_exit 2 "$MICA" net resunet.json --svg --dot
    expect_line "mica net: --dot and --svg are two drawings; ask for one at a time" err
}

# -Tcanon reads all and lays nothing out
test_slow_graphviz_reads_the_drawing_of_every_network()
{
    command -v dot >/dev/null || skip "no dot (Debian: graphviz)"
    for net in "$TOP"/nets/*.json; do
        expect_ok "$MICA" net "$net" --dot
        mv out net.dot
        expect_ok dot -Tcanon net.dot
        [ "$(grep -c " -> " net.dot)" = "$(grep -c " -> " out)" ] ||
            complain "$net: dot reads other lines than are there"
    done
}

test_wrong_networks_and_parameters_are_told()
{
    expect_exit 2 "$MICA" net resunet.json --set widht=16
    expect_text "resunet has no parameter 'widht'; did you mean 'width'?" err
    expect_exit 2 "$MICA" net resunet.json --set width=wide
    expect_text "'width' of resunet must be a number" err
    expect_exit 2 "$MICA" net resunet.json --size 100
    expect_line "rows and columns of resunet are multiples of 16, not 100; try --size 112" err
    expect_exit 1 "$MICA" net nowhere.json
    expect_text "nowhere.json: there is no such file; looked in " err
    printf '{ "mica_net": 1, "name": "x", "input": { "shape": ["H", "W", 1] },\n  "graph": [ "rleu" ] }\n' >x.json
    expect_exit 2 "$MICA" net x.json
    expect_line "x.json:2:14: #/graph/0: no layer is called 'rleu'; did you mean 'relu'?" err
}

test_layers_are_listed_and_described()
{
    expect_ok "$MICA" layers
    expect_text "  conv2d               convolution" out
    expect_line "losses" out
    expect_ok "$MICA" layers dropout
    expect_line "in a network: { \"dropout\": rate }" out
    expect_text "the probability that a value is set to 0 (number, 0 to 0.99; default 0.5)" out
    expect_exit 2 "$MICA" layers conv2
    expect_line "no layer is called 'conv2'; did you mean 'conv2d'?" err
}

test_optimisers_schedules_and_first_weights_are_described()
{
    for word in $("$MICA" layers | sed -n '1,/^optimisers/d; s/^  \([a-z0-9_]*\) .*/\1/p'); do
        expect_ok "$MICA" layers "$word"
        expect_text "in a recipe: \"" out
        expect_text "{ \"$word\": {} } }" out
    done
    expect_text "truncated_normal" out
    "$MICA" layers | grep -q "^  lamb " || complain "no lamb"
}

test_every_layer_can_be_described()
{
    for layer in $("$MICA" layers | sed -n '/^optimisers/q; s/^  \([a-z0-9_]*\) .*/\1/p'); do
        expect_ok "$MICA" layers "$layer"
        expect_line "examples (samples x rows x columns x channels):" out
    done
}

test_schemas_are_json()
{
    expect_ok "$MICA" schema
    expect_text "net          a network" out
    expect_ok "$MICA" schema net
    expect_text '"$schema":' out
    expect_text '"batchnorm2d":' out
    expect_exit 2 "$MICA" schema nets
    expect_line "mica schema: there is no 'nets'; did you mean 'net'?" err
}

test_slow_gradients_of_layers_and_networks_pass()
{
    for what in conv2d batchnorm2d maxpool2d dice; do
        expect_ok "$MICA" gradcheck $what
        expect_text "it is below 0.01" out
    done
    expect_ok "$MICA" gradcheck resunet.json --set width=4 --set depth=2 --moves 2
    expect_text "up1.mix.conv3.weight" out
    expect_text "it is below 0.05" out
    expect_exit 1 "$MICA" gradcheck softmax --tolerance 1e-9
    expect_text "that is more than 1e-09" out
    expect_exit 2 "$MICA" gradcheck convd2
    expect_line "no layer is called 'convd2'; did you mean 'conv2d'?" err
}

test_squeeze_excitation_of_the_reference_page_is_a_network()
{
    sed -n '/^### Squeeze-excitation/,/^## /p' "$TOP/docs/reference/networks.md" |
        sed -n '/^```json/,/^```/p' | grep -v '^```' >se.json
    expect_ok "$MICA" net se.json --size 16
    # 32 x 9 + 32, 32 x 8 + 8, 8 x 32 + 32, 32 x 2 + 2
    expect_text "938 parameters" out
    expect_text "se1.multiply#0" out
}

test_a_penalty_belongs_to_the_gradient()
{
    cat >l2.json <<'EOF'
{ "mica_net": 1, "name": "l2", "input": { "shape": [6, 6, 2] },
  "graph": [ { "conv2d": 3, "l2": 0.5, "id": "a" }, "tanh", { "conv2d": 2, "id": "b" } ] }
EOF
    expect_ok "$MICA" gradcheck l2.json
}

# forward.sh - mica forward: what the bare network makes of an array

# y = relu(2 x + 1), as a network, its weights and an array of -1, 0, 1, 2 in 2 x 2 pixels
write_files()
{
    echo '{"mica_net": 1, "name": "line", "input": {"shape": ["H", "W", 1]},
        "graph": [{"conv2d": 1, "kernel": 1, "id": "c"}, {"relu": {}, "id": "r"}]}' >line.json
    header='{"c.weight":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[0,4]},"c.bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'
    printf "\\$(printf %o ${#header})\0\0\0\0\0\0\0%s" "$header" >line.safetensors
    printf '\0\0\0\100\0\0\200\077' >>line.safetensors
    header="{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
    printf "\223NUMPY\001\0\\$(printf %o ${#header})\0%s" "$header" >x.npy
    printf '\0\0\200\277\0\0\0\0\0\0\200\077\0\0\0\100' >>x.npy
}

# the last four numbers of a file
numbers()
{
    tail -c 16 "$1" | od -A n -t f4 | tr -s ' ' | sed 's/^ //; s/ $//'
}

test_forward_computes_the_network()
{
    write_files
    expect_ok "$MICA" forward line.json:line.safetensors x.npy -o y.npy
    expect_line "y.npy: 1 x 2 x 2 x 1 from 1 x 2 x 2 x 1 (samples, rows, columns, channels)"
    [ "$(numbers y.npy)" = "0 1 3 5" ] || complain "it gives $(numbers y.npy)"
    expect_text "'shape': (1, 2, 2, 1,)" y.npy
}

test_forward_gives_the_output_of_a_node()
{
    write_files
    expect_ok "$MICA" forward line.json:line.safetensors x.npy -o c.npy --node c
    [ "$(numbers c.npy)" = "-1 1 3 5" ] || complain "it gives $(numbers c.npy)"
    expect_exit 2 "$MICA" forward line.json:line.safetensors x.npy -o c.npy --node cc
    expect_text "no node is called 'cc'"
}

test_forward_reads_axes_as_they_are_meant()
{
    write_files
    sed 's/(2, 2)/(4, 1)/' x.npy >four.npy
    expect_ok "$MICA" forward line.json:line.safetensors four.npy -o y.npy
    expect_text "y.npy: 1 x 4 x 1 x 1 from"
    sed 's/(2, 2), /(1,2,2),/' x.npy >four.npy
    expect_ok "$MICA" forward line.json:line.safetensors four.npy -o y.npy --axes NHW
    expect_text "y.npy: 1 x 2 x 2 x 1 from"
    [ "$(numbers y.npy)" = "0 1 3 5" ] || complain "it gives $(numbers y.npy)"
}

test_forward_draws_feature_maps()
{
    write_files
    expect_ok "$MICA" forward line.json:line.safetensors x.npy -o y.npy --png
    expect_file y.png
    expect_text "y.png: its maps"
}

test_forward_tells_what_is_wrong()
{
    write_files
    expect_exit 2 "$MICA" forward line.json:line.safetensors x.npy
    expect_text "--output is missing"
    expect_exit 2 "$MICA" forward line.safetensors x.npy -o y.npy
    expect_text "holds weights but no network"
    sed 's/(2, 2), /(1,2,2),/' x.npy >two.npy
    expect_exit 2 "$MICA" forward line.json:line.safetensors two.npy -o y.npy
    expect_text "two.npy: is 1 x 1 x 2 x 2 (samples, rows, columns, channels); line takes 1 x 2 x 1"
    [ ! -e y.npy ] || complain "it wrote all the same"
}

# info.sh - mica info: what it tells of each kind of file

test_info_tells_of_images()
{
    run "$MICA" simulate mos2.json --set 'size=[48,64]' --set 'pixel="0.1 A"' -n 1 -o made
    expect_ok "$MICA" info made/image_0000.tif made/labels_0000.png made/image_0000.npy
    expect_line made/labels_0000.png
    expect_line "  size          48 x 64 pixels (rows x columns), 1 frame, 1 channel"
    expect_line "  type          real numbers of 32 bits"
    expect_line "  not finite    0 NaN, 0 infinite"
    expect_line "  pixel size    0.1 A, from ImageJ's unit and the resolution"
    expect_line "  field         4.8 A x 6.4 A (height x width)"
    expect_line "  type          indices into a palette of 8 bits"
    expect_line "  pixel size    0.1 A, from mica's text chunk"
    expect_line "  pixel size    unknown; mica predict takes --pixel"
}

test_info_tells_where_a_calibration_came_from()
{
    corpus=$TOP/tests/fuzz/corpus/image
    expect_ok "$MICA" info "$corpus/ome.tif" "$corpus/fei.tif" "$corpus/imagej_stack.tif" \
        "$corpus/grey8_1um.png"
    expect_text "from OME's PhysicalSize"
    expect_text "from FEI's PixelWidth"
    expect_text "from ImageJ's unit"
    expect_text "from the resolution (chunk pHYs)"
}

test_info_counts_what_is_not_a_number()
{
    header="{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
    printf "\223NUMPY\001\0\\$(printf %o ${#header})\0%s" "$header" >x.npy
    printf '\0\0\200\277\0\0\300\177\0\0\200\177\0\0\0\100' >>x.npy
    expect_ok "$MICA" info x.npy
    expect_line "  values        -1 to 2, mean 0.5, standard deviation 1.5"
    expect_line "  not finite    1 NaN, 1 infinite"
}

test_info_tells_of_networks_recipes_simulations_and_samples()
{
    run "$MICA" simulate mos2.json --set 'size=[48,64]' -n 2 -o made
    expect_ok "$MICA" info resunet.json mos2_vacancy_small.json mos2.json \
        made/sample_0001.json made/atoms_0000.csv made
    expect_line "  kind          the network resunet; mica net prints its nodes"
    expect_line "  kind          a recipe, for mica train"
    expect_line "  kind          a simulation, for mica simulate and the data of recipes"
    expect_line "  classes       0 background, 1 V_S1, 2 V_S2"
    expect_line "  index         1"
    expect_line "  columns       id, element, x_A, y_A, z_A, x_px, y_px, column, site, label"
    expect_line "  kind          a set of 2 samples of mica simulate"
}

test_info_lists_tensors()
{
    header='{"__metadata__":{"mica.licence":"CC0"},"c.weight":{"dtype":"F32","shape":[2,1,1,1],"data_offsets":[0,8]}}'
    printf "\\$(printf %o ${#header})\0\0\0\0\0\0\0%s" "$header" >x.safetensors
    printf '\0\0\0\100\0\0\200\077' >>x.safetensors
    expect_ok "$MICA" info x.safetensors
    expect_line "  kind          tensors without a network; used as NET.json:x.safetensors"
    expect_line "  licence       CC0"
    expect_line "  tensors       1 of 2 numbers, 8 bytes"
    expect_line "    c.weight  F32   2 x 1 x 1 x 1"
}

# write_tensors FILE METADATA : one weight of 2 under c.weight, a bias of 1 under c.bias
write_tensors()
{
    header="{\"__metadata__\":{$2},\"c.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1],\"data_offsets\":[0,4]},\"c.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"
    length=${#header}
    printf "\\$(printf %o $((length % 256)))\\$(printf %o $((length / 256)))\0\0\0\0\0\0" >"$1"
    printf %s "$header" >>"$1"
    printf '\0\0\0\100\0\0\200\077' >>"$1"
}

test_info_tells_of_models()
{
    net='{\"mica_net\":1,\"name\":\"line\",\"input\":{\"shape\":[\"H\",\"W\",1]},\"graph\":[{\"conv2d\":1,\"kernel\":1,\"id\":\"c\"}]}'
    write_tensors x.safetensors "\"mica.version\":\"0.1.0\",\"mica.net\":\"$net\",\"mica.classes\":\"[{\\\"name\\\":\\\"background\\\",\\\"colour\\\":\\\"#000000\\\"}]\",\"mica.pixel_range\":\"[0.06,0.24]\",\"mica.normalise\":\"{\\\"kind\\\":\\\"standardise\\\"}\",\"mica.task\":\"softmax\",\"mine\":\"a remark\""
    expect_ok "$MICA" info x.safetensors
    expect_line "  kind          a model of mica 0.1.0"
    expect_line "  network       line"
    expect_line "  parameters    2"
    expect_line "  sees          1 x 1 pixels; rows and columns are multiples of 1"
    expect_line "  classes       0 background (#000000)"
    expect_line "  pixel size    0.06 to 0.24 A"
    expect_line "  normalise     kind standardise"
    expect_line "  task          softmax"
    expect_line "  mine          a remark"
    expect_line "  tensors       2 of 2 numbers, 8 bytes"
    expect_no_text "c.weight"
    expect_ok "$MICA" info --tensors x.safetensors
    expect_text "c.weight  F32   1 x 1 x 1 x 1"
    write_tensors y.safetensors "\"mica.version\":\"\",\"mica.net\":\"$net\""
    expect_ok "$MICA" info y.safetensors
    expect_line "  kind          a model of mica"
}

test_info_tells_of_damaged_metadata()
{
    write_tensors x.safetensors '"mica.version":"9","mica.classes":"[{","mica.pixel_range":"[1]"'
    expect_ok "$MICA" info x.safetensors
    expect_line "  classes       none are named"
    write_tensors x.safetensors '"mica.net":"{}"'
    expect_exit 2 "$MICA" info x.safetensors
}

test_info_goes_on_after_a_file_that_cannot_be_read()
{
    run "$MICA" simulate mos2.json --set 'size=[48,64]' -n 1 -o made
    echo nonsense >x.tif
    expect_exit 1 "$MICA" info x.tif no.png made/image_0000.npy
    expect_text "x.tif: "
    expect_text "no.png: there is no such file"
    expect_text "made/image_0000.npy"
    expect_exit 2 "$MICA" info
}

# predict.sh - mica predict: what is found in images, whose truth is known

# write_model [METADATA] : a network that knows one class, V_S1: pixels brighter than 100. Logits
# are 0 and 20 x - 2000.
write_model()
{
    net='{\"mica_net\": 1, \"name\": \"threshold\", \"input\": {\"shape\": [\"H\", \"W\", 1]}, \"graph\": [{\"conv2d\": 2, \"kernel\": 1, \"id\": \"c\"}]}'
    header='{"c.weight":{"dtype":"F32","shape":[2,1,1,1],"data_offsets":[0,8]},"c.bias":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"__metadata__":{"mica.net":"'$net'","mica.task":"softmax","mica.channels":"1","mica.classes":"[{\"name\": \"background\"}, {\"name\": \"V_S1\"}]","mica.normalise":"{\"kind\": \"none\"}","mica.pixel_range":"[0.5, 2]"'${1:-}'}}'
    {
        printf "\\$(printf %o $((${#header} % 256)))\\$(printf %o $((${#header} / 256)))\0\0\0\0\0\0%s" "$header"
        printf '\0\0\0\0\0\0\240\101\0\0\0\0\0\0\372\304'
    } >model.safetensors
}

# image FILE WIDTH HEIGHT [X Y SIZE]... : squares of 126 on 35; $shape: other axes
image()
{
    awk -v shape="${shape:-$3, $2}" -v width="$2" -v height="$3" -v squares="$(shift 3; echo "$@")" '
    BEGIN {
        n = split(squares, s, " ")
        header = "{\047descr\047: \047<u1\047, \047fortran_order\047: False, \047shape\047: (" shape "), }"
        printf "%s", header
        for (y = 0; y < height; y++)
            for (x = 0; x < width; x++) {
                bright = 0
                for (i = 1; i <= n; i += 3)
                    bright = bright || (x >= s[i] && x < s[i] + s[i + 2] && y >= s[i + 1] && y < s[i + 1] + s[i + 2])
                printf "%s", bright ? "~" : "#"
            }
    }' >body
    printf "\223NUMPY\001\0\\$(printf %o "$(awk '{ print index($0, "}") }' body)")\0" >"$1"
    cat body >>"$1"
    rm body
}

test_predict_finds_what_is_there()
{
    write_model
    image scan.npy 60 40 10 20 4 30 5 6
    expect_ok "$MICA" predict model.safetensors scan.npy -o got --pixel 1A --crystal MoS2
    expect_line "image,frame,id,x_px,y_px,x_A,y_A,label,score,area_A2,radius_A" got/objects.csv
    expect_line "scan.npy,0,1,32.5,7.5,32.5,7.5,V_S1,1,36,3.3851" got/objects.csv
    expect_line "scan.npy,0,2,11.5,21.5,11.5,21.5,V_S1,1,16,2.2568" got/objects.csv
    expect_text "scan.npy,0,V_S1,2,255," got/concentration.csv
    expect_text "V_S1: 2 of 255 S sites, 0.784 % (95 %: 0.0951 to 2.8 %)"
    expect_text "a quarter of a label's disc of 0.95 A radius"
    expect_text "computed whole"
    expect_file got/scan_classes.png got/scan_overlay.png got/scan_probabilities.npy
    expect_text "'shape': (1, 40, 60, 2,)" got/scan_probabilities.npy
}

test_predict_says_how_many_images_of_sub_folders_it_passes_over()
{
    write_model
    mkdir -p s/day1
    for i in s/a s/day1/b s/day1/c; do image $i.npy 20 20; done
    expect_ok "$MICA" predict model.safetensors s -o one --pixel 1A
    expect_line "note: 2 images in sub-folders are passed over; name these folders too"
    expect_ok "$MICA" predict model.safetensors s s/*/ -o all --pixel 1A
    expect_no_text "passed over"
    expect_file all/a_classes.png all/b_classes.png all/c_classes.png
    rm -r all
    expect_ok "$MICA" predict model.safetensors s -o all --pixel 1A -q
    expect_no_text "passed over"
}

# a network with weights alone: one output is a yes or no
test_one_output_without_a_word_of_its_training_is_a_yes_or_no()
{
    echo '{"mica_net": 1, "name": "n", "input": {"shape": ["H", "W", 1]}, "graph": [{"conv2d": 1, "kernel": 1, "id": "c"}]}' >n.json
    header='{"c.weight":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[0,4]},"c.bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'
    {
        printf "\\$(printf %o ${#header})\0\0\0\0\0\0\0%s" "$header"
        printf '\0\0\240\101\0\0\372\304'
    } >w.safetensors
    image scan.npy 60 40 10 20 4 30 5 6
    expect_ok "$MICA" predict n.json:w.safetensors scan.npy -o got --pixel 1A
    expect_text "they are taken as logits (sigmoid)"
    expect_text "scan.npy,0,1,32.5,7.5,32.5,7.5,class 1,1,36," got/objects.csv
    [ "$(wc -l <got/objects.csv)" = 3 ] || { cat got/objects.csv; complain "not two objects"; }
}

test_the_least_area_is_that_of_the_labels_in_training()
{
    image scan.npy 60 40 10 20 1 30 5 2
    write_model ""
    expect_ok "$MICA" predict model.safetensors scan.npy -o usual --pixel 0.5A
    expect_text "1 object of at least 0.709 A^2, a quarter of a label's disc of 0.95 A radius"
    write_model ',"mica.label_radius":"0.4"'
    expect_ok "$MICA" predict model.safetensors scan.npy -o small --pixel 0.5A
    expect_text "2 objects of at least 0.126 A^2, a quarter of a label's disc of 0.4 A radius"
}

test_areas_are_told_where_pixels_have_a_size()
{
    image scan.npy 60 40 10 20 1 30 5 2
    write_model ""
    expect_ok "$MICA" predict model.safetensors scan.npy -o bare
    expect_line "bare/objects.csv: 2 objects"
    expect_ok "$MICA" predict model.safetensors scan.npy -o few --min-pixels 3
    expect_line "few/objects.csv: 1 object of at least 3 pixels"
}

test_predict_takes_the_crystal_of_the_model()
{
    write_model ',"mica.crystal":"MoS2"'
    image scan.npy 60 40 10 20 4 30 5 6
    expect_ok "$MICA" predict model.safetensors scan.npy -o got --pixel 1A
    expect_text "threshold; background, V_S1; MoS2; pixels of"
    expect_text "scan.npy,0,V_S1,2,255," got/concentration.csv
    expect_ok "$MICA" info model.safetensors
    expect_text MoS2
    expect_ok "$MICA" predict model.safetensors scan.npy -o other --pixel 1A --crystal MoTe2
    expect_text "scan.npy,0,V_S1,2," other/concentration.csv
    ! grep -q "V_S1,2,255," other/concentration.csv || complain "--crystal does not win"
    write_model ',"mica.crystal":"MoS9"' # of a later version
    expect_ok "$MICA" predict model.safetensors scan.npy -o unknown --pixel 1A
    expect_text "counts only: --crystal MoS2 (or another) gives sites"
}

test_slow_training_on_a_simulation_stores_its_crystal()
{
    sed 's/"size": \[256, 256\]/"size": [32, 32]/' "$TOP/apps/recipes/mos2.json" >s.json
    sed 's/"layers": 1/"layers": 2/; s/"1H"/"2H"/; s/"V_S1", "V_S2"/"V_S1"/' s.json >thick.json
    echo '{"mica_run":1,"net":{"file":"resunet.json","params":{"classes":3,"width":2,"depth":1}},
        "data":{"train":{"simulation":"s.json","count":2}},
        "train":{"loss":"dice","optimizer":"adam","batch":2,"epochs":1}}' >r.json
    expect_ok "$MICA" train r.json -o run -q
    expect_ok "$MICA" simulate s.json -n 1 -o look -q
    expect_ok "$MICA" predict run/best.safetensors look/image_0000.tif -o found
    expect_text "; MoS2; pixels of"
    expect_text "a label's disc of 0.95 A radius"
    expect_no_text "counts only"
    grep -aq '"mica.label_radius":"0.95"' run/best.safetensors || complain "no radius"
    expect_ok "$MICA" train r.json -o two -q --set data.train.simulation=thick.json \
        --set net.params.classes=2
    expect_ok "$MICA" info two/best.safetensors
    expect_no_text MoS2 # sites are those of one layer
}

test_predict_gives_results_on_the_images_own_pixels()
{
    write_model
    image scan.npy 60 40 10 20 8 30 5 12
    expect_ok "$MICA" predict model.safetensors scan.npy -o got --pixel 0.25A
    expect_text "resampled from 0.25 to 0.5 A a pixel"
    expect_text "scan.npy,0,1,35.5,10.5," got/objects.csv
    expect_text "scan.npy,0,2,13.5,23.5," got/objects.csv
}

test_predict_leaves_out_what_is_told()
{
    write_model
    image scan.npy 60 40 10 20 4 30 5 6
    image scan_mask.npy 60 40 30 5 3
    LC_ALL=C tr '#' '\000' <scan_mask.npy >mask.npy && mv mask.npy scan_mask.npy
    expect_ok "$MICA" predict model.safetensors scan.npy -o all --pixel 1A --crystal MoS2 --border 0A
    expect_text "scan.npy,0,V_S1,2,278," all/concentration.csv
    expect_text ",24,0" all/concentration.csv
    expect_ok "$MICA" predict model.safetensors scan.npy -o part --pixel 1A --crystal MoS2 --border 0A --exclude '{stem}_mask.npy'
    expect_text "scan.npy,0,V_S1,2,276," part/concentration.csv
    expect_text ",23.91,0.09" part/concentration.csv
    expect_text "left out: 0.09 nm^2 (what {stem}_mask.npy names)"
    expect_ok "$MICA" predict model.safetensors scan.npy -o edges --pixel 1A --crystal MoS2 --border 9A
    expect_text "V_S1: 1 of 107 S sites"
    expect_text "; 1 more outside the analysed area"
    expect_ok "$MICA" predict model.safetensors scan.npy -o dark --pixel 1A --crystal MoS2 --vacuum 60
    expect_text "vacuum: means below 60"
    expect_ok "$MICA" predict model.safetensors scan.npy -o large --pixel 1A --min-area 20
    expect_text "1 region was too small to count"
    [ "$(wc -l <large/objects.csv)" = 2 ] || complain "not one object"
}

test_predict_of_a_stack_has_a_frame_for_each()
{
    write_model
    shape="3, 40, 60" image stack.npy 60 120 10 20 4 30 85 6
    expect_ok "$MICA" predict model.safetensors stack.npy -o got --pixel 1A --no-probabilities
    expect_text "stack.npy: 3 frames of 40 x 60 pixels of 1 A"
    expect_text "stack.npy,0,1,11.5,21.5," got/objects.csv
    expect_text "stack.npy,2,1,32.5,7.5," got/objects.csv
    expect_text "stack.npy,1,V_S1,0," got/concentration.csv
    expect_file got/stack_classes.tif got/stack_overlay/0000.png got/stack_overlay/0002.png
    [ ! -e got/stack_probabilities.npy ] || complain "probabilities were left"
}

test_predict_without_a_pixel_size_leaves_physical_columns_empty()
{
    write_model
    image scan.npy 60 40 10 20 4
    expect_ok "$MICA" predict model.safetensors scan.npy -o got --crystal MoS2
    expect_line "scan.npy,0,1,11.5,21.5,,,V_S1,1,," got/objects.csv
    expect_line "scan.npy,0,V_S1,1,,,,,," got/concentration.csv
    expect_text "the size of a pixel is unknown"
    expect_text "--pixel gives it (the model was trained with 0.5 to 2 A)"
    sed 's/\[0.5, 2\]/[2.0, 2]/' model.safetensors >one.safetensors
    expect_ok "$MICA" predict one.safetensors scan.npy -o one
    expect_text "one.safetensors: threshold; background, V_S1; pixels of 2 A"
    expect_text "--pixel gives it (the model was trained with 2 A: --pixel 2A)"
}

test_predict_takes_folders_and_keeps_names_apart()
{
    write_model
    mkdir a b
    image a/scan.npy 20 20 5 5 4
    image b/scan.npy 20 20 5 5 4
    image b/other.npy 20 20
    echo text >b/notes.txt
    expect_ok "$MICA" predict model.safetensors a b -o got --pixel 1A
    expect_file got/a_scan.npy_classes.png got/b_scan.npy_classes.png got/b_other.npy_classes.png
    expect_text "a/scan.npy,0,1," got/objects.csv
    expect_text "b/scan.npy,0,1," got/objects.csv
    expect_exit 2 "$MICA" predict model.safetensors a/scan.npy a/scan.npy -o twice
    expect_text "the same image is given twice"
}

test_predict_goes_on_after_an_image_that_cannot_be_read()
{
    write_model
    image good.npy 20 20 5 5 4
    echo nonsense >bad.npy
    expect_exit 1 "$MICA" predict model.safetensors bad.npy good.npy -o got --pixel 1A
    expect_text "bad.npy: "
    expect_text "good.npy,0,1," got/objects.csv
    expect_exit 1 "$MICA" predict model.safetensors nope.npy 'no*.png' good.npy -o rest --pixel 1A
    expect_line "nope.npy: there is no such file or folder"
    expect_text "no*.png: no file fits"
    expect_text "good.npy,0,1," rest/objects.csv
    expect_exit 1 "$MICA" predict model.safetensors nope.npy -o none --pixel 1A
    expect_exit 1 "$MICA" predict model.safetensors bad.npy -o none --pixel 1A
    [ ! -e none ] || complain "something was left: $(find none)"
    shape="2, 20, 20" image stack.npy 20 40 5 5 4
    expect_exit 1 "$MICA" predict model.safetensors stack.npy -o none --pixel 1A --mem 10k
    [ ! -e none ] || complain "of a stack something was left: $(find none)"
}

test_predict_tiles_where_memory_is_short()
{
    write_model
    image scan.npy 700 600 100 200 40 600 500 33
    expect_ok "$MICA" predict model.safetensors scan.npy -o whole --pixel 1A
    expect_text "computed whole"
    expect_ok "$MICA" predict model.safetensors scan.npy -o tiled --pixel 1A --mem 21M
    expect_text "tiles of"
    cmp whole/scan_probabilities.npy tiled/scan_probabilities.npy || complain "not the same bits"
    cmp whole/objects.csv tiled/objects.csv || complain "not the same objects"
    expect_exit 1 "$MICA" predict model.safetensors scan.npy -o none --mem 1M
    expect_text "scan.npy: 600 x 700 pixels need at least"
}

test_predict_tells_what_is_wrong()
{
    write_model
    image scan.npy 20 20 5 5 4
    expect_exit 2 "$MICA" predict model.safetensors scan.npy
    expect_line "mica predict: --output DIR is missing: where do the results go?"
    expect_exit 1 "$MICA" predict model.safetensors nothing.tif -o got
    expect_line "nothing.tif: there is no such file or folder"
    expect_exit 2 "$MICA" predict model.safetensors scan.npy -o got --crystal MoS
    expect_text "no crystal is called 'MoS'; there are MoS2"
    expect_exit 1 "$MICA" predict model.safetensors scan.npy -o got --pixel 20A
    expect_text "a pixel of 20 A is 10 times the largest that the model knows (2 A)"
    mkdir full && echo mine >full/notes
    expect_exit 2 "$MICA" predict model.safetensors scan.npy -o full
    expect_line "full: has files already; --force writes beside them, -o names another folder"
    expect_ok "$MICA" predict model.safetensors scan.npy -o full --force
    expect_file full/objects.csv full/notes
    expect_ok "$MICA" predict -h
    expect_text "--mem SIZE"
}

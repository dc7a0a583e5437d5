# simulate.sh - mica simulate: what it leaves, that it repeats, what it refuses

simulate()
{
    run "$MICA" simulate mos2.json --set 'size=[48,64]' "$@"
}

test_simulate_leaves_the_files_of_each_sample()
{
    simulate -n 2 -o made --quiet
    [ "$code" = 0 ] || { cat err; complain "exit code $code"; }
    [ ! -s out ] && [ ! -s err ] || complain "--quiet says something"
    for number in 0000 0001; do
        expect_file made/image_$number.npy made/image_$number.tif \
            made/labels_$number.png made/atoms_$number.csv made/sample_$number.json
    done
    expect_file made/contact.png
    [ "$(ls made | wc -l)" = 11 ] || complain "other files: $(ls made)"
    expect_line id,element,x_A,y_A,z_A,x_px,y_px,column,site,label made/atoms_0000.csv
    [ "$(awk -F, 'NF != 10' made/atoms_0000.csv)" = "" ] || complain "rows differ in length"
    expect_text '"electrons_per_pixel":' made/sample_0001.json
    expect_text '"index":	1' made/sample_0001.json
}

test_simulate_says_what_it_made_and_where()
{
    simulate -n 1 -o made
    expect_line "made: 1 image of 48 x 64 pixels, 0.06 to 0.24 A a pixel; labels: 0 background, 1 V_S1, 2 V_S2"
    expect_text "simulate: 1 of 1 images"
}

test_simulate_gives_the_same_bytes_for_any_number_of_threads()
{
    simulate -n 3 -o one --threads 1
    simulate -n 3 -o two --threads 2
    diff -r one two || complain "files differ"
    simulate -n 2 -o fewer --threads 2
    cmp one/image_0001.npy fewer/image_0001.npy || complain "a sample depends on the others"
}

test_simulate_takes_a_seed_and_values()
{
    simulate -n 1 -o first
    simulate -n 1 -o other --seed 2
    cmp -s first/image_0000.npy other/image_0000.npy && complain "the seed changes nothing"
    simulate -n 1 -o same --seed 1
    diff -r first same || complain "the specification's seed is 1"
    simulate -n 1 -o fine --set 'pixel="0.05 A"'
    expect_text '"pixel":	"0.05 A"' fine/sample_0000.json
}

test_simulate_refuses_a_folder_that_has_files()
{
    mkdir made && echo mine >made/notes
    simulate -n 1 -o made
    [ "$code" = 2 ] || complain "exit code $code"
    expect_line "made: has files already; --force writes beside them, -o names another folder"
    [ "$(ls made)" = notes ] || complain "it wrote"
    simulate -n 1 -o made --force
    [ "$code" = 0 ] || complain "--force: exit code $code"
    expect_line mine made/notes
    expect_file made/image_0000.npy
}

test_simulate_warns_of_the_models_limits_once()
{
    simulate -n 3 -o made --set column_coherence=0 \
        --set 'microscope.detectors.0.inner="50 mrad"'
    [ "$(grep -c '^note: ' err)" = 1 ] || { cat err; complain "not one note"; }
    expect_text "column_coherence"
}

test_simulate_tells_what_is_wrong()
{
    expect_exit 2 "$MICA" simulate mos2.json
    expect_text "--output is missing"
    expect_exit 2 "$MICA" simulate mos2_vacancy.json -o made
    expect_text "is a recipe, which mica train takes"
    expect_exit 2 "$MICA" simulate "$TOP/nets/resunet.json" -o made
    expect_exit 2 "$MICA" simulate mos2.json -o made --set pixels=1
    expect_text "unknown key 'pixels'"
    expect_exit 2 "$MICA" simulate mos2.json -o made --set pixel
    expect_text "must be PATH=VALUE, not 'pixel'"
    expect_exit 2 "$MICA" simulate mos2.json -o made -n 0
    expect_text "--number must be"
    expect_exit 1 "$MICA" simulate no_such.json -o made
    expect_text "no_such.json: there is no such file"
    [ ! -e made ] || complain "it made a folder all the same"
}

# evaluate.sh - mica evaluate against truths that are known by hand

# discs : four discs of .4 A, bright on dark, their places, and a network that sees just these
discs()
{
    { printf 'P5\n48 48\n255\n'
      awk 'BEGIN {
          for (y = 0; y < 48; y++) for (x = 0; x < 48; x++) {
              on = 0
              for (j = 14; j < 48; j += 18) for (i = 14; i < 48; i += 18)
                  if ((x - i) ^ 2 + (y - j) ^ 2 <= 16) on = 1
              printf "%d", on } }' | tr 01 '\000\377'; } >discs.pgm
    printf 'image,x,y,label\ndiscs,14,14,V\ndiscs,32,14,V\ndiscs,14,32,V\ndiscs,32,32,V\n' >p.csv
    echo '{"mica_net":1,"name":"n","input":{"shape":["H","W",1]},"graph":[{"conv2d":2,"kernel":1,"id":"a"}]}' >n.json
    header='{"a.weight":{"dtype":"F32","shape":[2,1,1,1],"data_offsets":[0,8]},"a.bias":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}'
    { printf "\\$(printf %o ${#header})\0\0\0\0\0\0\0%s" "$header"
      printf '\000\000\200\277\000\000\200\077\0\0\0\0\0\0\0\0'; } >seen.safetensors
    data='{ "images": "discs.pgm", "pixel": "0.1 A", "points": "p.csv", "radius": "'$1'" }'
    cat >r.json <<R
{ "mica_run": 1, "net": "n.json", "data": { "train": $data, "validation": $data },
  "train": { "loss": "cross_entropy", "optimizer": "sgd", "epochs": 1 } }
R
}

test_objects_match_within_the_radius_of_their_labels()
{
    discs '0.4 A'
    expect_ok "$MICA" evaluate n.json:seen.safetensors r.json -o e
    expect_text "objects within 0.4 A of the truth"
    expect_line 0.1,0,0.1,V,4,0,0,1,1,1,0, e/objects_by_carbon.csv
    discs '4 px'
    expect_ok "$MICA" evaluate n.json:seen.safetensors r.json
    expect_text "objects by area"
    expect_ok "$MICA" evaluate n.json:seen.safetensors r.json --radius 0.5A
    expect_text "objects within 0.5 A of the truth"
}

# what counts is as large as before, however far a match may be
test_a_wider_search_makes_no_object_larger()
{
    discs '0.4 A'
    expect_ok "$MICA" evaluate n.json:seen.safetensors r.json --radius 2A -o e
    grep -q '"smallest_A2":.*0.12566' e/metrics.json || complain "the least area is not the labels'"
}

test_any_number_of_panels_may_be_asked_for()
{
    discs '0.4 A'
    expect_ok "$MICA" evaluate n.json:seen.safetensors r.json -o e -q --pictures 2000
    expect_file e/panels_0000.png
}

# objects.sh - mica evaluate where objects match by their area

# squares AT... : an image of 16 x 16 whose squares of 4 x 4 at these pixels are 200, 201, ...
squares()
{
    printf "$(awk -v at="$*" 'BEGIN {
        n = split(at, first, " ")
        printf "P5\\n16 16\\n255\\n"
        for (i = 0; i < 256; i++) {
            value = 0
            for (k = 1; k <= n; k++) {
                y = int(i / 16) - int(first[k] / 16); x = i % 16 - first[k] % 16
                if (y >= 0 && y < 4 && x >= 0 && x < 4) value = 200 + k
            }
            printf "\\%03o", value
        } }')"
}

test_slow_objects_without_a_pixel_size_match_by_area()
{
    squares 17 136 >a.pgm
    squares 17 24 136 >b.pgm
    cat >n.json <<'N'
{ "mica_net": 1, "name": "threshold", "input": { "shape": ["H", "W", 1] },
  "graph": [ { "conv2d": 2, "kernel": 1, "id": "logits" } ] }
N
    cat >r.json <<'R'
{ "mica_run": 1, "net": "n.json",
  "data": { "train": { "images": "a.pgm", "instances": "a.pgm", "border": 0, "name": "square" },
            "validation": { "images": "b.pgm", "instances": "a.pgm", "border": 0, "name": "square" } },
  "train": { "loss": "cross_entropy", "optimizer": { "adam": 0.2 }, "batch": 1, "epochs": 40 } }
R
    expect_ok "$MICA" train r.json -o run -q
    expect_ok "$MICA" evaluate run/last.safetensors r.json -o e
    expect_text "objects by area: connected regions"
    expect_text "  square                             0.667     1.000     0.800     1.000     0.800        2"
    for figure in '"right":	2' '"missed":	0' '"wrong":	1' '"mean_iou":	1,' '"panoptic_quality":	0.8$'; do
        grep -A 10 objects_by_area e/metrics.json | grep -q "$figure" || complain "no $figure: $(cat e/metrics.json)"
    done
    [ ! -e e/objects_by_carbon.csv ] || complain "a table of objects by distance"
}

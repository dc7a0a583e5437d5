# spectra.sh - conv1d and maxpool1d from an array of spectra to predicted classes

# number(low, high): whole numbers from low to high - 1, the same from every awk
draw='function number(low, high) {
    state = (state * 16807) % 2147483647
    return low + int(state / 2147483647 * (high - low))
}'

# 240 spectra of 64 points in counts of 0 to 255 (spectra.npy, NumPy's bytes), noise and one
# peak somewhere: sharp, broad, or two sharp ones side by side. Where it is tells nothing.
spectra()
{
    header="{'descr': '|u1', 'fortran_order': False, 'shape': (240, 64), }"
    { printf '\223NUMPY\1\0v\0%-117s\n' "$header"
      printf "$(awk "$draw"'BEGIN {
          state = 1
          print "label" >"labels.csv"
          for (n = 0; n < 240; n++) {
              kind = number(0, 3)
              print kind == 0 ? "sharp" : kind == 1 ? "broad" : "double" >"labels.csv"
              middle = number(10, 54)
              for (i = 0; i < 64; i++) {
                  d = i - middle
                  y = kind == 1 ? exp(-d * d / 32) : exp(-d * d / 2)
                  if (kind == 2) y += exp(-(d - 6) ^ 2 / 2)
                  printf "\\%03o", 20 + 150 * y + number(0, 40)
              }
          }
      }')"
    } >spectra.npy
    cat >net.json <<'N'
{ "mica_net": 1, "name": "peaks", "input": { "shape": [64, 1] },
  "graph": [ { "conv1d": 8, "kernel": 5, "id": "conv1" }, "relu", { "maxpool1d": 2 },
             { "conv1d": 16, "kernel": 5, "id": "conv2" }, "relu", { "maxpool1d": 2 },
             "global_average_pool", { "linear": 3, "id": "logits" } ] }
N
    cat >r.json <<'R'
{ "mica_run": 1, "net": "net.json", "normalise": "standardise",
  "data": { "arrays": "spectra.npy", "axes": "NL", "labels": "labels.csv",
            "split": { "validation": 0.25, "stratified": true, "seed": 2 } },
  "train": { "loss": "cross_entropy", "optimizer": { "adam": 0.01 }, "batch": 12,
             "epochs": 20, "seed": 1 } }
R
}

test_slow_a_network_learns_the_shape_of_peaks()
{
    spectra
    expect_ok "$MICA" train r.json -o run
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "val_accuracy") column = i }
             NR == 2 { first = $column } { last = $column }
             END { exit !(column && first < 0.8 && last > 0.9) }' run/log.csv ||
        complain "the accuracy does not rise above .9: $(cat run/log.csv)"
    expect_ok "$MICA" evaluate run/best.safetensors r.json -o e
    expect_text "truth (rows) as predicted"
    expect_ok "$MICA" predict run/best.safetensors spectra.npy -o p
    sed 1d labels.csv >truth
    sed 1d p/classes.csv | paste -d, - truth >both
    awk -F, '{ n++; right += $3 == $NF } END { exit !(n == 240 && right > 216) }' both ||
        complain "fewer than 9 of 10 are right: $(head -3 both)"
    "$MICA" train r.json -o again -q --threads 1
    cmp run/best.safetensors again/best.safetensors || complain "it does not repeat"
}

#!/bin/sh
# demo.sh - the main job from end to end: simulate, train, evaluate, predict, look
#   MICA=./mica sh apps/demo.sh FOLDER     (make demo runs it; a few minutes on two cores)
set -eu

mica=${MICA:-mica}
out=${1:-demo}
unseen=$(cd "$(dirname "$0")/.." && pwd)/tests/data/mos2_eval.json
mark=$out/.made-by-mica-demo
began=$(date +%s)

say() { printf '\n== %s\n' "$*"; }

# begin anew, but delete only what an earlier demo made
if [ -e "$out" ] && [ ! -e "$mark" ]; then
    echo "demo.sh: $out: exists and was not made by the demo; name another folder" >&2
    exit 1
fi
rm -rf "$out"
mkdir -p "$out"
: >"$mark"

say "1 of 4: simulate STEM images of MoS2 with sulphur vacancies"
"$mica" simulate mos2.json -n 6 -o "$out/simulated"

say "2 of 4: train a small ResUNet to find them; every image is a new one"
"$mica" train mos2_vacancy_small.json -o "$out/run"
model=$out/run/best.safetensors

say "3 of 4: evaluate it on 60 images that it has never seen"
"$mica" evaluate "$model" "$unseen" -n 60 --pictures 4 -o "$out/evaluation"

say "4 of 4: predict, as with images of one's own: two larger unseen ones"
"$mica" simulate "$unseen" -n 2 --seed 7 --set size=512 --set pixel="0.12 A" \
    -o "$out/unseen"
"$mica" predict "$model" "$out/unseen/image_0000.tif" "$out/unseen/image_0001.tif" \
    --crystal MoS2 -o "$out/predicted"

took=$(($(date +%s) - began))
say "done in $((took / 60)) min $((took % 60)) s. Look at"
cat <<END
$out/simulated/contact.png              the simulated images and their labels
$out/run/loss.png, accuracy.png         how training went
$out/evaluation/panels_0000.png         image | truth | prediction; 4 unseen images
$out/evaluation/confusion.png           which pixels were taken for which
$out/evaluation/objects_by_carbon.csv   precision, recall, F1 by pixel size and carbon
$out/evaluation/metrics.json            the same for programs; the counting limit beside
$out/predicted/image_0000_overlay.png   the vacancies found, with a scale bar
$out/predicted/objects.csv              each vacancy with its place and size
$out/predicted/concentration.csv        vacancies per sulphur column, 95 % interval;
                                        simulated with 3 % of V_S1 and 1 % of V_S2

Your own images: $mica predict $model scan.tif --crystal MoS2 -o out
Step by step:    docs/tutorials/first-model.md
END

#!/bin/sh
# demo.sh - the main job from end to end: simulate, train, evaluate, predict, look
#   MICA=./mica sh apps/demo.sh FOLDER     (make demo runs it; a few minutes on two cores)
set -eu

mica=${MICA:-mica}
out=${1:-demo}
here=$(cd "$(dirname "$0")/.." && pwd)
mark=$out/.made-by-mica-demo

say() { printf '\n== %s\n' "$*"; }

# begin anew, but delete only what an earlier demo made
if [ -e "$out" ] && [ ! -e "$mark" ]; then
    echo "demo.sh: $out: exists and was not made by the demo; name another folder" >&2
    exit 1
fi
rm -rf "$out"
mkdir -p "$out"
: > "$mark"

say "1 of 4: simulate STEM images of MoS2 with sulphur vacancies"
"$mica" simulate mos2.json -n 6 -o "$out/simulated" -q

say "2 of 4: train a small ResUNet to find them"
"$mica" train mos2_vacancy_small.json -o "$out/run"
model=$out/run/best.safetensors

say "3 of 4: evaluate it on images that it has never seen"
"$mica" evaluate "$model" "$here/tests/data/mos2_eval.json" -n 60 --pictures 4 \
    -o "$out/evaluation"

say "4 of 4: predict, as with images of one's own"
"$mica" predict "$model" "$out/simulated/image_0000.tif" "$out/simulated/image_0001.tif" \
    --crystal MoS2 -o "$out/predicted"

say "done. Look at"
cat <<TXT
$out/simulated/contact.png           the simulated images and their labels
$out/run/loss.png                    the training curves
$out/run/accuracy.png                ... accuracy beside calling everything background
$out/evaluation/panels_0000.png      image | truth | prediction, unseen images
$out/evaluation/metrics.json         precision, recall, F1; the counting limit beside
$out/predicted/                      overlays with scale bars, class maps
$out/predicted/objects.csv           each vacancy with its place and size
$out/predicted/concentration.csv     vacancies per sulphur column, with 95 % interval
TXT

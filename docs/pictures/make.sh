#!/bin/sh
# make.sh - the pictures of the pages, from what a demo left: make.sh MICA DEMO
#   sh docs/pictures/make.sh ./mica demo       all of them show simulated data
set -eu

here=$(cd "$(dirname "$0")" && pwd)
mica=$1 run=$2/run
unseen=$here/../../tests/data/mos2_eval.json
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# small images keep the files small
sed 's/"pixel": .*/"pixel": "0.18 A", "size": [128, 256],/' "$unseen" >"$scratch/small.json"
"$mica" evaluate "$run/best.safetensors" "$scratch/small.json" -n 1 --pictures 1 \
    -o "$scratch/measured" -q
"$mica" simulate mos2.json -n 2 --set size=128 -o "$scratch/simulated" -q

cp "$scratch/measured/panels_0000.png" "$here/vacancies.png"
cp "$scratch/simulated/contact.png" "$here/simulated.png"
cp "$run/accuracy.svg" "$here"
"$mica" net resunet.json --level 1 --svg >"$here/resunet.svg"
"$mica" augment mos2_vacancy_small.json -n 3 --columns 4 --side 80 -o "$here/augment.png" \
    --set 'augment=["dihedral", {"rotation": {"uniform": ["-30 deg", "30 deg"]}},
{"scale": {"log_uniform": [0.7, 1.4]}}, {"shift": 20}, {"elastic": {"rms": 3}},
{"gamma": {"log_uniform": [0.5, 2]}}, {"noise": {"uniform": [0, 0.2]}},
{"blur": {"uniform": [0, 3]}}, {"gain": {"uniform": [0.5, 2]}}, {"offset": {"uniform": [-1, 1]}},
{"cutout": {"side": 30, "count": 3}}]'

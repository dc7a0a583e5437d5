#!/bin/sh
# tables.sh - every table of docs/explanation/performance.md, one file each, on a machine
# that should be idle: hours. What is there already is left alone, so that it can go on.
# usage: tables.sh PYTHON MICA FOLDER [ROUNDS] ; TORCH_OPTIONS= leaves out that PyTorch is
# compiled, which takes minutes a row

python=$1 mica=$2 folder=$3 rounds=${4:-5}
here=$(dirname "$0")
mkdir -p "$folder"

# table NAME SCRIPT ARGUMENT... : into FOLDER/NAME.md; half a table is made again
table()
{
    name=$1 script=$2
    shift 2
    [ ! -e "$folder/$name.md" ] || return 0
    rm -f "$folder/$name.half"
    echo "== $name"
    "$python" "$here/$script" "$mica" --output "$folder/$name.half" "$@" || failed="$failed $name"
    mv "$folder/$name.half" "$folder/$name.md"
}

torch=${TORCH_OPTIONS---compile} failed=
table training vs_pytorch.py --modes train --rounds "$rounds" $torch
table prediction_pytorch vs_pytorch.py --modes predict --rounds "$rounds" $torch
table prediction vs_predictors.py --rounds "$rounds"
table start_to_files start_to_files.py --rounds "$rounds"
table convolutions convolutions.py --rounds "$rounds"
table threads threads.py --rounds "$rounds"
# mica's usual set of instructions, if it is another than AVX2: that one beside it
case $("$mica" bench --rounds 1 --match "512 to 1000" | head -n 1) in
*'"set": "avx512"'*)
    MICA_ISA=avx2
    export MICA_ISA
    table prediction_avx2 vs_predictors.py --rounds "$rounds"
    ;;
esac
[ -z "$failed" ] || { echo "with rows that failed:$failed" >&2; exit 1; }

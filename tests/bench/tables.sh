#!/bin/sh
# tables.sh - every table of docs/explanation/performance.md, one file each, on a machine
# that should be idle: hours. What is there already is left alone, so that it can go on.
# usage: tables.sh PYTHON MICA FOLDER [ROUNDS]

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

failed=
table training vs_pytorch.py --modes train --rounds "$rounds"
table prediction_pytorch vs_pytorch.py --modes predict --rounds "$rounds"
table prediction vs_predictors.py --rounds "$rounds"
table start_to_files start_to_files.py --rounds "$rounds"
table convolutions convolutions.py --rounds "$rounds"
table threads threads.py --rounds "$rounds"
MICA_ISA=avx2
export MICA_ISA
if [ "$("$mica" bench --rounds 1 --match "512 to 1000" | sed -n 's/.*"set": "\([a-z0-9]*\)".*/\1/p' | head -n 1)" = avx2 ]; then
    table prediction_avx2 vs_predictors.py --rounds "$rounds"
fi
[ -z "$failed" ] || { echo "with rows that failed:$failed" >&2; exit 1; }

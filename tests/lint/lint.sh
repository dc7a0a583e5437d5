#!/bin/sh
# lint.sh - runs every script beside it; each prints "path:line: what is wrong".
# Run by make lint, which sets TOP (the sources), CC and FLAGS; stands in the
# build folder.

BUILD=$PWD
TOP=$(cd "$TOP" && pwd)
export BUILD TOP CC FLAGS LC_ALL=C
wrong=0
for script in "$TOP"/tests/lint/*.sh; do
    [ "${script##*/}" != lint.sh ] || continue
    sh "$script" || { wrong=1; echo "lint: ${script##*/} found something" >&2; }
done
exit $wrong

#!/bin/sh
# instructions.sh - instructions of the hot kernels, under callgrind, for the generic and
# the AVX2 set, as the table that instructions.txt keeps: compiler first, then set, kernel,
# count.
# usage: instructions.sh PROGRAM [WORD] : PROGRAM is build/bench_instructions; of all
# kernels those that have WORD in their name

program=$1
echo "# $("$program" | head -n 1)"
for set in generic avx2; do
    for kernel in $("$program" | sed 1d | grep -e "$2"); do
        count=$(MICA_ISA=$set valgrind --tool=callgrind --toggle-collect=counted \
            --callgrind-out-file=/dev/null "$program" "$kernel" 2>&1 |
            sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p')
        [ "${count:-0}" -gt 0 ] || { echo "$set $kernel: nothing was counted" >&2; exit 1; }
        echo "$set $kernel $count"
    done
done

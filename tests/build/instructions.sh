# instructions.sh - the hot kernels take as many instructions as tests/bench/instructions.txt
# says; `make counts` writes that file anew

# compare KNOWN FOUND : lines "set kernel count"; each is within 5 % of the known one
compare()
{
    awk 'NR == FNR { known[$1 " " $2] = $3; next }
        /^#/ { next }
        { name = $1 " " $2; change = known[name] ? 100 * ($3 / known[name] - 1) : 0 }
        !known[name] { print name ": is not in the table"; bad = 1 }
        change > 5 || change < -5 {
            printf "%s: %d instructions, %+.1f %%\n", name, $3, change; bad = 1 }
        { delete known[name] }
        END { for (name in known) if (name !~ /^#/) { print name ": was not counted"; bad = 1 }
              exit bad }' "$1" "$2" ||
        complain "if that is meant: make counts, and commit tests/bench/instructions.txt"
}

test_counts_that_change_are_noticed()
{
    printf '# gcc 12\navx2 a 1000\navx2 b 1000\n' >known
    printf '# gcc 12\navx2 a 1049\navx2 b 951\n' >near
    printf '# gcc 12\navx2 a 1051\navx2 b 1000\n' >far
    printf '# gcc 12\navx2 a 1000\n' >fewer
    printf '# gcc 12\navx2 a 1000\navx2 b 1000\navx2 c 1\n' >more
    compare known near
    for other in far fewer more; do
        (compare known $other) >said && complain "$other: is not noticed"
    done
    return 0
}

test_long_hot_kernels_take_no_more_instructions()
{
    program=$BUILD/build/bench_instructions
    table=$TOP/tests/bench/instructions.txt
    command -v valgrind >valgrind || skip "there is no valgrind"
    [ -x "$program" ] || skip "there is no $program"
    compiler="# $("$program" | head -n 1)"
    [ "$compiler" = "$(head -n 1 "$table")" ] ||
        skip "the table is of $(head -n 1 "$table"), this is $compiler"
    sh "$TOP/tests/bench/instructions.sh" "$program" >found || complain "cannot count"
    compare "$table" found
}

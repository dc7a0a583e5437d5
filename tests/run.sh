#!/bin/sh
# run.sh - runs the test programs and the shell tests of a build folder; the
# last line is "N passed, N failed, N skipped".
# usage, in the build folder: run.sh check|check-fast|check-long TOP [WORD]...

level=$1
top=$(cd "$2" && pwd)
shift 2
case $level in
check-fast) option=--fast ;;
check) option= ;;
check-long) option=--long ;;
esac

logs=$PWD/build/logs
rm -rf "$logs"
mkdir -p "$logs"
TMPDIR=$(mktemp -d) || exit 1
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM
export TMPDIR

# threads that spin while they wait make a shared machine crawl
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

total_passed=0 total_failed=0 total_skipped=0

# suite NAME COMMAND... : the command writes "PASSED FAILED SKIPPED" to $counts
suite()
{
    name=$1
    shift
    counts=$TMPDIR/counts
    rm -f "$counts"
    began=$(date +%s)
    "$@" >"$logs/$name.log" 2>&1
    code=$?
    if [ ! -s "$counts" ]; then
        tail -n 40 "$logs/$name.log"
        echo "$name: ended with $code in the middle of a test"
        echo "0 1 0" >"$counts"
    elif [ $code != 0 ]; then
        grep -v -e '^\[ RUN ' -e "^\\[ *OK " "$logs/$name.log"
    else
        grep -e '^skipped: ' -e '^slow: ' "$logs/$name.log"
    fi
    read -r passed failed skipped <"$counts"
    [ "$code" = 0 ] || [ "$failed" != 0 ] || failed=1
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + skipped))
    printf '%-12s %4d passed, %d failed, %d skipped, %d s\n' "$name:" "$passed" \
        "$failed" "$skipped" $(($(date +%s) - began))
}

for program in build/test-*; do
    [ ! -x "$program" ] ||
        suite "${program#build/test-}" "$program" $option --counts "$TMPDIR/counts" "$@"
done

for program in build/fuzz_*; do
    name=${program#build/fuzz_}
    [ ! -x "$program" ] || [ $# != 0 ] ||
        suite "fuzz-$name" "$program" --counts "$TMPDIR/counts" \
            "$top/tests/fuzz/corpus/$name"
done

for folder in build cli; do
    [ $folder = build ] || [ -x mica ] || continue
    for script in "$top/tests/$folder"/*.sh; do
        [ "${script##*/}" != lib.sh ] && [ -e "$script" ] || continue
        name=${script##*/}
        MICA=$PWD/mica BUILD=$PWD TOP=$top suite "$folder-${name%.sh}" \
            sh "$top/tests/cli/lib.sh" $option --counts "$TMPDIR/counts" "$script" "$@"
    done
done

echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ $total_failed = 0 ]

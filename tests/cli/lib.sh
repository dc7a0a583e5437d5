#!/bin/sh
# lib.sh - runs the shell tests of one file. A test is a function test_NAME; it
# runs in an empty folder of its own, with MICA (the program), TOP (the sources)
# and BUILD (the build folder) set. test_slow_NAME is left out of check-fast,
# test_long_NAME runs in check-long only.
# usage: MICA=./mica sh tests/cli/lib.sh [--fast|--long] [--counts FILE] FILE [WORD]...

complain()
{
    printf '%s: %s: %s\n' "${script##*/}" "$test" "$*"
    exit 1
}

# run COMMAND... : leaves its output in the files out and err, its code in $code
run()
{
    "$@" >out 2>err
    code=$?
}

# expect_ok COMMAND... : exits with 0
expect_ok()
{
    expect_exit 0 "$@"
}

# expect_exit CODE COMMAND...
expect_exit()
{
    expected_code=$1
    shift
    run "$@"
    [ "$code" = "$expected_code" ] && return
    cat out err
    complain "'$*' exited with $code, not $expected_code"
}

# expect_line TEXT [FILE] : a line of the last command's output (or of the file)
# is exactly TEXT
expect_line()
{
    cat "${2:-out}" $([ $# -gt 1 ] || echo err) | grep -Fxq -e "$1" && return
    cat "${2:-out}" $([ $# -gt 1 ] || echo err)
    complain "there is no line '$1'"
}

# expect_text TEXT [FILE] : as expect_line; TEXT is anywhere in a line
expect_text()
{
    cat "${2:-out}" $([ $# -gt 1 ] || echo err) | grep -Fq -e "$1" && return
    cat "${2:-out}" $([ $# -gt 1 ] || echo err)
    complain "there is no '$1'"
}

# expect_no_text TEXT
expect_no_text()
{
    ! cat out err | grep -F -e "$1" || complain "there is '$1'"
}

# expect_file FILE... : is there and not empty
expect_file()
{
    for f; do [ -s "$f" ] || complain "there is no file '$f', or it is empty"; done
}

# skip WHY : ends the test
skip()
{
    echo "skipped: $test: $*"
    exit 77
}

level=check
counts=/dev/null
while :; do
    case $1 in
    --fast) level=fast ;;
    --long) level=long ;;
    --counts) counts=$2; shift ;;
    *) break ;;
    esac
    shift
done
script=$1
shift
. "$script"

chosen()
{
    case $level.$test in
    fast.test_slow_* | fast.test_long_* | check.test_long_*) return 1 ;;
    esac
    [ $# != 0 ] || return 0
    for word; do
        case $script.$test in *"$word"*) return 0 ;; esac
    done
    return 1
}

home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0 skipped=0
for test in $(sed -n 's/^\(test_[a-z0-9_]*\) *().*/\1/p' "$script"); do
    chosen "$@" || continue
    mkdir "$home/$test"
    (cd "$home/$test" && { $test; exit 0; })
    case $? in
    0) passed=$((passed + 1)); echo "[ OK ] $test" ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)); echo "failed: $test" ;;
    esac
    rm -rf "${home:?}/$test"
done
echo "$passed $failed $skipped" >"$counts"
echo "${script##*/}: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]

#!/bin/sh
# docs.sh - links between pages lead somewhere; commands and options that pages show exist

cd "$TOP" || exit 1
pages=$(git ls-files '*.md' 2>/dev/null)
[ -n "$pages" ] || pages=$(find . -name '*.md' -type f | sed 's|^\./||')
wrong=0

say()
{
    echo "$*"
    wrong=1
}

# [text](target): a file or folder seen from the page, a # and what follows left out
for page in $pages; do
    for link in $(grep -no '](\([^)]*\))' "$page" | sed 's/](\(.*\))$/\1/'); do
        target=${link#*:} line=${link%%:*}
        target=${target%%#*}
        case $target in http* | mailto:* | '') continue ;; esac
        [ -e "$(dirname "$page")/$target" ] || say "$page:$line: there is no $target"
    done
done

# `mica NAME ...` and, indented by four blanks, mica NAME ... or ./mica NAME ...
[ -x "$BUILD/mica" ] || exit $wrong
help=$(mktemp -d) || exit 1
trap 'rm -rf "$help"' EXIT
"$BUILD/mica" -h | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' >"$help/commands"
while read -r name; do
    "$BUILD/mica" "$name" -h >"$help/of_$name"
done <"$help/commands"

grep -nE -o '(`|^    (\./)?)mica [a-z]+[^`#$]*' $pages /dev/null | sed 's/[`]//; s|\./mica|mica|' |
    sed 's/:  *mica/:mica/' >"$help/shown"
while IFS=: read -r page line shown; do
    name=$(expr "$shown" : 'mica \([a-z]*\)')
    grep -qx "$name" "$help/commands" ||
        { say "$page:$line: there is no command '$name'"; continue; }
    for option in $(echo "$shown" | grep -oE '(^| |\[)--?[a-z][a-z-]*' | tr -d ' ['); do
        case $option in --help | -h) continue ;; esac
        grep -qE "(^|[ ,])$option( |,|\$)" "$help/of_$name" ||
            say "$page:$line: mica $name has no option $option"
    done
done <"$help/shown"
exit $wrong

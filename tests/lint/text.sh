#!/bin/sh
# text.sh - what no text of the tree may hold, and how a source begins

cd "$TOP" || exit 1
files=$(git ls-files 2>/dev/null | grep -vE '\.(png|tif|tiff|npy|safetensors|jpg|gif|bmp|dm3|dm4|mrc|h5)$|^tests/(fuzz/corpus|data|golden)/')
[ -n "$files" ] || files=$(find core layers optim datasets nets apps tests docs -type f -name '*.[chs1jm]*')
wrong=0

# found WHAT PATTERN : the pattern is nowhere
found()
{
    # shellcheck disable=SC2086
    hits=$(grep -nIE -e "$2" $files /dev/null) || return
    echo "$hits" | sed "s/^\([^:]*:[0-9]*:\).*/\1 $1/"
    wrong=1
}

found "unfinished work is written down elsewhere" '\b(TO''DO|FIX''ME|XX''X)\b'
found "a path of one machine" '(^|[^a-z.$}])/(home|root|work|Users|scratch)/[a-z]'
found "blanks at the end of the line" '[[:blank:]]$'

for f in $(echo "$files" | grep '\.[ch]$'); do
    [ -e "$f" ] || continue
    head -n 1 "$f" | grep -q "^/\* ${f##*/} - " ||
        { echo "$f:1: the first line should be '/* ${f##*/} - what it is'"; wrong=1; }
done
exit $wrong

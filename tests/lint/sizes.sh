#!/bin/sh
# sizes.sh - files of at most 600 lines, functions of at most 80 (kernels 120)

cd "$TOP" || exit 1
find core layers optim datasets nets apps tests -name '*.[ch]' 2>/dev/null | sort |
    xargs awk '
function file_end() {
    if (lines > 600) { print file ":" lines ": the file has more than 600 lines"; bad = 1 }
}
FNR == 1 { file_end(); file = FILENAME; start = 0 }
{ lines = FNR }
/^\{/ { start = FNR }
/^\}/ && start {
    most = FILENAME ~ /^core\/kernels\// ? 120 : 80
    if (FNR - start - 1 > most) {
        print FILENAME ":" start ": the function has " FNR - start - 1 " lines, more than " most
        bad = 1
    }
    start = 0
}
END { file_end(); exit bad }' /dev/null

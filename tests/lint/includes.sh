#!/bin/sh
# includes.sh - who may include whom, as the table in
# docs/explanation/architecture.md says; and libraries only where they belong.

cd "$TOP" || exit 1

# "FOLDER may include: FOLDER..." -> FOLDER=FOLDER...
table=$(sed -n '/ may include: /{ s/\([a-z]*\) may include: */\
\1=/g; p; }' docs/explanation/architecture.md | grep '^[a-z]*=' | sed 's/  .*//; s/(nothing)//')
if [ "$(echo "$table" | wc -l)" -lt 6 ]; then
    echo "docs/explanation/architecture.md:1: the table of who may include whom is not readable"
    exit 1
fi

find core layers optim datasets nets apps tests -name '*.[ch]' 2>/dev/null |
    sort | xargs awk -v table="$table" '
BEGIN {
    n = split(table, lines, "\n")
    for (i = 1; i <= n; i++) {
        folder = lines[i]; sub(/=.*/, "", folder)
        allowed[folder] = " " folder " " substr(lines[i], length(folder) + 2) " "
    }
    # what a library or a threading word may be used in
    only["cJSON.h"] = "^core/json"
    only["omp.h"] = "^core/parallel"
    only["kiss_fft"] = "^core/fft"
    only["stb_"] = "^datasets/formats/"
    only["png.h"] = "^(datasets/formats|apps)/"
    only["tiff"] = "^datasets/formats/"
    only["immintrin.h"] = "^core/(kernels/|cpu)"
    only["mpi.h"] = "^core/comm_mpi"
    only["cmocka.h"] = "^tests/"
}
function wrong(what) { print FILENAME ":" FNR ": " what; bad = 1 }
/^[ \t]*# *pragma +omp/ {
    if (FILENAME !~ /^(core\/parallel|tests\/)/) wrong("only core/parallel knows of threads")
}
/^[ \t]*# *include +</ {
    for (word in only)
        if (index($0, word) && FILENAME !~ only[word] && FILENAME !~ /^tests\//)
            wrong("<" word "> is for " only[word])
}
/^[ \t]*# *include +"/ {
    path = $0; sub(/^[^"]*"/, "", path); sub(/".*/, "", path)
    if (path ~ /\.inc$/) next
    from = FILENAME; sub(/\/.*/, "", from)
    to = path
    if (!sub(/\/.*/, "", to)) wrong("\"" path "\" does not name its folder")
    else if (from in allowed && !index(allowed[from], " " to " "))
        wrong(from " may not include " path)
    else if ((getline line < path) < 0) wrong("there is no " path)
    close(path)
}
END { exit bad }'

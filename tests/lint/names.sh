#!/bin/sh
# names.sh - exported names begin with mica_; those of an object compiled for one
# instruction set end with that set; no variable outlives its function but the
# write-once ones of core/cpu and core/comm, the pool of threads in
# core/parallel, the signal flags of apps, and those of stb_image, which only a
# build without optimisation keeps.

cd "$BUILD" || exit 1
flags=$(grep -rhoE 'volatile sig_atomic_t [a-z_]+' "$TOP/apps" 2>/dev/null | sed 's/.* //')

for part in core layers optim datasets nets apps; do
    nm -A -f sysv "build/libmica_$part.a" 2>/dev/null
done | awk -F'|' -v flags="$(echo $flags)" '
function wrong(what) { print object ": " name ": " what; bad = 1 }
NF == 7 {
    # build/libmica_core.a:cpu.o:name |value|class|type|size|line|section
    gsub(/ /, "")
    split($1, where, ":")
    part = where[1]; sub(/.*_/, "", part); sub(/\.a$/, "", part)
    file = where[2]; sub(/\.o$/, "", file)
    object = part "/" file
    name = where[3]
    set = file; if (!sub(/.*\./, "", set)) set = ""

    if ($3 ~ /^[A-TV-Z]$/ && !(name == "main" && object == "apps/mica")) {
        if (name !~ /^mica_/) wrong("exported, and does not begin with mica_")
        if (set != "" && name !~ "_" set "$") wrong("does not end with _" set)
    }
    # constant tables of pointers are in .data.rel.ro
    if ($4 ~ /OBJECT|TLS/ && $7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
        $7 !~ /^\.data\.rel\.ro/ && object !~ /^(core\/(cpu|comm|parallel)|datasets\/stb$)/ &&
        !(part == "apps" && index(" " flags " ", " " name " ")))
        wrong("a variable that can change outlives its function")
}
END { exit bad }'

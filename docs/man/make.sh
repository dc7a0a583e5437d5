#!/bin/sh
# make.sh - the manual pages from what the program says of itself with -h
# usage: make.sh MICA FOLDER

set -e
mica=$1
folder=$2
mkdir -p "$folder"
version=$("$mica" --version)
commands=$("$mica" -h | sed -n 's/^  \([a-z][a-z0-9]*\)  *[^ ].*/\1/p')

# what troff would take for its own
escape()
{
    sed 's/\\/\\e/g; s/-/\\-/g; s/^\([.'"'"']\)/\\\&\1/'
}

head_of()
{
    printf '.\\" made by docs/man/make.sh from %s -h\n' "$1"
    printf '.TH %s 1 "" "%s" "mica"\n' "$(echo "$1" | tr 'a-z ' 'A-Z-')" "$version"
}

# The help of a command: a title, its usage, a line an option, paragraphs, examples.
page_of()
{
    head_of "mica $1"
    "$mica" "$1" -h | escape | awk -v name="$1" '
    function section(title) { print ".SH " title; part = title; gap = 0 }
    NR == 1 {
        sub(/^mica [a-z0-9]* \\- /, "")
        section("NAME")
        print "mica\\-" name " \\- " $0
        next
    }
    /^usage: / { section("SYNOPSIS"); print ".nf"; sub(/^usage: /, ""); print; next }
    /^examples:$/ { section("EXAMPLES"); print ".nf"; next }
    part == "SYNOPSIS" && /^$/ { print ".fi"; section("OPTIONS"); next }
    part == "SYNOPSIS" { sub(/^ +/, "    "); print; next }
    part == "OPTIONS" && /^$/ { if (listed) part = ""; next }
    part == "OPTIONS" && /^ {20}/ { sub(/^ +/, ""); print; next }
    part == "OPTIONS" {
        listed = 1
        sub(/^ +/, "")
        at = match($0, /  +/)
        word = at ? substr($0, 1, at - 1) : $0
        print ".TP\n.B " word
        if (at) print substr($0, at + RLENGTH)
        next
    }
    part == "" && !/^$/ { section("DESCRIPTION") }
    part == "EXAMPLES" { sub(/^ +/, ""); print; next }
    /^$/ { gap = 1; next }
    gap { print ".PP"; gap = 0 }
    part == "DESCRIPTION" && /^ / { print ".br" }
    part == "DESCRIPTION" { print }
    END { if (part == "EXAMPLES") print ".fi" }'
    printf '.SH "SEE ALSO"\n.BR mica (1)\n'
}

overview()
{
    head_of mica
    echo '.SH NAME'
    echo 'mica \- deep learning for microscopy'
    echo '.SH SYNOPSIS'
    echo '.B mica'
    echo '.I COMMAND'
    echo '[ARGUMENT]...'
    echo '.SH COMMANDS'
    "$mica" -h | escape | sed -n 's/^  \([a-z][a-z0-9]*\)  *\([^ ].*\)/.TP\n.BR mica\\-\1 (1)\n\2/p'
    cat <<'END'
.SH ENVIRONMENT
.TP
.B MICA_PATH
folders, separated by colons, in which the files that others name are looked for
.TP
.B MICA_ISA
generic, avx2, avx512 or avx512bf16: the instruction set in place of the best one there is
.TP
.B MICA_CONV
direct, fft or winograd: how convolutions of stride 1 are computed, in place of the faster way
.TP
.B SLURM_CPUS_PER_TASK, OMP_NUM_THREADS
limits of the number of threads, as are the affinity mask and the quota of a cgroup
.SH "EXIT STATUS"
0: done; 1: it failed; 2: wrong usage, or something wrong in a file that the user wrote.
END
}

overview >"$folder/mica.1"
for command in $commands; do
    page_of "$command" >"$folder/mica-$command.1"
done

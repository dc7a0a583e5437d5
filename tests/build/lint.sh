# lint.sh - each lint script finds what it is for, in a small tree with one fault

# tree : a tree without fault in the folder src, built in the folder of the test
tree()
{
    mkdir -p src/docs/explanation src/core src/layers src/tests build
    cp "$TOP/docs/explanation/architecture.md" src/docs/explanation
    cat >src/core/thing.h <<END
/* thing.h - a thing */
#ifndef MICA_CORE_THING_H
#define MICA_CORE_THING_H

int mica_thing(void);

#endif
END
    cat >src/core/thing.c <<END
/* thing.c - a thing */
#include "core/thing.h"

int mica_thing(void)
{
    return 1;
}
END
}

# objects : compiles src/core and src/datasets into their archives
objects()
{
    mkdir -p build
    rm -f build/*
    for f in src/core/*.c src/datasets/*.c; do
        [ -f "$f" ] || continue
        part=${f#src/} object="build/$(basename "$f" .c).o"
        "${CC:-gcc}" -fPIC -Isrc -c "$f" -o "$object" || complain "$f"
        ar qcs "build/libmica_${part%%/*}.a" "$object"
    done
}

lint()
{
    [ "$1" != names ] || objects
    run env TOP="$PWD/src" BUILD="$PWD" CC="${CC:-gcc}" FLAGS="-std=c11 -I$PWD/src" \
        LC_ALL=C sh "$TOP/tests/lint/$1.sh"
}

# finds SCRIPT TEXT : complains with a line that has the text
finds()
{
    lint "$1"
    [ "$code" != 0 ] || { cat out err; complain "$1.sh found nothing"; }
    expect_text "$2"
}

test_a_good_tree_passes()
{
    tree
    for script in includes sizes names headers text docs; do
        lint $script
        [ "$code" = 0 ] || { cat out err; complain "$script.sh found something"; }
    done
}

test_core_may_not_include_layers()
{
    tree
    echo '/* relu.h - x */' >src/layers/relu.h
    echo '#include "layers/relu.h"' >>src/core/thing.c
    finds includes "core/thing.c:8: core may not include layers/relu.h"
}

test_an_include_names_its_folder()
{
    tree
    echo '#include "thing.h"' >>src/core/thing.c
    finds includes '"thing.h" does not name its folder'
}

test_only_parallel_knows_of_threads()
{
    tree
    echo '#pragma omp parallel' >>src/core/thing.c
    finds includes "only core/parallel knows of threads"
}

test_a_library_stays_where_it_belongs()
{
    tree
    echo '#include <stb_image.h>' >>src/core/thing.h
    finds includes "<stb_> is for ^datasets/formats/"
}

test_functions_and_files_that_are_too_long()
{
    tree
    { echo 'int mica_long(void)'; echo '{'; yes '    ;' | head -n 81; echo '}'; } >>src/core/thing.c
    finds sizes "the function has 81 lines, more than 80"
    yes '' | head -n 600 >>src/core/thing.h
    finds sizes "the file has more than 600 lines"
}

test_names_begin_with_mica()
{
    tree
    echo 'int thing(void) { return 1; }' >>src/core/thing.c
    finds names "core/thing: thing: exported, and does not begin with mica_"
}

test_names_of_a_set_end_with_it()
{
    tree
    echo 'int mica_add(void) { return 1; }' >src/core/vector.avx2.c
    finds names "core/vector.avx2: mica_add: does not end with _avx2"
}

test_variables_are_found_and_constant_tables_are_not()
{
    tree
    echo 'int mica_next(void) { static int n; return n++; }' >>src/core/thing.c
    echo 'const char *const mica_table[] = {"a", "b"};' >>src/core/thing.c
    finds names "a variable that can change outlives its function"
    expect_no_text mica_table
    mv src/core/thing.c src/core/cpu.c
    lint names
    [ "$code" = 0 ] || complain "core/cpu may have variables"
    mkdir -p src/datasets
    echo 'int mica_next(void) { static int n; return n++; }' >src/datasets/stb.c
    lint names
    [ "$code" = 0 ] || complain "stb_image may have variables"
}

test_a_header_compiles_alone()
{
    tree
    sed -i 's/(void)/(uint8_t n)/' src/core/thing.h
    rm src/core/thing.c
    cp "$TOP/core/version.h" src/core/other.c
    finds headers "core/thing.h:1: does not compile alone"
}

test_installed_headers_compile_together()
{
    tree
    for name in one two; do
        printf '/* %s.h - x */\n#ifndef MICA_CORE_%s_H\n#define MICA_CORE_%s_H\nstruct view {\n    int %s;\n};\n#endif\n' \
            $name $(echo $name $name | tr a-z A-Z) $name >src/core/$name.h
    done
    finds headers "the installed headers cannot be included together"
    expect_no_text "does not compile alone"
}

test_unfinished_work_and_machine_paths_are_found()
{
    tree
    echo '/* TO''DO */' >>src/core/thing.c
    finds text "core/thing.c:8: unfinished work is written down elsewhere"
    tree
    echo '/* /ho''me/someone */' >>src/core/thing.c
    finds text "core/thing.c:8: a path of one machine"
    tree
    sed -i 1d src/core/thing.c
    finds text "core/thing.c:1: the first line should be '/* thing.c - what it is'"
}

test_links_that_lead_nowhere_are_found()
{
    tree
    printf '# A page\n\n[there](explanation/architecture.md#1-the-tree), [not](no.md)\n' \
        >src/docs/page.md
    finds docs "docs/page.md:3: there is no no.md"
}

test_commands_and_options_that_pages_invent_are_found()
{
    tree
    ln -s "$MICA" mica
    printf 'Say `mica net x.json`, `mica nett x.json` or\n\n    ./mica net x.json --colour\n' \
        >src/docs/page.md
    finds docs "docs/page.md:1: there is no command 'nett'"
    expect_text "docs/page.md:3: mica net has no option --colour"
}

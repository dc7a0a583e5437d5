# install.sh - what make install leaves, and that others can build with it

test_slow_install_serves_a_program_and_uninstall_leaves_nothing()
{
    unset MAKEFLAGS MFLAGS MAKELEVEL
    stage=$PWD/stage
    make -C "$BUILD" install DESTDIR="$stage" >log 2>&1 || { cat log; complain "make install"; }
    prefix=$(sed -n 's/^prefix = //p' "$BUILD/config.mk")
    expect_file "$stage$prefix/lib/libmica.a" "$stage$prefix/lib/libmica.so.0" \
        "$stage$prefix/lib/pkgconfig/mica.pc" "$stage$prefix/include/mica/core/version.h"
    [ ! -x "$MICA" ] || expect_ok "$stage$prefix/bin/mica" --version

    cat >try.c <<END
#include "core/version.h"
#include "core/kernels.h"
int main(void) { return mica_kernels() == 0 || sizeof MICA_VERSION < 6; }
END
    if command -v pkg-config >/dev/null && [ -e "$BUILD/build/core/cpu.o" ]; then
        PKG_CONFIG_PATH=$stage$prefix/lib/pkgconfig
        PKG_CONFIG_SYSROOT_DIR=$stage
        export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
        cc=$(sed -n 's/^CC = //p' "$BUILD/config.mk")
        flags=$(sed -n 's/^sanitizers = //p' "$BUILD/config.mk")
        expect_ok $cc $flags $(pkg-config --cflags mica) try.c -o try $(pkg-config --libs mica)
        LD_LIBRARY_PATH=$stage$prefix/lib expect_ok ./try
        expect_ok $cc -std=c11 $flags "$TOP/docs/tutorials/spots.c" -o spots \
            $(pkg-config --cflags --libs mica)
        LD_LIBRARY_PATH=$stage$prefix/lib expect_ok ./spots
        expect_line "spots.safetensors is written" out
        [ "$(sed -n 's/^step 200:.*, \([0-9]*\)[.0-9]* %.*/\1/p' out)" -ge 99 ] ||
            { cat out; complain "spots finds too few pixels"; }
        expect_ok "$stage$prefix/bin/mica" info spots.safetensors
        expect_text "a model of mica" out
    fi

    make -C "$BUILD" uninstall DESTDIR="$stage" >log 2>&1 || { cat log; complain "make uninstall"; }
    find stage ! -type d >left
    [ ! -s left ] || { cat left; complain "uninstall left files"; }
}

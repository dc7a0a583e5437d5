# configure.sh - what configure decides; apt-get, sudo and id are stand-ins

# fake NAME : the script on standard input is found before the real NAME
fake()
{
    mkdir -p bin
    rm -f "bin/$1"
    { echo '#!/bin/sh'; cat; } >"bin/$1"
    chmod +x "bin/$1"
}

# the tools of a machine, without package managers. They are scripts that call the
# real tool, not links to it: what is written over them cannot reach it.
machine()
{
    for tool in sh dirname mktemp rm cat sed grep id cp mv ls make gcc as ld env tr wc "$@"; do
        path=$(command -v "$tool") && echo "exec $path \"\$@\"" | fake "$tool"
    done
    fake apt-get <<'END'
echo "$*" >>calls
exit 1
END
}

# pkg-config that knows no library, and a compiler that does not find <png.h>
without_png()
{
    machine
    fake gcc <<END
for f; do ! grep -q 'png\.h' "\$f" 2>/dev/null || exit 1; done
exec $(command -v gcc) "\$@"
END
}

# configure OPTION... on that machine
configure()
{
    run env -u CC -u CFLAGS PATH="$PWD/bin" sh "$TOP/configure" "$@"
}

test_slow_what_is_there_is_not_installed()
{
    machine
    configure --install-deps
    [ "$code" = 0 ] || { cat out err; skip "a library is missing on this machine"; }
    [ ! -e calls ] || complain "apt-get was called: $(cat calls)"
    expect_file config.mk Makefile
    [ -d "$TOP/core/kernels/amx" ] || expect_no_text amx # no kernels, no set
}

test_what_is_missing_is_said_in_one_line()
{
    without_png
    configure
    [ "$code" = 1 ] || complain "exit $code"
    expect_text "configure: missing: libpng; "
    expect_text "libpng-dev"
    [ "$(wc -l <err)" = 1 ] || { cat err; complain "more than one line"; }
    [ ! -e calls ] || complain "apt-get was called"
}

test_slow_only_what_is_missing_is_installed()
{
    without_png
    fake apt-get <<'END'
echo "$*" >>calls
[ "$DEBIAN_FRONTEND" = noninteractive ] || exit 1
case $* in
*install*) mv gcc.real bin/gcc ;;
esac
END
    { echo '#!/bin/sh'; echo "exec $(command -v gcc) \"\$@\""; } >gcc.real
    chmod +x gcc.real
    [ "$(id -u)" = 0 ] || fake sudo <<'END'
exec "$@"
END
    mkdir lists
    : >lists/some_Packages
    APT_LISTS=$PWD/lists configure --install-deps
    [ "$code" = 0 ] || { cat out err; complain "exit $code"; }
    expect_line "-y -q --no-install-recommends install libpng-dev$(command -v pkg-config >/dev/null && echo ' pkg-config')" calls
    ! grep -q update calls || complain "apt-get update was called"
}

test_slow_empty_lists_are_fetched_first()
{
    without_png
    fake apt-get <<'END'
echo "$*" >>calls
END
    fake id <<'END'
echo 0
END
    mkdir lists
    APT_LISTS=$PWD/lists configure --install-deps
    [ "$code" = 1 ] || complain "exit $code"
    [ "$(sed -n 1p calls)" = "-y -q update" ] || { cat calls; complain "no update"; }
}

test_slow_an_ordinary_user_needs_sudo()
{
    without_png
    fake id <<'END'
echo 1000
END
    configure --install-deps
    [ "$code" = 1 ] || complain "exit $code"
    expect_text "needs root or sudo for: libpng-dev"
    fake sudo <<'END'
echo "sudo $*" >>calls
END
    configure --install-deps
    expect_text "sudo env DEBIAN_FRONTEND=noninteractive apt-get -y -q" calls
}

test_slow_a_library_is_found_below_its_folder()
{
    without_png
    mkdir -p png/include png/lib
    configure --with-png=png
    expect_text "missing: libpng"
    rm -rf bin
    machine
    configure --with-png=png --prefix=/opt/mica
    [ "$code" = 0 ] || { cat out err; complain "exit $code"; }
    expect_text "-isystem $PWD/png/include" config.mk
    expect_line "prefix = /opt/mica" config.mk
    configure --with-png=nowhere
    [ "$code" = 2 ] || complain "exit $code"
    expect_text "png: there is no folder 'nowhere'"
}

test_wrong_options_and_fast_math_are_refused()
{
    machine
    configure --enable-speed
    [ "$code" = 2 ] || complain "exit $code"
    expect_text "'--enable-speed' is not an option"
    configure CFLAGS="-O2 -ffast-math"
    [ "$code" = 2 ] || complain "exit $code"
    expect_text "CFLAGS: -ffast-math is refused"
}

#!/bin/sh
# headers.sh - every header compiles alone and has a guard named after its path; those that
# are installed compile together, too

cd "$BUILD" || exit 1
wrong=0
for header in $(cd "$TOP" && find core layers optim datasets nets apps tests -name '*.h' 2>/dev/null | sort); do
    guard=MICA_$(echo "${header%.h}_H" | tr 'a-z/-' 'A-Z__')
    grep -qx "#ifndef $guard" "$TOP/$header" ||
        { echo "$header:2: the guard should be $guard"; wrong=1; }
    case $header in
    core/kernels/*) set=-DMICA_SET=generic ;;
    *) set= ;;
    esac
    # shellcheck disable=SC2086
    printf '#include "%s"\nextern int nothing;\n' "$header" |
        $CC $FLAGS $set -fsyntax-only -x c - ||
        { echo "$header:1: does not compile alone"; wrong=1; }
done
public=$(cd "$TOP" && find core layers optim datasets nets -name '*.h' 2>/dev/null |
    grep -v '^core/kernels/' | sort)
# shellcheck disable=SC2086
{ printf '#include "%s"\n' $public; echo 'extern int nothing;'; } |
    $CC $FLAGS -fsyntax-only -x c - ||
    { echo "core:1: the installed headers cannot be included together"; wrong=1; }
exit $wrong

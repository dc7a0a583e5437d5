# man.sh - the manual pages say what the program says

test_manual_pages_are_those_of_this_program()
{
    sh "$TOP/docs/man/make.sh" "$MICA" made
    for page in made/*.1 "$TOP"/docs/man/*.1; do
        cmp -s "made/${page##*/}" "$TOP/docs/man/${page##*/}" ||
            complain "${page##*/} is not what mica -h says: make man"
    done
}

test_manual_pages_are_set_without_warnings()
{
    command -v groff >/dev/null || skip "there is no groff"
    for page in "$TOP"/docs/man/*.1; do
        groff -man -T ascii -ww -z "$page" 2>warnings || complain "${page##*/}: groff fails"
        [ ! -s warnings ] || { cat warnings; complain "${page##*/}: groff warns"; }
    done
}

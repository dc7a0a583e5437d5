# recipes.sh - the recipes of real data read it and a few steps lower the loss

# the folder that holds mnist/, tmd_afm/ and so on
need()
{
    data=${MICA_DATA:-$TOP/../shared/data}
    [ -e "$data/$1" ] || skip "no $1: set MICA_DATA"
    MICA_PATH=$data
    export MICA_PATH
}

# learns RECIPE SETTINGS... : the training loss of the last epoch is below the first's
learns()
{
    recipe=$1
    shift
    run "$MICA" train "$recipe" -o run -q --set train.epochs=4 --set train.batch=4 \
        --set train.samples_per_epoch=16 --set 'train.schedule={"constant":{}}' "$@"
    [ "$code" = 0 ] || { cat err; complain "$recipe: exit code $code"; }
    awk -F, 'NR == 2 { first = $4 } { last = $4 } END { exit !(last < first) }' run/log.csv ||
        { cat run/log.csv; complain "$recipe: the loss did not fall"; }
}

test_slow_mnist()
{
    need mnist
    echo '{ "mica_run": 1, "extends": "mnist.json", "data": { "validation": null } }' >alone.json
    learns alone.json --set train.samples_per_epoch=256 --set train.batch=16
}

test_slow_tmd_afm_features()
{
    need tmd_afm
    learns tmd_afm_features.json --set train.samples_per_epoch=256 --set data.split.fold=1
}

test_slow_stem_patches()
{
    need stem_patches
    learns stem_patches.json --set net.params.width=2 --set data.split.last=true
    rm -r run
    learns stem_patches_cdte.json --set net.params.width=2
}

test_slow_isbi2012()
{
    need isbi2012
    learns isbi2012.json --set net.params.width=2 --set crop=64 --set data.split.validation=0.04
}

test_slow_dsb2018()
{
    need dsb2018_fluo256
    learns dsb2018.json --set net.params.width=2 --set crop=64 --set data.split.validation=0.01
}

test_slow_graphene_si()
{
    need graphene_si
    learns graphene_si.json --set net.params.width=2 --set crop=64 \
        --set data.split.validation=0.01
}

# simulated: nothing is needed beside mica
test_slow_atom_localizer()
{
    learns atom_localizer.json --set net.params.width=4 --set data.validation.count=2
    expect_ok "$MICA" evaluate run/best.safetensors mos2_atoms.json -n 2 --radius 0.5A
    expect_text "objects within 0.5 A of the truth"
}

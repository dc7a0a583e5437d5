# schema.sh - mica schema: JSON Schemas of each kind of file

test_schema_lists_kinds()
{
    expect_ok "$MICA" schema
    for kind in model net run simulation; do
        expect_text "$kind  "
    done
    expect_exit 2 "$MICA" schema simulations
    expect_text "did you mean 'simulation'?"
}

# mica's own reader refuses what is no JSON, and keys that are there twice
test_schemas_are_json()
{
    for kind in model net run simulation; do
        expect_ok "$MICA" schema $kind
        mv out $kind.json
        expect_ok "$MICA" info $kind.json
        expect_line "  kind          JSON, but none of mica's"
        expect_text "https://json-schema.org/draft/2020-12/schema" $kind.json
    done
}

test_schema_of_recipes_has_every_loss_optimizer_and_schedule()
{
    "$MICA" schema run >run.json
    for word in dice cross_entropy adam sgd cosine constant simulation images standardise; do
        expect_text "\"$word\"" run.json
    done
}

test_schema_of_simulations_converts_aberrations()
{
    "$MICA" schema simulation >simulation.json
    expect_text "star aberration, magnitude; with phi32 in place of C32a and C32b; Haider, CEOS: 4 S3; abTEM: C32" simulation.json
    expect_text "spherical aberration; Kirkland: Cs3; Haider, CEOS: C3; abTEM: C30" simulation.json
    for word in carbon shot_noise V_S1 convergence_semiangle; do
        expect_text "$word" simulation.json
    done
}

test_files_may_name_their_schema()
{
    sed 's|"mica_simulation": 1,|"mica_simulation": 1, "$schema": "simulation.schema.json",|' \
        "$TOP/apps/recipes/mos2.json" >named.json
    expect_ok "$MICA" info named.json
    expect_line "  kind          a simulation, for mica simulate and the data of recipes"
}

#!/bin/sh
# exactness.sh - the table of docs/reference/exactness.md: how far each layer, loss,
# optimiser and network of this build is from PyTorch in double precision
# usage, in a folder where `make check` was run:
# MICA_ISA=avx2 tests/golden/exactness.sh >docs/reference/exactness.md

: "${MICA_ISA:?name an instruction set: generic, avx2 or avx512}"

top=$(cd "$(dirname "$0")/../.." && pwd)
MICA_EXACTNESS=$(mktemp) || exit 1
export MICA_EXACTNESS
trap 'rm -f "$MICA_EXACTNESS"' EXIT
for suite in layers optim golden; do
    "build/test-$suite" --long >/dev/null 2>&1 || {
        echo "build/test-$suite: fails; run make check" >&2
        exit 1
    }
done

# table FOLDER TITLE: the worst of every member
table()
{
    printf '\n## %s\n\n| name | comparisons | mica, worst | PyTorch in float32, worst |\n|---|---|---|---|\n' "$2"
    sort "$MICA_EXACTNESS" | awk -v folder="$1/" '
        function text(x) { return x + 0 ? sprintf("%.1e", x) : "0" }
        index($1, folder) == 1 {
            name = substr($1, length(folder) + 1)
            sub(/\.safetensors$/, "", name)
            if (!(name in count)) order[++names] = name
            count[name]++
            if ($2 + 0 > mica[name] + 0) mica[name] = $2
            if ($3 + 0 > peer[name] + 0) peer[name] = $3
        }
        END {
            for (i = 1; i <= names; i++)
                printf "| %s | %d | %s | %s |\n", order[i], count[order[i]],
                    text(mica[order[i]]), text(peer[order[i]])
        }'
}

cat <<END
# Exactness

How far results are from those of PyTorch computed in double precision: |found - exact| / |exact| over all numbers of a tensor
(outputs, gradients of inputs and weights, states of optimisers), the worst of the cases of tests/golden. Beside it what PyTorch itself
is off by in float32 on the same inputs. The tests allow three times that, and 1e-7 for how results are stored; where the terms of a
gradient cancel, for the rounding of those terms. 0: the same floats. Made by tests/golden/exactness.sh with MICA_ISA=$MICA_ISA.
END
table layers Layers
table losses Losses
table optimizers Optimisers
table nets 'Logits of networks with made-up weights'

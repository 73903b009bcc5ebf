#!/usr/bin/env bash
# Draws a sample of mutants of the engine's rules by a seed, and demands that the suite catches nine in ten of them and that
# argued.txt has a word for each of the others.
#
#   bash tests/mutants/run.sh [COUNT]     judges so many (100)
#   bash tests/mutants/run.sh --list [COUNT]   says which, without judging; those that do not compile are among them
#
# DCE_MUTANTS_SEED is the seed of the sample (4). DCE_MUTANTS_DIR names the folder for the copy, its build and what was
# judged: a run that was cut short goes on where it was, and what was caught once is not asked again.
# DCE_MUTANTS_COMMANDS is how many commands engine and twin are compared over (60000), DCE_MUTANTS_TIMEOUT how many seconds
# a test target may take (120).

set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${DCE_MUTANTS_DIR:-${TMPDIR:-/tmp}/dce-mutants}
seed=${DCE_MUTANTS_SEED:-4}
commands=${DCE_MUTANTS_COMMANDS:-60000}
# A mutant that runs in a circle is caught, but only after this long.
seconds=${DCE_MUTANTS_TIMEOUT:-120}
# The quick ones first; the others only see what the first three let through: the vectors, and the engine's own tests, which
# alone see what costs time and changes nothing.
targets='stories differential promises golden parts hours modifiers pacing policies quotas unanswered engine'
# Caps, schedule, routing, auctions: the files in which their rules are.
rooms=(caps schedule calendars auctions policies quotas 'quotas/*' routing 'routing/*')
# Nine in ten.
caught_min=90

only_list=no
if [ "${1:-}" = --list ]; then
    only_list=yes
    shift
fi
count=${1:-100}
if [ $# -gt 1 ] || ! [[ $count =~ ^[1-9][0-9]*$ ]]; then
    sed -n '5,6s/^# *//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
cargo mutants --version >/dev/null 2>&1 || {
    echo 'tests/mutants/run.sh needs cargo-mutants: run `make install-tools`' >&2
    exit 2
}
mkdir -p "$work"
# shellcheck source=tests/copy.sh
. "$here/../copy.sh"

# Writes every mutant as a patch into $work/patches and its name, without line and column, into names, one a line by
# number. A room's `check` is left out: it is itself a test, and breaking one breaks no rule.
list_mutants() {
    local files=() room
    for room in "${rooms[@]}"; do files+=(--file "engine/src/$room.rs"); done
    rm -rf "$work/patches"
    mkdir -p "$work/patches"
    (cd "$root" && cargo mutants --no-config --list --diff -p dce-engine "${files[@]}" --exclude-re '::check\b') |
        awk -v patches="$work/patches" '
            /^engine\/src\/[a-z_\/]*\.rs:[0-9]+:[0-9]+: / {
                if (patch) close(patch)
                patch = sprintf("%s/%05d", patches, ++number)
                name = $0
                sub(/:[0-9]+:[0-9]+:/, ":", name)
                # The same change may be made in several places of a function.
                if (++seen[name] > 1) name = name " (" seen[name] ")"
                print name
                next
            }
            /^\+\+\+ / { next }
            patch { print > patch; if ($0 ~ /^--- /) print "+++ " $2 > patch }
        '
}

# The sample: the mutants in the order of a hash of the seed and the name, so that one that is not touched keeps its place
# whatever happens to the others.
draw() {
    list_mutants | awk '{ print NR "\t" $0 }' | while IFS=$'\t' read -r number name; do
        printf '%s\t%05d\t%s\n' "$(printf '%s %s' "$seed" "$name" | sha256sum | cut -c 1-16)" "$number" "$name"
    done | sort
}

draw >"$work/drawn"
echo "$(wc -l <"$work/drawn") mutants, seed $seed" >&2
if [ $only_list = yes ]; then
    head -n "$count" "$work/drawn" | cut -f 3
    exit
fi

fresh_tree
# The suite must pass before anything is changed; that it did is known by what was asked, for a run that goes on.
asked=$(cd "$copy" && find engine tests Cargo.lock Cargo.toml -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [ "$(cat "$work/whole" 2>/dev/null)" != "$asked" ]; then
    if [ "$(judge)" != MISSED ]; then
        echo "the suite fails before anything is changed; see $log" >&2
        tail -n 20 "$log" >&2
        exit 2
    fi
    echo "$asked" >"$work/whole"
fi

judged="$work/judged"
touch "$judged"
caught=0
missed=0
argued=0
while IFS=$'\t' read -r _ number name; do
    [ $((caught + missed)) -lt "$count" ] || break
    patch="$work/patches/$number"
    # What was judged is known by name and change.
    key=$(printf '%s %s' "$name" "$(grep '^[-+]' "$patch")" | sha256sum | cut -c 1-16)
    verdict=$(awk -F '\t' -v key="$key" '$1 == key { print $2; exit }' "$judged")
    if [ -z "$verdict" ]; then
        restore
        if ! patch --silent --forward -p0 -d "$copy" <"$patch" >"$log" 2>&1; then
            echo "does not apply: $name" >&2
            exit 2
        fi
        verdict=$(judge)
        [ "$verdict" = MISSED ] || printf '%s\t%s\n' "$key" "$verdict" >>"$judged"
    fi
    case $verdict in
    caught*) caught=$((caught + 1)) ;;
    # Nothing that could be built, nothing that could be missed: another is drawn for it.
    'DOES NOT COMPILE') ;;
    *)
        missed=$((missed + 1))
        if grep -Fxq -- "$name" "$here/argued.txt"; then
            verdict='MISSED, argued'
            argued=$((argued + 1))
        fi
        ;;
    esac
    printf '%-24s %s\n' "$verdict" "$name"
done <"$work/drawn"

echo "$caught of $((caught + missed)) caught, $missed missed, $argued of them argued"
[ $((caught * 100)) -ge $((caught_min * (caught + missed))) ] && [ $missed -eq $argued ]

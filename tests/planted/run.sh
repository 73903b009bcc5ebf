#!/usr/bin/env bash
# Applies each planted bug to a copy of the tree and demands that the suite catches it.
#
#   bash tests/planted/run.sh [NN…]
#
# DCE_PLANTED_DIR names the folder for the copy and its build (kept between runs, so the next one is quicker);
# DCE_PLANTED_COMMANDS how many commands engine and twin are compared over (200000).

set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${DCE_PLANTED_DIR:-${TMPDIR:-/tmp}/dce-planted}
commands=${DCE_PLANTED_COMMANDS:-200000}
copy=$work/tree
clean=$work/engine-src
log=$work/log
export CARGO_TARGET_DIR=$work/target
# Most of the time goes into building; a bug is found at any level of optimization.
export CARGO_PROFILE_CI_OPT_LEVEL=1
export CARGO_PROFILE_CI_INCREMENTAL=true
export RUST_BACKTRACE=0

fresh_tree() {
    rm -rf "$copy"
    mkdir -p "$copy"
    tar -C "$root" --exclude=./target --exclude=./.git --exclude=./fuzz/target -cf - . | tar -C "$copy" -xmf -
    rm -rf "$clean"
    cp -r "$copy/engine/src" "$clean"
}

# Puts the engine back as it was, touching only files that differ, so that cargo rebuilds no more than it must.
restore() {
    (cd "$clean" && find . -type f) | while read -r file; do
        cmp -s "$clean/$file" "$copy/engine/src/$file" || cp "$clean/$file" "$copy/engine/src/$file"
    done
}

# Builds one test target.
builds() {
    (cd "$copy" && cargo test --quiet --profile ci -p dce-tests --test "$1" --no-run) >"$log" 2>&1
}

# Runs one test target that was built.
passes() {
    (cd "$copy" && DCE_TWIN_COMMANDS=$commands PROPTEST_CASES=32 timeout 900 \
        cargo test --quiet --profile ci -p dce-tests --test "$1") >"$log" 2>&1
}

# What the suite makes of the tree as it stands: `caught by …`, `MISSED`, or `DOES NOT COMPILE`, which is no catch.
judge() {
    for target in differential stories promises; do
        if ! builds "$target"; then
            echo 'DOES NOT COMPILE'
            return
        fi
        if ! passes "$target"; then
            echo "caught by $target"
            return
        fi
    done
    echo 'MISSED'
}

mkdir -p "$work"
fresh_tree
if [ "$(judge)" != MISSED ]; then
    echo "the suite fails before anything is planted; see $log"
    tail -n 20 "$log"
    exit 2
fi

caught=0
missed=0
broken=0
for patch in "$here"/*.patch; do
    name=$(basename "$patch" .patch)
    if [ $# -gt 0 ]; then
        wanted=no
        for number in "$@"; do [ "${name%%-*}" = "$number" ] && wanted=yes; done
        [ $wanted = yes ] || continue
    fi
    restore
    if ! patch --silent --forward -p1 -d "$copy" <"$patch" >"$log" 2>&1; then
        verdict='DOES NOT APPLY'
        broken=$((broken + 1))
    else
        verdict=$(judge)
        case $verdict in
        caught*) caught=$((caught + 1)) ;;
        MISSED) missed=$((missed + 1)) ;;
        *) broken=$((broken + 1)) ;;
        esac
    fi
    printf '%-34s %-24s %s\n' "$name" "$verdict" "$(head -n 1 "$patch" | sed 's/^# Breaks: //')"
done

echo "$caught caught, $missed missed$([ $broken -gt 0 ] && echo ", $broken broken")"
[ $missed -eq 0 ] && [ $broken -eq 0 ]

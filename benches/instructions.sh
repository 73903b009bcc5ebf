#!/usr/bin/env bash
# Counts the instructions of a decision, by callgrind; with a commit, of that commit's too, and says the difference.
# Usage: benches/instructions.sh [--check PERCENT] [COMMIT]
#   --check PERCENT  fail when a decision takes more than PERCENT more instructions than at COMMIT
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD"
usage() {
    sed -n '3,4s/^# //p' benches/instructions.sh >&2
    exit 2
}

check=''
if [ "${1:-}" = '--check' ]; then
    check="${2:-}"
    [[ "$check" =~ ^[0-9]+(\.[0-9]+)?$ ]] || usage
    shift 2
fi
[ $# -le 1 ] || usage
base=''
if [ $# -eq 1 ]; then
    base="$(git rev-parse --verify --quiet "$1^{commit}")" || {
        printf 'benches/instructions.sh: no such commit: %s\n' "$1" >&2
        exit 2
    }
elif [ -n "$check" ]; then
    usage
fi
command -v valgrind >/dev/null || {
    echo 'benches/instructions.sh needs valgrind: install it from your distribution' >&2
    exit 2
}

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
decisions=12800
worlds=('dense 10000' 'sparse 10000')

scratch="$(mktemp -d)"
# However this ends, the worktree goes, and git forgets it.
clean_up() {
    git -C "$root" worktree remove --force "$scratch/base" >/dev/null 2>&1 || true
    rm -rf "$scratch"
    git -C "$root" worktree prune
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# build NAME DIRECTORY: the program of the tree we are in, built there, kept under that name. Each tree has a directory of
# its own: in a shared one cargo takes the other's crates for this one's.
build() {
    CARGO_TARGET_DIR="$2" cargo build --release --quiet -p dce-benches --bin instructions
    cp "$2/release/instructions" "$scratch/$1"
}

# count NAME WORLD: instructions of one decision, to a tenth.
count() {
    local log="$scratch/log"
    # shellcheck disable=SC2086
    valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=/dev/null --toggle-collect='*counted_decisions*' \
        "$scratch/$1" $2 "$decisions" >"$scratch/said" 2>"$log" || {
        cat "$log" "$scratch/said" >&2
        exit 1
    }
    awk -v decisions="$decisions" '/Collected/ { printf "%.1f", $NF / decisions }' "$log"
}

if [ -n "$base" ]; then
    git worktree add --quiet --detach "$scratch/base" "$base"
    # A commit from before this program gets it.
    cp -r benches/src/bin/instructions.rs benches/src/bin/instructions "$scratch/base/benches/src/bin/"
    echo "building $(git log -1 --format='%h %s' "$base")" >&2
    (cd "$scratch/base" && build then "$CARGO_TARGET_DIR/base")
fi
echo 'building this tree' >&2
build now "$CARGO_TARGET_DIR"

failed=0
printf '%-14s %12s %12s %8s\n' 'profiles' "${base:+at ${base:0:7}}" 'now' "${base:+change}"
for world in "${worlds[@]}"; do
    echo "counting: $world" >&2
    now="$(count now "$world")"
    if [ -z "$base" ]; then
        printf '%-14s %12s %12s\n' "$world" '' "$now"
        continue
    fi
    then="$(count then "$world")"
    change="$(awk -v then="$then" -v now="$now" 'BEGIN { printf "%+.2f", (now / then - 1) * 100 }')"
    printf '%-14s %12s %12s %7s%%\n' "$world" "$then" "$now" "$change"
    if [ -n "$check" ] && awk -v change="$change" -v most="$check" 'BEGIN { exit !(change > most) }'; then
        failed=1
    fi
done
if [ "$failed" = 1 ]; then
    printf 'FAILED: a decision takes over %s %% more instructions than at %s\n' "$check" "${base:0:7}" >&2
    exit 1
fi

#!/usr/bin/env bash
# Measures another commit and then this working tree with the same benches' names, and prints criterion's comparison.
# Usage: benches/diff.sh <commit>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD"

if [ $# -ne 1 ] || [ -z "$1" ]; then
    echo 'usage: benches/diff.sh <commit>' >&2
    exit 2
fi
if ! base="$(git rev-parse --verify --quiet "$1^{commit}")"; then
    printf 'benches/diff.sh: no such commit: %s\n' "$1" >&2
    exit 2
fi
if ! git cat-file -e "$base:benches/Cargo.toml" 2>/dev/null; then
    printf 'benches/diff.sh: %s has no benches to compare with\n' "$1" >&2
    exit 2
fi

# Each tree builds into a directory of its own: in a shared one cargo takes the other's crates for this one's. Criterion
# keeps its figures in one place, and so finds its baseline again.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
export CRITERION_HOME="$CARGO_TARGET_DIR/criterion"

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

git worktree add --quiet --detach "$scratch/base" "$base"

printf '\n== Base: %s ==\n' "$(git log -1 --format='%h %s' "$base")"
(cd "$scratch/base" && CARGO_TARGET_DIR="$CARGO_TARGET_DIR/base" cargo bench -p dce-benches --bench '*' -- --save-baseline base)

printf '\n== This working tree, compared with %s ==\n' "$(git rev-parse --short "$base")"
cargo bench -p dce-benches --bench '*' -- --baseline-lenient base

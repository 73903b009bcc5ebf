#!/usr/bin/env bash
# Counts the instructions of the dearest command in a market where a thousand profiles of one buyer are all out, and fails
# when one takes more than docs/performance.md promises ("A buyer that runs dry").
# Usage: benches/dry_buyer.sh [CASE…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What no command may exceed, and what one may after every row was woken by a change of the clocks.
most=75000
most_woken=350000
commands=64
cases=(none fill balance account group pace profile spaced capped budget set deposit woken)
[ $# -eq 0 ] || cases=("$@")

command -v valgrind >/dev/null || {
    echo 'benches/dry_buyer.sh needs valgrind: install it from your distribution' >&2
    exit 2
}
target="${CARGO_TARGET_DIR:-target}"
cargo build --release --quiet -p dce-engine --example dry_buyer
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

failed=0
printf '%-10s %9s %9s %9s\n' 'case' 'commands' 'mean' 'dearest'
for case in "${cases[@]}"; do
    rm -rf "$scratch/counts"
    mkdir "$scratch/counts"
    # One file for each command, with what was counted in it alone; this option takes the whole name and no pattern.
    valgrind --tool=callgrind --callgrind-out-file="$scratch/counts/of" --toggle-collect='*one_command*' \
        --dump-before='dry_buyer::Market::one_command' "$target/release/examples/dry_buyer" "$case" "$commands" >"$scratch/said" 2>"$scratch/log" || {
        cat "$scratch/log" "$scratch/said" >&2
        exit 1
    }
    limit=$most
    [ "$case" != woken ] || limit=$most_woken
    grep -h '^summary:' "$scratch"/counts/of* | awk -v case="$case" -v limit="$limit" '
        $2 > 0 { count++; sum += $2; if ($2 > dearest) dearest = $2 }
        END {
            if (!count) { print case ": nothing was counted" > "/dev/stderr"; exit 2 }
            printf "%-10s %9d %9.0f %9d%s\n", case, count, sum / count, dearest, (dearest > limit) ? "  over " limit : ""
            exit (dearest > limit)
        }' || failed=1
done
if [ "$failed" = 1 ]; then
    echo 'FAILED: a command takes more instructions than it may' >&2
    exit 1
fi

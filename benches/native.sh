#!/usr/bin/env bash
# Compares the default build, which finds out at run time what the processor has, with one compiled for this very processor:
# the widest kernel's match-all and top-2, both binaries in turn, medians of the ratios.
# Usage: benches/native.sh [--check PERCENT] [RUNS]
#   --check PERCENT  fail when the default build takes more than PERCENT longer
#   RUNS             so many runs of each (default: 7)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
check=''
if [ "${1:-}" = '--check' ]; then
    check="${2:-}"
    shift 2 || true
    [[ "$check" =~ ^[0-9]+$ ]] || { sed -n '4,6s/^# //p' benches/native.sh >&2; exit 2; }
fi
runs="${1:-7}"
[[ "$runs" =~ ^[1-9][0-9]*$ ]] || { sed -n '4,6s/^# //p' benches/native.sh >&2; exit 2; }

target="${CARGO_TARGET_DIR:-$PWD/target}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
echo 'building both' >&2
CARGO_TARGET_DIR="$target" cargo build --release --quiet -p dce-benches --bin kernels
# A directory of its own, or each build would throw the other's crates away.
CARGO_TARGET_DIR="$target/native" RUSTFLAGS='-C target-cpu=native' cargo build --release --quiet -p dce-benches --bin kernels
for ((run = 1; run <= runs; run++)); do
    printf 'run %s of %s\n' "$run" "$runs" >&2
    "$target/release/kernels" --widest --seconds 2 2>/dev/null | sort >"$scratch/default"
    "$target/native/release/kernels" --widest --seconds 2 2>/dev/null | sort >"$scratch/native"
    paste -d ' ' "$scratch/default" "$scratch/native" | awk '{ print $1, $2, $3 / $6 }' >>"$scratch/ratios"
done
sort "$scratch/ratios" | awk -v check="$check" '
    function finish() {
        if (count == 0) return
        median = ratio[int((count + 1) / 2)]
        printf "%-16s %-10s default takes %.2f of native (median of %d)\n", world, question, median, count
        if (check != "" && median > 1 + check / 100) failed = 1
    }
    $1 != world || $2 != question { finish(); world = $1; question = $2; count = 0 }
    # Numbers of one form: the order of their texts is theirs.
    { ratio[++count] = $3; for (i = count; i > 1 && ratio[i] < ratio[i - 1]; i--) { t = ratio[i]; ratio[i] = ratio[i - 1]; ratio[i - 1] = t } }
    END { finish(); exit failed }'

#!/usr/bin/env bash
# Holds the instructions and cache misses of a decision to those recorded in benches/instructions.toml, by callgrind.
# Usage: benches/gate.sh [--record] [--long] [WORLD]...
#   --record  write what is counted into benches/instructions.toml in place of comparing it
#   --long    count 100,000 single decisions for the largest, not 2,048: a quarter of an hour a world
#   WORLD     one of dense-10k, sparse-10k, dense-100k, sparse-100k (default: those that are recorded)
#
# A count above the recorded one by over two per cent fails, unless CHANGELOG.md has a line that names it and how far it
# may go: `gate: dense-10k instructions up to 14000`. The counts are of one compiler and one kind of processor (the
# library's copying loops are chosen by it); on others this commit is compared with the one before it, both built here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD"
recorded=benches/instructions.toml
margin_percent=2
# Simulated misses depend on where the stack and the heap begin, which the environment moves: up to three per cent were seen
# between two runs of one program.
misses_margin_percent=10

# So many decisions are counted together, so many more each by itself.
decisions=6400
singles=2048
declare -A worlds=([dense-10k]='dense 10000' [sparse-10k]='sparse 10000' [dense-100k]='dense 100000' [sparse-100k]='sparse 100000')
order=(dense-10k sparse-10k dense-100k sparse-100k)

record=''
largest=largest
chosen=()
for argument in "$@"; do
    case "$argument" in
    --record) record=1 ;;
    --long)
        singles=100000
        largest=largest_of_100000
        ;;
    *)
        if [ -z "${worlds[$argument]:-}" ]; then
            printf 'benches/gate.sh: `%s` is not understood\n' "$argument" >&2
            sed -n '3,6s/^# //p' benches/gate.sh >&2
            exit 2
        fi
        chosen+=("$argument")
        ;;
    esac
done
counts=(instructions "$largest" l1_misses l2_misses)
# As root it is a matter of seconds; as anybody else it is somebody else's to install.
if ! command -v valgrind >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo 'installing valgrind' >&2
    { apt-get update && apt-get install --yes --no-install-recommends valgrind; } >/dev/null 2>&1 || true
fi
if ! command -v valgrind >/dev/null; then
    echo 'SKIPPED: the gate on instructions: valgrind is not here, and could not be installed' >&2
    exit 0
fi

features=none
for feature in avx2 avx512f; do
    if grep -qw "$feature" /proc/cpuinfo 2>/dev/null; then features=$feature; fi
done
compiler="$(rustc --version)"
libc="$(getconf GNU_LIBC_VERSION 2>/dev/null || echo unknown)"

# value SECTION KEY: what is recorded; nothing if it is not.
value() {
    awk -v section="[$1]" -v key="$2" '
        /^\[/ { inside = $0 == section }
        (inside || section == "[]" && !seen) && $1 == key { sub(/^[^=]*= */, ""); gsub(/"/, ""); print; exit }
        /^\[/ { seen = 1 }' "$recorded" 2>/dev/null || true
}

is_recorded() { [ -n "$(value "$1" "$largest")" ]; }

if [ ${#chosen[@]} -eq 0 ]; then
    for world in "${order[@]}"; do
        if [ -n "$record" ] || is_recorded "$world"; then chosen+=("$world"); fi
    done
fi
for world in "${chosen[@]}"; do
    if [ -z "$record" ] && ! is_recorded "$world"; then
        printf 'benches/gate.sh: %s is not recorded in %s\n' "$world" "$recorded" >&2
        exit 2
    fi
done

if [ -z "$record" ]; then
    different=''
    for known in "compiler=$compiler" "libc=$libc" "features=$features"; do
        if [ "$(value '' "${known%%=*}")" != "${known#*=}" ]; then
            different+="  ${known%%=*}: recorded \"$(value '' "${known%%=*}")\", here \"${known#*=}\""$'\n'
        fi
    done
    if [ -n "$different" ]; then
        printf 'The counts in %s are of another machine:\n%s' "$recorded" "$different" >&2
        if base="$(git rev-parse --verify --quiet 'HEAD~1^{commit}')" && git cat-file -e "$base:benches/Cargo.toml" 2>/dev/null; then
            echo 'so this tree is compared with the commit before it' >&2
            exec bash benches/instructions.sh --check "$margin_percent" "$base"
        fi
        echo 'SKIPPED: the gate on instructions: there is no commit before this one to compare with' >&2
        exit 0
    fi
fi

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo 'building' >&2
cargo build --release --quiet -p dce-benches --bin instructions
program="$CARGO_TARGET_DIR/release/instructions"

# count WORLD: into a file of its name. The caches are said, so that the machine's own do not matter: 32 KiB, and 512 KiB
# in place of the last level. One name and one environment for every run: both lie on the program's stack.
count() {
    mkdir -p "$scratch/$1"
    # shellcheck disable=SC2086
    env -i PATH="$PATH" valgrind --tool=callgrind --instr-atstart=no --toggle-collect='*counted_decisions*' \
        --cache-sim=yes --I1=32768,8,64 --D1=32768,8,64 --LL=524288,8,64 --callgrind-out-file="$scratch/$1/dump" \
        "$program" ${worlds[$1]} "$decisions" "$singles" "$scratch/$1/dump" >"$scratch/$1.said" 2>"$scratch/$1.log"
}

# Two at a time: a machine with one core loses nothing by it but the order of the lines.
for ((first = 0; first < ${#chosen[@]}; first += 2)); do
    pids=()
    for world in "${chosen[@]:first:2}"; do
        printf 'counting: %s\n' "$world" >&2
        count "$world" &
        pids+=("$!:$world")
    done
    for pid in "${pids[@]}"; do
        wait "${pid%%:*}" || {
            cat "$scratch/${pid#*:}.log" "$scratch/${pid#*:}.said" >&2
            exit 1
        }
    done
done
said() { sed -n "s/^${2%_of_100000}=//p" "$scratch/$1.said"; }

if [ -n "$record" ]; then
    {
        printf '# What a whole decision takes, counted by callgrind: written by `bash benches/gate.sh --record`, held by\n'
        printf '# `make gate`. Instructions and cache misses (32 KiB; 512 KiB behind it) are means over the decisions of a warm market;\n'
        printf '# `largest` is the most instructions of one of 2,048 further decisions, each counted by itself; with `--long`, of 100,000.\n\n'
        printf 'compiler = "%s"\nlibc = "%s"\nfeatures = "%s"\nvalgrind = "%s"\ndecisions = %s\n' \
            "$compiler" "$libc" "$features" "$(valgrind --version)" "$decisions"
        for world in "${order[@]}"; do
            if [ ! -f "$scratch/$world.said" ] && [ -z "$(value "$world" instructions)" ]; then continue; fi
            printf '\n[%s]\n' "$world"
            for count in instructions largest largest_of_100000 l1_misses l2_misses; do
                if [ -f "$scratch/$world.said" ] && [[ " ${counts[*]} " == *" $count "* ]]; then
                    printf '%s = %s\n' "$count" "$(said "$world" "$count")"
                elif [ -n "$(value "$world" "$count")" ]; then # as it was
                    printf '%s = %s\n' "$count" "$(value "$world" "$count")"
                fi
            done
        done
    } >"$scratch/recorded"
    cp "$scratch/recorded" "$recorded"
    cat "$recorded"
    exit 0
fi

failed=0
printf '%-12s %-14s %12s %12s %9s\n' world count recorded now change
for world in "${chosen[@]}"; do
    for count in "${counts[@]}"; do
        then="$(value "$world" "$count")" now="$(said "$world" "$count")"
        change="$(awk -v then="$then" -v now="$now" 'BEGIN { if (then <= 0 || now == "") exit 1; printf "%+.2f", (now / then - 1) * 100 }')" || {
            printf 'benches/gate.sh: %s %s was not counted\n' "$world" "$count" >&2
            exit 1
        }
        verdict=''
        most="$margin_percent"
        case "$count" in *_misses) most="$misses_margin_percent" ;; esac
        if awk -v change="$change" -v most="$most" 'BEGIN { exit !(change > most) }'; then
            allowed="$(sed -n "s/.*gate: $world $count up to \([0-9][0-9.]*\).*/\1/p" CHANGELOG.md | tail -n 1)"
            if [ -n "$allowed" ] && awk -v now="$now" -v allowed="$allowed" 'BEGIN { exit !(now <= allowed) }'; then
                verdict='allowed by CHANGELOG.md'
            else
                verdict='TOO MANY'
                failed=1
            fi
        elif awk -v change="$change" -v most="$most" 'BEGIN { exit !(change < -most) }'; then
            verdict='fewer: record it, or it can be lost again'
        fi
        printf '%-12s %-14s %12s %12s %8s%% %s\n' "$world" "$count" "$then" "$now" "$change" "$verdict"
    done
done
if [ "$failed" = 1 ]; then
    printf 'FAILED: over %s %% more than recorded (of misses %s %%). If it is worth it, say so in CHANGELOG.md (gate: WORLD COUNT up to NUMBER)\n' "$margin_percent" "$misses_margin_percent" >&2
    printf 'and record it: bash benches/gate.sh --record\n' >&2
    exit 1
fi

#!/usr/bin/env bash
# Plays a file of real auctions through a running server (durability always) that is killed (-9) at random moments and
# started again. Passes when the row is what the engine alone makes of the file, and when applying the log again gives the
# digest the server had as it stopped.
#
# usage: bash tests/wire_replay.sh FILE [KILLS, 20]      SEED=… repeats a run's moments; PROFILE=… builds another profile

set -euo pipefail
cd "$(dirname "$0")/.."

file=${1:?usage: bash tests/wire_replay.sh FILE [KILLS]}
kills=${2:-20}
profile=${PROFILE:-release}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$seed
echo "SEED=$seed, $kills kills"

cargo build --profile "$profile" -p dce-server --bin dce
built=${CARGO_TARGET_DIR:-target}/$([ "$profile" = dev ] && echo debug || echo "$profile")

work=$(mktemp -d)
server=
replay=
finish() {
    for process in $replay $server; do kill -9 "$process" 2>/dev/null || true; done
    if [ -n "${passed:-}" ]; then rm -rf "$work"; else echo "FAILED; what there is to see is in $work"; fi
}
trap finish EXIT

cargo build --quiet --profile "$profile" -p dce-engine --example rtb_replay_core
cargo build --quiet --profile "$profile" -p dce-client --example rtb_replay
"$built/examples/rtb_replay_core" "$file" >"$work/expected" 2>/dev/null
expected=$(head -1 "$work/expected")
echo "the engine alone: $expected"

address=127.0.0.1:$((20000 + RANDOM % 20000))
start() {
    : >"$work/notices"
    "$built/dce" serve --dir "$work/data" --listen "$address" --durability always \
        >"$work/notices" 2> >(tee -a "$work/server.log" >>"$work/notices") &
    server=$!
    for _ in $(seq 1200); do
        if grep -q 'listening on' "$work/notices"; then return; fi
        if ! kill -0 "$server" 2>/dev/null; then break; fi
        sleep 0.05
    done
    echo 'the server does not come up:'
    tail -5 "$work/server.log"
    exit 1
}

start
"$built/examples/rtb_replay" "$file" --server "$address" --key "$work/data/identity/operator.key" \
    --trust "$work/data/identity/certificate.pem" >"$work/row" 2>"$work/progress" &
replay=$!
# The moments: so many auctions played, anywhere in the first 95 % of the file.
auctions=$(wc -l <"$file")
moments=$(for _ in $(seq "$kills"); do echo $(((RANDOM * 32768 + RANDOM) % (auctions * 95 / 100 + 1))); done | sort -n)
played() {
    local line
    line=$(tail -n 1 "$work/progress")
    line=${line%% *}
    echo "${line:-0}"
}
kill=0
for moment in $moments; do
    while [ "$(played)" -lt "$moment" ]; do
        if ! kill -0 "$replay" 2>/dev/null; then
            echo "the replay ended before kill $kill of $kills:"
            cat "$work/row" "$work/progress"
            exit 1
        fi
        sleep 0.03
    done
    # Not always right after a line of progress.
    sleep "0.0$((RANDOM % 100))"
    kill=$((kill + 1))
    kill -9 "$server"
    wait "$server" 2>/dev/null || true
    start
    echo "kill $kill at $(played) of $auctions auctions: $(grep -o 'log replayed: .*' "$work/notices" || true)"
done
if ! wait "$replay"; then
    echo 'the replay failed:'
    tail -5 "$work/progress"
    exit 1
fi
replay=

row=$(head -1 "$work/row")
echo "over the wire:    $row"
kill -TERM "$server"
wait "$server"
server=
live=$(grep 'stopped' "$work/notices" | grep -o -m 1 '[0-9a-f]\{32\}' || true)
"$built/dce" log replay "$work/data" >"$work/again"
again=$(grep -o -m 1 '[0-9a-f]\{32\}' "$work/again")
echo "digest: live $live, applied again $again"
"$built/dce" log verify "$work/data" >/dev/null
if [ "$row" = "$expected" ] && [ -n "$live" ] && [ "$live" = "$again" ]; then
    passed=yes
    echo "PASSED: $kills kills, the row is exact and the digests are equal"
else
    exit 1
fi

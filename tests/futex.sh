#!/usr/bin/env bash
# The writer's thread makes no futex call: strace counts its system calls while a server under load works.
#
#   bash tests/futex.sh [--seconds N, 10] [--pin CORE] [--thread NAME] [--may-skip]
#
# A server on a fresh log with durability `always` is kept busy over QUIC, strace is attached to the one thread, and its
# table must hold no line of futex, while ten thousand commands were accepted. Without a core of its own the thread must
# be seen to give its core away while it waits; with `--pin` it may make no call at all. At the end the journal's thread
# is looked at in the same manner, and its futex calls must be seen: a test that cannot fail says nothing.
#
# --thread looks at another thread of the server (dce-publish, dce-quic-0, dce-journal …) by the same rule.
# PROFILE=… builds another profile than release. Ends with 1 when the rule is broken, with 77 when it could not be
# looked at, with --may-skip 0.

set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

accepted_min=10000
# It calls into sled, which takes locks.
control=dce-journal
seconds=10
thread=dce-writer
pin=
may_skip=
profile=${PROFILE:-release}

usage() {
    echo 'usage: bash tests/futex.sh [--seconds N] [--pin CORE] [--thread NAME] [--may-skip]' >&2
    exit 2
}
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=${2:-}; shift 2 || usage ;;
        --pin) pin=${2:-}; shift 2 || usage ;;
        --thread) thread=${2:-}; shift 2 || usage ;;
        --may-skip) may_skip=yes; shift ;;
        *) usage ;;
    esac
done
case $seconds in '' | *[!0-9]* | 0) usage ;; esac

work=$(mktemp -d)
server=
load=
finish() {
    for process in $load $server; do
        { kill -KILL "$process"; wait "$process"; } 2>/dev/null
    done
    rm -rf "$work"
}
trap finish EXIT

skip() {
    printf 'SKIPPED: futex calls of %s (%s)\n' "$thread" "$1"
    [ -n "$may_skip" ] && exit 0
    exit 77
}

fail() {
    printf 'FAILED: %s\n' "$1"
    exit 1
}

# Counts the system calls of a task for so many seconds. The table goes to $work/table.
count_calls() {
    : >"$work/table"
    timeout --signal=INT "$2" strace -c -o "$work/table" -p "$1" 2>"$work/said"
    grep -q 'attached' "$work/said"
}

# What the load has counted so far.
accepted() {
    grep -Ex '[0-9]+' "$work/load" | tail -n 1
}

# Looks at a thread of the server. Arguments: its name, seconds. Sets $meanwhile, the commands accepted meanwhile.
look_at() {
    local task= candidate before
    for candidate in "/proc/$server/task"/*; do
        [ "$(cat "$candidate/comm")" = "$1" ] && task=${candidate##*/}
    done
    if [ -z "$task" ]; then
        fail "the server has no thread $1, only: $(cat "/proc/$server/task"/*/comm | sort -u | tr '\n' ' ')"
    fi
    before=$(accepted)
    count_calls "$task" "$2" || fail "strace was not attached to $1: $(cat "$work/said")"
    sleep 0.2 # the load tells ten times a second
    meanwhile=$(($(accepted) - before))
    kill -0 "$load" 2>/dev/null || fail "the load has ended: $(tail -n 1 "$work/load")"
    printf '\n%s for %d s, %d commands accepted meanwhile:\n' "$1" "$2" "$meanwhile"
    cat "$work/table"
}

called() {
    awk '$1 ~ /^[0-9]/ { print $NF }' "$work/table" | grep -Eq "^($1)"
}

if ! command -v strace >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get install -y strace
fi
command -v strace >/dev/null || skip 'there is no strace: apt-get install strace'
sleep 60 &
load=$!
count_calls "$load" 1 ||
    skip "strace may not attach to a process: run as root, or sysctl kernel.yama.ptrace_scope=0; $(cat "$work/said")"
{ kill -KILL "$load"; wait "$load"; } 2>/dev/null
load=

cargo build --quiet --profile "$profile" -p dce-server --bin dce || exit 1
cargo build --quiet --profile "$profile" -p dce-client --example load || exit 1
built=${CARGO_TARGET_DIR:-target}/$([ "$profile" = dev ] && echo debug || echo "$profile")

"$built/dce" serve --dir "$work/data" --listen 127.0.0.1:0 --durability always --set exchange.size=small \
    ${pin:+--set runtime.pin_writer="$pin"} >/dev/null 2>"$work/server" &
server=$!
for _ in $(seq 600); do
    address=$(sed -n 's/.*listening on [^0-9]*\([0-9.]*:[0-9]*\).*/\1/p' "$work/server")
    [ -n "$address" ] && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
done
[ -n "$address" ] || fail "the server does not come up: $(tail -n 1 "$work/server")"

# For longer than is looked at; it is ended before.
"$built/examples/load" "$address" "$work/data/identity/certificate.pem" "$work/data/identity/operator.key" \
    $((seconds + 60)) >"$work/load" 2>&1 &
load=$!
for _ in $(seq 200); do
    [ "$(accepted || echo 0)" -ge 1000 ] && break
    kill -0 "$load" 2>/dev/null || break
    sleep 0.05
done
[ "$(accepted || echo 0)" -ge 1000 ] || fail "the load does not get going: $(tail -n 1 "$work/load")"

look_at "$thread" "$seconds"
called futex && fail "$thread makes futex calls"
[ "$meanwhile" -ge "$accepted_min" ] || fail "$meanwhile commands are no load: it takes $accepted_min"
if [ -z "$pin" ] || [ "$thread" != dce-writer ]; then
    called '[a-z]' || fail 'the table is empty: nothing was looked at'
fi
verdict="$thread: $meanwhile commands and no futex call in $seconds s"
if [ "$thread" = dce-writer ]; then
    if [ -z "$pin" ]; then
        called 'sched_yield|ppoll' || fail 'the writer does not give its core away while it waits'
    fi
    look_at "$control" 3
    called futex || fail "no futex call of $control was seen either, so this test would see none"
fi
printf '\n%s\n' "$verdict"

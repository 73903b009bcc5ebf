#!/usr/bin/env bash
# Schemathesis asks every operation of the OpenAPI document what the document allows, and what it does not.
#
#   bash tests/schemathesis.sh [--examples N, 200] [--may-skip]
#
# A server on a fresh log with a market in it, REST in plain text on loopback; then two rounds with an operator's key and
# all checks but `positive_data_acceptance` (the exchange refuses much that its document allows: unknown names, states): names
# as they are made up, and names of things that are there. No answer may be a server's fault, none may differ from the
# document. The tool comes from PyPI into a folder of its own, at the version below. PROFILE=… builds another profile than
# release. Ends with 1 when a check fails, with 77 when it could not be run, with --may-skip 0.

set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tool='schemathesis==4.32.5'
examples=200
may_skip=
profile=${PROFILE:-release}

usage() {
    echo 'usage: bash tests/schemathesis.sh [--examples N] [--may-skip]' >&2
    exit 2
}
while [ $# -gt 0 ]; do
    case $1 in
        --examples) examples=${2:-}; shift 2 || usage ;;
        --may-skip) may_skip=yes; shift ;;
        *) usage ;;
    esac
done
case $examples in '' | *[!0-9]* | 0) usage ;; esac

work=$(mktemp -d)
server=
finish() {
    [ -n "$server" ] && { kill -KILL "$server"; wait "$server"; } 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT

skip() {
    printf 'SKIPPED: schemathesis (%s)\n' "$1"
    [ -n "$may_skip" ] && exit 0
    exit 77
}

fail() {
    printf 'FAILED: %s\n' "$1"
    exit 1
}

command -v python3 >/dev/null || skip 'python3 is not installed'
command -v curl >/dev/null || skip 'curl is not installed'
tools=${SCHEMATHESIS:-}
if [ -z "$tools" ]; then
    { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet "$tool"; } >"$work/pip" 2>&1 \
        || { tail -3 "$work/pip"; skip "$tool cannot be installed"; }
    tools=$work/venv/bin/schemathesis
fi

cargo build --quiet --profile "$profile" -p dce-server --features full || fail 'it does not build'
dce=${CARGO_TARGET_DIR:-target}/$profile/dce
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
rest=$(port)
"$dce" serve --dir "$work/data" --listen 127.0.0.1:0 --rest "127.0.0.1:$rest" \
    --set server.tls=false --set exchange.size=small \
    --set security.rate_limit.requests_per_second=100000 --set security.rate_limit.burst_size=100000 2>"$work/server" &
server=$!
base=http://127.0.0.1:$rest/api/v1
for _ in $(seq 100); do
    curl -sfo /dev/null "$base/ready" && break
    sleep 0.1
done
key=$(cat "$work/data/identity/operator.key") || fail 'the server did not start'

ask() {
    curl -sS --fail-with-body -o "$work/answer" -H "Authorization: Bearer $key" -H 'Content-Type: application/json' \
        -X "$1" "$base$2" -d "$3" || fail "$1 $2: $(cat "$work/answer")"
}
# A market: accounts, a listing, profiles with and without a standing bid, calls in auction, sold and waiting.
ask POST /accounts '{"id": "20", "role": "seller"}'
ask POST /accounts '{"id": "10", "role": "buyer", "deposit": "1000000.00", "destination": "sip:ten@example.com"}'
ask POST /listings '{"id": "1", "seller_id": "20", "open": true, "withdrawable": true}'
ask POST /bid-profiles '{"id": "1", "buyer_id": "10", "bid": "3.00", "destinations": [{"address": "sip:one@example.com"}]}'
ask POST /calls '{"seller_id": "20", "listing_id": "1"}'
call=$(sed 's/.*"reference":"\([^"]*\)".*/\1/' "$work/answer")
ask POST /auctions "{\"call_id\": \"$call\", \"duration\": 60}"
ask POST /bids "{\"auction_id\": \"$call\", \"amount\": \"4.00\", \"buyer_id\": \"10\", \"profile_id\": \"1\"}"
bid=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/answer")
ask POST /calls '{"seller_id": "20", "listing_id": "1", "route": true}'
sold=$(sed 's/.*"reference":"\([^"]*\)".*/\1/' "$work/answer")

run() {
    printf '\n-- %s\n' "$1"
    shift
    "$tools" "$@" run "$base/openapi.json" --header "Authorization: Bearer $key" --checks all \
        --exclude-checks positive_data_acceptance --phases examples,coverage,fuzzing --max-examples "$examples" \
        --no-color --warnings off --generation-database none --request-timeout 60 >"$work/out" 2>&1
    local ended=$?
    tail -25 "$work/out"
    kill -0 "$server" 2>/dev/null || fail 'the server ended by itself'
    [ "$ended" -eq 0 ] || { sed -n '/FAILURES/,$p' "$work/out" | head -200; fail 'a check failed'; }
}
# Waiting half a minute two hundred times finds nothing.
printf '[parameters]\n"query.wait" = 1\n' >"$work/made-up.toml"
cat >"$work/names.toml" <<END
[parameters]
"query.wait" = 1
"path.account_id" = "10"
"path.listing_id" = "1"
"path.profile_id" = "1"
"path.call_id" = "$sold"
"path.auction_id" = "$call"
"path.bid_id" = "$bid"
"query.min_sequence" = 1
END
run 'names as they are made up' --config-file "$work/made-up.toml"
run 'names of what is there' --config-file "$work/names.toml"
curl -sfo /dev/null "$base/health" || fail 'the exchange does not work any more'
kill -TERM "$server"
wait "$server" || fail "the server did not stop in order: $(cat "$work/server")"
server=
"$dce" log replay "$work/data" >"$work/replay" || fail 'the log cannot be replayed'
printf '\nPASSED: every operation, %s examples each, twice\n' "$examples"

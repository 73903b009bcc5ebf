#!/usr/bin/env bash
# The tests of the index's kernels under Valgrind: no read or write out of place, in each kernel that Valgrind and this
# processor can run. It knows AVX2 and not AVX-512, and tells the program so; AddressSanitizer covers that one.
#
#   bash tests/kernels.sh [--may-skip]
#
# Ends with 1 when something is found, with 77 when it could not be looked at, with --may-skip 0.

set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

skipped=77
case ${1:-} in
    '') ;;
    --may-skip) skipped=0 ;;
    *)
        echo 'usage: bash tests/kernels.sh [--may-skip]' >&2
        exit 2
        ;;
esac
if ! command -v valgrind >/dev/null; then
    echo 'SKIPPED: the kernels under Valgrind (it is not installed: take it from your distribution)'
    exit "$skipped"
fi
built=$(cargo test -p dce-engine --lib --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
if [ -z "$built" ]; then
    echo 'tests/kernels.sh: the tests of the engine do not build' >&2
    exit 1
fi
PROPTEST_CASES=${PROPTEST_CASES:-32} valgrind --quiet --error-exitcode=1 "$built" targeting:: --test-threads=1

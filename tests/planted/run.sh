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
seconds=900
targets='differential stories promises hours policies quotas quotes'
# shellcheck source=tests/copy.sh
. "$here/../copy.sh"

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

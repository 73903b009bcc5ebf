#!/usr/bin/env bash
# The power goes while a log is written: does everything acknowledged come back?
#
#   bash tests/power_cut.sh [ROUNDS]
#
# A file system on a loop image is the disk. While a process writes a log there, it is stopped and the image is copied:
# the copy holds what the disk holds, and nothing of what the system was still keeping in memory. The copy is mounted and
# the log in it judged by the notes the writer kept on another disk. At the end the same is done with the journal's own
# fdatasync switched off, and must fail: a test that cannot fail says nothing.
#
# Needs root and loop devices. Without them it says so and passes.

set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-5}

skip() {
    printf 'SKIPPED: power cut (%s)\n' "$1"
    exit 0
}

[ "$(id -u)" = 0 ] || skip 'it needs root, for loop devices'
command -v mkfs.ext4 >/dev/null || skip 'there is no mkfs.ext4'
losetup --find >/dev/null 2>&1 || skip 'there is no loop device'

cargo build --quiet --profile ci -p dce-persistence --features faults --example drill || exit 1
drill=${CARGO_TARGET_DIR:-target}/ci/examples/drill
work=$(mktemp -d)
writer=

clean_up() {
    if [ -n "$writer" ]; then
        kill -KILL "$writer" 2>/dev/null
        wait "$writer" 2>/dev/null
    fi
    umount "$work/disk" 2>/dev/null
    umount "$work/after" 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT

# One round: writes for some time, cuts the power, judges. Arguments: seconds, and a fault to plant.
cut_power() {
    local seconds=$1 fault=${2:-}
    rm -rf "$work"/{image,copy,notes.*,disk,after}
    mkdir "$work/disk" "$work/after"
    truncate --size 512M "$work/image"
    mkfs.ext4 -q "$work/image" || return 2
    mount -o loop "$work/image" "$work/disk" || return 2
    # shellcheck disable=SC2086 # no fault is no argument
    "$drill" write "$work/disk/log" "$work/notes" $fault >"$work/said" 2>&1 &
    writer=$!
    sleep "$seconds"
    kill -STOP "$writer" || { cat "$work/said"; return 2; }
    cp --sparse=always "$work/image" "$work/copy"
    kill -KILL "$writer"
    wait "$writer" 2>/dev/null
    writer=
    umount "$work/disk"
    mount -o loop "$work/copy" "$work/after" || return 2
    "$drill" judge "$work/after/log" "$work/notes"
    local verdict=$?
    umount "$work/after"
    return $verdict
}

for round in $(seq "$rounds"); do
    printf 'cut %d of %d: ' "$round" "$rounds"
    # The first one while the log is being made, the others in the midst of writing.
    moment="$((RANDOM % 3)).$((RANDOM % 5 + 5))"
    [ "$round" -eq 1 ] && moment="0.0$((RANDOM % 10))"
    if ! cut_power "$moment"; then
        echo 'FAILED: the power cut lost something'
        exit 1
    fi
done

printf 'with our fdatasync off: '
if cut_power 2.5 no-fdatasync; then
    echo 'FAILED: without our fdatasync nothing was lost, so this test would not notice'
    exit 1
fi
echo "all $rounds power cuts kept every acknowledged command, and the one without fdatasync did not"

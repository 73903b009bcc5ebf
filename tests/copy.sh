# Sourced, not run: a copy of the tree to break, and what the suite makes of it. Used by planted/run.sh and mutants/run.sh.
#
# Before: `root` is the tree, `work` the folder for the copy and its build (kept between runs, so the next one is quicker),
# `commands` how many commands engine and twin are compared over, `targets` the test targets to ask, in order,
# `seconds` how long one may take.

copy=$work/tree
clean=$work/engine-src
log=$work/log
export CARGO_TARGET_DIR=$work/target
# Most of the time goes into building; a bug is found at any level of optimization.
export CARGO_PROFILE_CI_OPT_LEVEL=1
export CARGO_PROFILE_CI_INCREMENTAL=true
export RUST_BACKTRACE=0

# Copies the tree anew, with the times of its files, so that what did not change is not built again.
fresh_tree() {
    rm -rf "$copy"
    mkdir -p "$copy"
    tar -C "$root" --exclude=./target --exclude=./.git --exclude=./fuzz/target -cf - . | tar -C "$copy" -xmf -
    rm -rf "$clean"
    cp -r "$copy/engine/src" "$clean"
}

# Puts the engine back as it was, touching only files that differ, so that cargo rebuilds no more than it must.
restore() {
    (cd "$clean" && find . -type f) | while read -r file; do
        cmp -s "$clean/$file" "$copy/engine/src/$file" || cp "$clean/$file" "$copy/engine/src/$file"
    done
}

# Which tests a target is: `engine` those inside the engine, others by their file.
chosen() {
    if [ "$1" = engine ]; then echo '-p dce-engine --lib'; else echo "-p dce-tests --test $1"; fi
}

# Builds one test target.
builds() {
    # shellcheck disable=SC2046
    (cd "$copy" && cargo test --quiet --profile ci $(chosen "$1") --no-run) >"$log" 2>&1
}

# Runs one test target that was built.
passes() {
    # shellcheck disable=SC2046
    (cd "$copy" && DCE_TWIN_COMMANDS=$commands PROPTEST_CASES=32 timeout "$seconds" \
        cargo test --quiet --profile ci $(chosen "$1")) >"$log" 2>&1
}

# What the suite makes of the copy as it stands: `caught by …`, `MISSED`, or `DOES NOT COMPILE`, which is no catch.
judge() {
    local target
    for target in $targets; do
        if ! builds "$target"; then
            echo 'DOES NOT COMPILE'
            return
        fi
        if ! passes "$target"; then
            echo "caught by $target"
            return
        fi
    done
    echo 'MISSED'
}

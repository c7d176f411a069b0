# Read by vmm, cprctl, cpr-agent and demo: finds a JDK 25, and the jars to run.
#
# A live update runs two versions of a program side by side, and a JVM breaks when its jars are replaced under it. So
# what runs is never Maven's output, but a copy of it that is never written again: target/dist/VERSION-DIGEST, made when
# the sources are newer than the last copy, and left as long as a process runs it. A copy is an installation: it may be
# moved anywhere as a whole, and its launchers build nothing.
#
# Everything said here goes to standard error; standard output is the program's.
#
# Wants: PROGRAM, the launcher's name; LAUNCHER, its absolute path. Gives: JAVA, LIB.
# shellcheck shell=sh

say() { echo "$PROGRAM: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

# Tells by its "release" file, without starting it, whether a folder is a Java 25.
is_java_25() {
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
    while IFS= read -r release_line; do
        case $release_line in
            'JAVA_VERSION="25"' | 'JAVA_VERSION="25.'* | 'JAVA_VERSION="25-'* | 'JAVA_VERSION="25+'*) return 0 ;;
        esac
    done <"$1/release"
    return 1
}

# JAVA_HOME, then PATH, then the usual folders.
find_java() {
    if [ -n "${JAVA_HOME:-}" ] && is_java_25 "$JAVA_HOME"; then
        JAVA=$JAVA_HOME/bin/java
        return
    fi
    if on_path=$(command -v java); then
        on_path=$(readlink -f "$on_path")
        if is_java_25 "${on_path%/bin/java}"; then
            JAVA=$on_path
            return
        fi
    fi
    for folder in /usr/lib/jvm/* /opt/java/* /opt/jdk-25*; do
        if is_java_25 "$folder"; then
            JAVA=$folder/bin/java
            return
        fi
    done
    fail "needs a JDK 25: install Debian's openjdk-25-jdk-headless (trixie or later) or Temurin 25, or name one in JAVA_HOME"
}

# What was built from the sources as they are now? Sets LIB, or returns 1.
current_copy() {
    [ -r "$ROOT/target/dist/current" ] || return 1
    read -r copy <"$ROOT/target/dist/current"
    LIB=$ROOT/target/dist/$copy/lib
    [ -d "$LIB" ] || return 1
    [ -n "${CPRKIT_NO_BUILD:-}" ] && [ "$ROOT/target/dist/current" -nt "$ROOT/cprctl/target/lib" ] && return 0
    not_newer "$ROOT/target/dist/current" "$ROOT/pom.xml" "$ROOT"/common-proto/pom.xml "$ROOT"/common-proto/src/main \
        "$ROOT"/vmm/pom.xml "$ROOT"/vmm/src/main "$ROOT"/agent/pom.xml "$ROOT"/agent/src/main \
        "$ROOT"/cprctl/pom.xml "$ROOT"/cprctl/src/main "$ROOT"/bin
}

# Is nothing in the named files and folders newer than the first?
not_newer() {
    than=$1
    shift
    [ -z "$(find "$@" -newer "$than" -print -quit 2>/dev/null)" ]
}

# Are all jars in MODULE/$1 there, and newer than their sources?
is_built() {
    for module in common-proto vmm agent cprctl; do
        jar=$(echo "$ROOT/$module/$1/$module"-*.jar)
        [ -f "$jar" ] && not_newer "$jar" "$ROOT/$module/pom.xml" "$ROOT/$module/src/main" || return 1
    done
    [ -d "$ROOT/vmm/$1/lib" ] && [ -d "$ROOT/cprctl/$1/lib" ]
}

run_maven() {
    command -v mvn >/dev/null || fail "cprkit is not built yet, and there is no mvn here; install Maven 3.8 or later"
    say "building cprkit from its sources (about half a minute; the first time Maven also fetches libraries)"
    command -v java >/dev/null || export JAVA_HOME="${JAVA%/bin/java}"
    if ! (cd "$ROOT" && mvn -B -q -Dstyle.color=never -Dquick -pl vmm,cprctl -am package </dev/null >&2); then
        fail "the build failed; what Maven says is above"
    fi
}

# Copies what is in MODULE/$1 to a place of its own, named by its content, and makes that the current one.
copy_build() {
    dist=$ROOT/target/dist
    new=$dist/.new.$$
    rm -rf "$new"
    mkdir -p "$new/lib/vmm" "$new/lib/cprctl" "$new/bin" "$new/guest"
    cp "$ROOT"/vmm/"$1"/vmm-*.jar "$ROOT"/vmm/"$1"/lib/*.jar "$new/lib/vmm/"
    cp "$ROOT"/cprctl/"$1"/cprctl-*.jar "$ROOT"/cprctl/"$1"/lib/*.jar "$new/lib/cprctl/"
    for launcher in vmm cprctl cpr-agent demo guest-linux fetch-qemu train launcher.sh debian.sh; do cp "$ROOT/bin/$launcher" "$new/bin/"; done
    cp -R "$ROOT/guest/." "$new/guest/"
    cp "$ROOT/LICENSE" "$new/"
    version=$(echo "$new"/lib/vmm/vmm-*.jar)
    version=${version##*/vmm-}
    copy=${version%.jar}-$(cd "$new" && find . -type f -print | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12)
    if [ -d "$dist/$copy" ]; then
        rm -rf "$new"
    else
        mv -T "$new" "$dist/$copy"
    fi
    echo "$copy" >"$dist/.current.$$"
    touch -r "$dist/.started" "$dist/.current.$$"
    mv "$dist/.current.$$" "$dist/current"
    LIB=$dist/$copy/lib
}

# Removes copies that no process runs any more, but for the newest few.
prune() {
    # shellcheck disable=SC2012 # the names are ours
    ls -dt "$ROOT"/target/dist/*-*/ | tail -n +5 | while IFS= read -r old; do
        # The name goes in by standard input, for grep's own command line is among those searched.
        printf '%s\n' "$old" | grep -qsFf - /proc/[0-9]*/cmdline || rm -rf "$old"
    done
}

build() {
    mkdir -p "$ROOT/target/dist" || fail "cannot write to $ROOT/target"
    exec 9>"$ROOT/target/dist/.lock"
    if ! flock -n 9; then
        say "waiting for another build of cprkit to end"
        flock 9
    fi
    if ! current_copy; then
        # A source that is saved while the build runs is newer than this, and is built next time.
        : >"$ROOT/target/dist/.started"
        if is_built target || [ -n "${CPRKIT_NO_BUILD:-}" ]; then
            copy_build target
        else
            is_built target/quick || run_maven
            copy_build target/quick
        fi
        prune
        if [ -z "${CPRKIT_NO_BUILD:-}" ] && ! [ -r "$LIB/vmm.aot" ]; then
            say "recording how vmm starts and updates, so that it does both faster (some seconds, once per build)"
            "${LIB%/lib}/bin/train" >"$ROOT/target/dist/train.log" 2>&1 9>&- </dev/null ||
                say "the recording failed, so vmm starts without it; $ROOT/target/dist/train.log tells more"
        fi
    fi
    exec 9>&-
}

# All jars of a folder, in an order that does not change.
class_path() {
    CLASS_PATH=
    for jar in "$1"/*.jar; do CLASS_PATH=$CLASS_PATH${CLASS_PATH:+:}$jar; done
}

unset JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS # they make a JVM print lines of its own
ROOT=$(cd "${LAUNCHER%/*}/.." && pwd)
find_java
if [ -d "$ROOT/lib/vmm" ]; then
    LIB=$ROOT/lib
elif [ -f "$ROOT/pom.xml" ]; then
    current_copy || build
else
    fail "there is neither a lib folder nor a checkout around $LAUNCHER; install cprkit again"
fi

# Read by guest-linux and .ci/run: fetches Debian packages of any suite and architecture with apt itself, without
# installing anything and without root. apt gets configuration, lists and state of its own in the folder $work; the
# mirror, and how to reach the network, are those of the machine's own apt. apt checks every signature.
#
# Wants: say and fail, work (a folder to use).
# shellcheck shell=sh
apt_more= # further lines for apt.conf

# The Debian mirrors of the machine's own apt, each once.
mirrors() {
    if [ -n "${CPRKIT_DEBIAN_MIRROR:-}" ]; then
        echo "$CPRKIT_DEBIAN_MIRROR"
        return
    fi
    # shellcheck disable=SC2016 # the fields are apt's
    apt-get indextargets --format '$(REPO_URI) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null |
        awk '$2 == "main" && $1 !~ /security/ && ($1 ~ /\/debian\/?$/ || $3 == "Debian") { print $1 }' | sort -u
}

apt_private() {
    tool=$1
    shift
    APT_CONFIG=$work/apt.conf "$tool" "$@"
}

configure_apt() { # MIRROR KEYRING SUITE ARCHITECTURE
    mkdir -p "$work/etc/preferences.d" "$work/lists/partial" "$work/archives/partial"
    : >"$work/status"
    echo "deb [arch=$4 signed-by=$2] $1 $3 main" >"$work/sources.list"
    {
        apt-config dump | grep -E '^Acquire::(http|https|Retries|ForceIPv|Check-Valid-Until)' || :
        cat <<END
Dir::Etc "$work/etc";
Dir::Etc::parts "/dev/null";
Dir::Etc::netrc "/etc/apt/auth.conf";
Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work";
Dir::Cache::archives "$work/archives";
APT::Architecture "$4";
APT::Architectures { "$4"; };
APT::Sandbox::User "root";
APT::Install-Recommends "0";
Acquire::Languages "none";
Acquire::http::Timeout "20";
${apt_more:-}
END
    } >"$work/apt.conf"
}

# Fetches the lists of a suite from the first mirror that has it. Sets mirror.
reach_debian() { # SUITE ARCHITECTURE
    for tool in apt-get apt-cache apt-config dpkg-deb; do
        command -v "$tool" >/dev/null || fail "there is no $tool here; Debian packages are fetched with Debian's tools"
    done
    keyring=
    for candidate in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
        if [ -r "$candidate" ]; then keyring=$candidate; fi
    done
    [ -n "$keyring" ] || fail "Debian's archive keyring is missing; install the package debian-archive-keyring"
    mirror=
    for candidate in $(mirrors); do
        say "fetching the package list of Debian $1 for $2 from $candidate"
        configure_apt "$candidate" "$keyring" "$1" "$2"
        if apt_private apt-get -qq -o APT::Update::Error-Mode=any update >"$work/log" 2>&1; then
            mirror=$candidate
            return
        fi
        sed "s|^|$PROGRAM:   |" "$work/log" >&2
    done
    fail "no Debian mirror of this machine could be reached for $1; name one in CPRKIT_DEBIAN_MIRROR"
}

#!/bin/sh
# Installs what Millrace is built with and runs on: packages from Debian, and the engine from PyPI
# into .tools. Says what is missing; does nothing, in well under a second, when nothing is.
# With `tests`, also what tests compare Millrace with.
# No service is started or enabled, and no PostgreSQL cluster is made.
set -eu
cd "$(dirname "$0")/.."

packages="rabbitmq-server postgresql librabbitmq-dev libpq-dev libcurl4-openssl-dev libssl-dev
    libyaml-dev libmicrohttpd-dev libxml2-dev pkg-config zstd"
requirements=infra/requirements.txt
stamp=.tools/requirements.txt

say() { printf 'setup: %s\n' "$*"; }

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# The packages of "$@" that are not installed.
missing() {
    installed=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' "$@" \
        2>/dev/null | sed -n 's/^ii  *//p')
    for package in "$@"; do
        printf '%s\n' "$installed" | grep -qxF "$package" || printf '%s ' "$package"
    done
}

install_packages() {
    say "missing: $1"
    command -v apt-get >/dev/null ||
        fail "this is no Debian: install what these packages hold, then run it again"
    if [ "$(id -u)" = 0 ]; then
        sh infra/install-packages.sh $1
    elif command -v sudo >/dev/null; then
        say "asking sudo to install them"
        sudo sh infra/install-packages.sh $1
    else
        fail "no rights to install them; as root:  sh infra/install-packages.sh $1"
    fi
}

install_engine() {
    say "installing the engine into .tools"
    rm -rf .tools
    python3 -m venv .tools
    .tools/bin/python3 -m pip install --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --require-hashes --requirement "$requirements"
    # The program itself: the wheel's own `duckdb` is a Python script that starts it as a child.
    program=$(cd .tools && echo lib/python3*/site-packages/duckdb_cli/duckdb)
    [ -x ".tools/$program" ] || fail "the engine's wheel holds no program at .tools/$program"
    ln -sf "../$program" .tools/bin/duckdb
    .tools/bin/duckdb -version >/dev/null || fail ".tools/bin/duckdb does not run"
    cp "$requirements" "$stamp"
}

# What only tests need, into .build/test-tools.
install_test_tools() {
    tools=.build/test-tools
    cmp -s infra/requirements-tests.txt "$tools/requirements.txt" && return
    say "installing what tests compare with into $tools"
    rm -rf "$tools"
    mkdir -p .build
    python3 -m venv "$tools"
    "$tools/bin/python3" -m pip install --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --require-hashes --requirement infra/requirements-tests.txt
    cp infra/requirements-tests.txt "$tools/requirements.txt"
}

wanted=""
if command -v dpkg-query >/dev/null; then
    wanted=$(missing $packages)
fi
has_engine=no
if [ -x .tools/bin/duckdb ] && cmp -s "$requirements" "$stamp"; then
    has_engine=yes
else
    # Debian keeps the part of venv that brings pip in a package of its own.
    python3 -c 'import ensurepip' 2>/dev/null || wanted="$wanted python3-venv"
fi
[ -z "$wanted" ] || install_packages "$wanted"
[ "$has_engine" = yes ] || install_engine
[ "${1:-}" != tests ] || install_test_tools
say "everything is there"

#!/bin/sh
# Installs Debian packages without what they bring along for servers of a whole host: nothing is
# started or enabled, and PostgreSQL makes no cluster. For root; called by setup.sh.
set -eu

guard=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.conf
made=""

restore() {
    for file in $made; do rm -f "$file"; done
    # What the package would have put there.
    template=/usr/share/postgresql-common/createcluster.conf
    case " $made " in
    *" $clusters "*) [ ! -f "$template" ] || cp "$template" "$clusters" ;;
    esac
}
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

is_installed() { dpkg-query --show --showformat '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q ^ii; }

# Asked by packages before they start a service (invoke-rc.d(8)); 101 means no.
if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
    made="$guard"
fi
if [ ! -e "$clusters" ]; then
    mkdir -p "$(dirname "$clusters")"
    printf 'create_main_cluster = false\n' >"$clusters"
    made="$made $clusters"
fi

new=""
for service in rabbitmq-server:rabbitmq-server postgresql:postgresql-common epmd:erlang-base; do
    is_installed "${service#*:}" || new="$new ${service%%:*}"
done

export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
apt-get update -qq
apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@"

for service in $new; do
    for unit in "$service.service" "$service.socket"; do
        # The helper works without systemd, too, but only where it thinks that dpkg calls it.
        [ ! -e "/lib/systemd/system/$unit" ] ||
            DPKG_MAINTSCRIPT_PACKAGE=millrace deb-systemd-helper disable "$unit" >/dev/null
    done
    [ ! -e "/etc/init.d/$service" ] || update-rc.d "$service" disable
done

#!/bin/sh
# Installs Debian packages as root: apt_install.sh PACKAGE...
# Debian starts and enables the service of a mosquitto that it installs, which takes the port of the broker
# in Compose. One that this installs is neither started nor enabled; one that was there is left alone.
set -eu
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}

say() { printf 'setup: %s\n' "$*"; }

is_new_service() {
    case " $* " in *" mosquitto "*) ;; *) return 1 ;; esac
    status=$(dpkg-query -W -f '${db:Status-Status}' mosquitto 2>/dev/null) || return 0
    [ "$status" != installed ]
}

# For the time of the installation, unless this machine has a policy of its own.
forbid_start() {
    [ ! -e "$policy" ] && [ ! -L "$policy" ] || return 0
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '%s\n' '#!/bin/sh' 'case " $* " in *" mosquitto "* | *" mosquitto.service "*) exit 101 ;; esac' >"$policy"
    chmod 755 "$policy"
}

disable() {
    if command -v systemctl >/dev/null; then
        systemctl stop mosquitto >/dev/null 2>&1 || true # a policy of its own may have let it start
        systemctl disable mosquitto >/dev/null 2>&1
    else
        update-rc.d mosquitto disable >/dev/null 2>&1
    fi
}

new_service=false
if is_new_service "$@"; then
    new_service=true
    forbid_start
fi
apt-get update -qq
status=0
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null || status=$?
# After an installation that failed half-way, too: the next one would find a mosquitto that was there.
if $new_service; then
    if disable; then
        say "mosquitto's own service is neither started nor enabled, so that port 1883 stays free"
    elif [ "$status" = 0 ]; then
        say "mosquitto's own service is still enabled: sudo systemctl disable --now mosquitto" >&2
    fi
fi
exit "$status"

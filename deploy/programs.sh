#!/bin/sh
# Installs the Debian or Ubuntu packages of the programs that the stack runs, and of those in the
# arguments, written program:package. Programs that exist are skipped, also where their names end in a
# version (php-fpm8.2).
set -eu
PATH=$PATH:/usr/sbin
missing=
for pair in nginx:nginx-light openssl:openssl "$@"; do
    program=${pair%%:*}
    command -v "$program" >/dev/null || ls "/usr/sbin/$program"[0-9]* >/dev/null 2>&1 ||
        missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0
echo "installing$missing"
root=
[ "$(id -u)" = 0 ] || root=sudo
$root apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing

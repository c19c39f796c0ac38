#!/bin/sh
# Installs, upgrades or removes Signalbox on this machine: run as root, in the directory that the package unpacks to.
#
#   ./install.sh [--prefix DIR] [--bin DIR] [--node FILE] [--no-systemd] [--no-restart]
#   ./install.sh --uninstall [--prefix DIR] [--bin DIR]
#
#   --prefix DIR     where versions are kept (default /opt/signalbox); `current` there is the one that runs
#   --bin DIR        where the command `signalbox` is linked (default /usr/local/bin)
#   --node FILE      the Node that services run on (default: node of the PATH)
#   --no-systemd     no units
#   --no-restart     an upgrade leaves what runs alone: it goes on as the old version until it is started again
#   --uninstall      stops the services and removes the program; settings, keys and data stay
#
# An upgrade is the same command with a newer package. What fails before the last step changes nothing of what runs. Needs Node 20.19,
# sh and the usual tools (coreutils, sed). Nothing is downloaded.
set -eu
umask 022

settings=/etc/signalbox
state=/var/lib/signalbox
units=/etc/systemd/system
prefix=/opt/signalbox
bin=/usr/local/bin
node=
action=install
with_systemd=yes
with_restart=yes

fail() {
  echo "install: $1" >&2
  [ -z "${2:-}" ] || echo "next: $2" >&2
  exit 1
}
say() {
  echo "install: $1"
}
value_of() {
  case ${2:-} in /*) ;; *) fail "$1 wants an absolute path" ;; esac
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) value_of "$@" && prefix=${2%/} && shift ;;
    --bin) value_of "$@" && bin=${2%/} && shift ;;
    --node) value_of "$@" && node=$2 && shift ;;
    --no-systemd) with_systemd= ;;
    --no-restart) with_restart= ;;
    --uninstall) action=uninstall ;;
    -h | --help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *) fail "there is no option $1" "$0 --help" ;;
  esac
  shift
done
case $prefix in '' | *[!A-Za-z0-9/._-]*) fail "--prefix $prefix holds more than letters, digits and /._-" ;; esac
[ "$(id -u)" = 0 ] || fail 'only root can install' "sudo $0"

has() {
  command -v "$1" >/dev/null 2>&1
}
# Whether there is a systemd to talk to: units are put in place without one too.
systemd_runs() {
  [ -n "$with_systemd" ] && [ -d /run/systemd/system ] && has systemctl
}

remove_units() {
  rm -f "$units"/signalbox.service "$units"/signalbox@.service "$units"/signalbox.target \
    "$units"/signalbox-dataplane-agent.service "$units"/signalbox-haproxy.service \
    "$units"/signalbox@plugin-runner.service.d/plugins.conf /etc/sysusers.d/signalbox.conf /etc/tmpfiles.d/signalbox.conf
  rmdir "$units"/signalbox@plugin-runner.service.d 2>/dev/null || :
}

if [ $action = uninstall ]; then
  [ -d "$prefix/versions" ] || fail "$prefix has no Signalbox" 'say where it is: --prefix DIR'
  if systemd_runs; then
    systemctl disable --now --quiet signalbox.service signalbox.target signalbox-dataplane-agent.service \
      signalbox-haproxy.service 2>/dev/null || :
    systemctl stop 'signalbox@*.service' 2>/dev/null || :
  fi
  [ -z "$with_systemd" ] || remove_units
  ! systemd_runs || systemctl daemon-reload
  if [ "$(readlink "$bin/signalbox" 2>/dev/null)" = "$prefix/current/bin/signalbox" ]; then rm -f "$bin/signalbox"; fi
  rm -rf "$prefix/versions" "$prefix/current"
  rmdir "$prefix" 2>/dev/null || :
  say "removed; what stays: $settings, $state, and the users signalbox and signalbox-plugin"
  exit 0
fi

# --- what is to be installed is whole, and can run here ---
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
[ -f SHA256SUMS ] && [ -f dist/bundle/standalone.js ] ||
  fail "$here is no unpacked package" 'tar -xzf signalbox-VERSION.tar.gz && signalbox-VERSION/install.sh'
sha256sum --check --quiet SHA256SUMS >&2 || fail 'the package is not whole' 'unpack it again, or get it again'
[ -n "$node" ] || node=$(command -v node) || fail 'there is no Node' 'install Node 20.19 or newer, or say where it is: --node FILE'
[ -x "$node" ] || fail "$node cannot be run"
found=$("$node" -p process.versions.node) || fail "$node does not run"
"$node" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  fail "Signalbox needs Node 20.19 or newer, $node is $found"
# the same version may have been built twice
version=$("$node" -p 'require(process.argv[1]).version' "$here/package.json")-$(sha256sum SHA256SUMS | cut -c 1-8)
previous=$(readlink "$prefix/current" 2>/dev/null) || previous=
previous=${previous#versions/}

# --- users ---
ensure_user() {
  ! grep -q "^$1:" /etc/passwd || return 0
  if has useradd; then
    useradd --system --user-group --no-create-home --home-dir "$2" --shell /usr/sbin/nologin "$1"
  elif has adduser; then
    adduser -S -D -H -h "$2" -s /sbin/nologin "$1"
  else
    fail "there is no user $1, and nothing to make one with" "make a system user $1 with a group of that name, then run this again"
  fi
}
ensure_user signalbox $state
ensure_user signalbox-plugin /nonexistent

# --- the new version beside the old one ---
mkdir -p "$prefix/versions"
trap 'rm -rf "$prefix/versions/.new"' EXIT
rm -rf "$prefix/versions/.new"
if [ ! -d "$prefix/versions/$version" ]; then
  mkdir "$prefix/versions/.new"
  cp -R "$here/." "$prefix/versions/.new/"
  chown -R 0:0 "$prefix/versions/.new"
  # the command finds the site of this machine by it
  ln -s $state "$prefix/versions/.new/.signalbox"
  mv "$prefix/versions/.new" "$prefix/versions/$version"
fi

# --- settings and keys: what is there stays ---
mkdir -p $settings/keys $state
chown 0:signalbox $settings
chmod 750 $settings
chmod 700 $settings/keys
chown signalbox:signalbox $state
chmod 750 $state
for file in "$here"/deploy/systemd/etc/*.env; do
  target=$settings/$(basename "$file")
  [ ! -e "$target" ] || continue
  cp "$file" "$target"
  chown 0:signalbox "$target"
  chmod 640 "$target"
done

# --- units ---
place() {
  mkdir -p "$(dirname "$2")"
  sed -e "s#/opt/signalbox/#$prefix/#g" -e "s#/usr/bin/node #$node #" "$here/deploy/systemd/$1" >"$2"
}
if [ -n "$with_systemd" ]; then
  for unit in signalbox.service signalbox@.service signalbox.target signalbox-dataplane-agent.service \
    signalbox-haproxy.service signalbox@plugin-runner.service.d/plugins.conf; do
    place "$unit" "$units/$unit"
  done
  place signalbox.sysusers /etc/sysusers.d/signalbox.conf
  place signalbox.tmpfiles /etc/tmpfiles.d/signalbox.conf
fi

# --- the switch ---
ln -sfn "versions/$version" "$prefix/current.new"
mv -fT "$prefix/current.new" "$prefix/current" 2>/dev/null || { rm -f "$prefix/current" && mv "$prefix/current.new" "$prefix/current"; }
mkdir -p "$bin"
ln -sf "$prefix/current/bin/signalbox" "$bin/signalbox"
if systemd_runs; then
  systemctl daemon-reload
  # HAProxy is left alone: it carries traffic, and nothing of it is new
  [ -z "$with_restart" ] ||
    systemctl try-restart signalbox.service 'signalbox@*.service' signalbox-dataplane-agent.service
fi

# the one before stays: a switch back is `ln -sfn`, where no table was migrated (docs/guide/upgrade.md)
for old in "$prefix"/versions/*; do
  case ${old##*/} in "$version" | "$previous") ;; *) rm -rf "$old" ;; esac
done

if [ -z "$previous" ]; then
  say "installed $version in $prefix, on Node $found"
  say 'next: settings in /etc/signalbox/site.env, then systemctl enable --now signalbox'
elif [ "$previous" = "$version" ]; then
  say "installed $version again"
else
  say "upgraded from $previous to $version"
fi

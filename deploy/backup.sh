#!/bin/sh
# Copies a composed site into a directory: deploy/backup.sh DIRECTORY
#
# Needs docker compose, gzip, and a running site. NATS is away while its data is copied, and is packed when it is back:
# services wait for it, publishers get no acknowledgement and send again. `deploy/restore.sh DIRECTORY` brings the site
# back.
#
# The order is what makes the copy consistent. The streams are the truth, Postgres holds tables made from them, each
# with the position up to which it has read. So Postgres is copied FIRST: its positions are then behind the copied
# streams, and after a restore the services read on from there. A newer Postgres beside older streams would count
# messages as read that do not exist yet, and pass over the ones that get their numbers later.
set -eu
umask 077

fail() {
  echo "backup: $1" >&2
  [ -z "${2:-}" ] || echo "next: $2" >&2
  exit 1
}

[ $# -eq 1 ] && [ -n "$1" ] || fail 'say where to: deploy/backup.sh DIRECTORY'
case $1 in /*) target=$1 ;; *) target=$PWD/$1 ;; esac
[ ! -e "$target" ] || fail "$target is there already" 'name a directory that is not there yet'
cd "$(dirname "$0")/.."

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi
}

begun=$(date +%s)
seconds_since() {
  echo "$(($(date +%s) - $1)) s"
}
size_of() {
  du -h "$target/$1" | cut -f 1
}

# A one-shot container with the volumes of the site.
with_volumes() {
  docker compose --progress quiet run --rm -T setup "$@" </dev/null
}

running=$(docker compose ps --services --status running) ||
  fail 'docker compose does not answer' 'look at what it says above'
for service in postgres nats; do
  echo "$running" | grep -qx "$service" ||
    fail "$service of the project does not run" 'start the site: docker compose up -d --wait'
done

mkdir -p "$target"
is_nats_stopped=
finish() {
  status=$?
  trap - EXIT HUP INT TERM
  [ -z "$is_nats_stopped" ] || docker compose --progress quiet start nats >&2 ||
    echo 'backup: NATS was not started again: docker compose start nats' >&2
  if [ "$status" -ne 0 ]; then
    echo "backup: failed, $target is not complete and was removed" >&2
    rm -rf "$target"
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

step=$begun
docker compose exec -T postgres pg_dump -Fc -U signalbox signalbox </dev/null >"$target/postgres.dump" ||
  fail 'Postgres could not be copied'
echo "backup: Postgres: $(size_of postgres.dump), $(seconds_since "$step")"

step=$(date +%s)
is_nats_stopped=yes
docker compose --progress quiet stop nats
with_volumes tar -C /nats-data -cf - . >"$target/nats-data.tar" || fail 'the data of NATS could not be copied'
docker compose --progress quiet start nats
is_nats_stopped=
echo "backup: NATS: $(size_of nats-data.tar), away for $(seconds_since "$step")"
step=$(date +%s)
gzip "$target/nats-data.tar"
echo "backup: NATS, packed: $(size_of nats-data.tar.gz), $(seconds_since "$step")"

step=$(date +%s)
for volume in keys secrets state; do
  with_volumes tar -C "/$volume" -czf - . >"$target/$volume.tar.gz" || fail "the volume $volume could not be copied"
done
echo "backup: keys, secrets and state: $(seconds_since "$step")"

version=$(with_volumes signalbox --version)
cd "$target"
{
  echo 'format 1'
  echo "version $version"
  echo "time $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  for file in postgres.dump nats-data.tar.gz keys.tar.gz secrets.tar.gz state.tar.gz; do
    echo "sha256 $(sha256 "$file")"
  done
} >manifest.part
mv manifest.part manifest
echo "backup: $target is complete, in $(seconds_since "$begun")"

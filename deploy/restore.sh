#!/bin/sh
# Brings a composed site back from a directory that deploy/backup.sh made: deploy/restore.sh [--force] DIRECTORY
#
# Needs docker compose. Refuses when the site has data, or when a newer version made the backup; with --force the data
# is deleted first and the version is only told. Starts the site, waits until it is ready, and compares its tables with
# its streams.
set -eu
umask 077

fail() {
  echo "restore: $1" >&2
  [ -z "${2:-}" ] || echo "next: $2" >&2
  exit 1
}

force=
if [ "${1:-}" = --force ]; then
  force=yes
  shift
fi
[ $# -eq 1 ] && [ -n "$1" ] || fail 'say where from: deploy/restore.sh [--force] DIRECTORY'
case $1 in /*) source=$1 ;; *) source=$PWD/$1 ;; esac
[ -f "$source/manifest" ] ||
  fail "$source holds no complete backup: it has no manifest" 'name a directory that deploy/backup.sh made'
cd "$(dirname "$0")/.."

begun=$(date +%s)
step=$begun
# Says what is done, and how long it took since the last time.
done_with() {
  now=$(date +%s)
  echo "restore: $1: $((now - step)) s"
  step=$now
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

grep -qx 'format 1' "$source/manifest" ||
  fail "$source/manifest has another format than this program knows" 'restore it with the version that made it'
for file in postgres.dump nats-data.tar.gz keys.tar.gz secrets.tar.gz state.tar.gz; do
  [ -f "$source/$file" ] || fail "$source/$file is missing" 'use another backup'
  wanted=$(sed -n "s/^sha256 \([0-9a-f]*\)  *$file\$/\1/p" "$source/manifest")
  [ "$(sha256 "$source/$file")" = "$wanted" ] ||
    fail "$source/$file is not what was written: its sha256 differs from the manifest" 'use another backup'
done
echo "restore: $(grep -E '^(version|time) ' "$source/manifest" | tr '\n' ' ')"
done_with 'the files are what was written'

# One-shot containers with the volumes of the site. That of Postgres also mounts directories of `keys`, which must be
# there.
with_volumes() {
  docker compose --progress quiet run --rm -T setup "$@"
}
with_postgres_volume() {
  docker compose --progress quiet run --rm -T --no-deps --entrypoint find postgres \
    /var/lib/postgresql/data -mindepth 1 "$@" </dev/null
}
# A file in a volume; nothing says that it has none. Fails when not all of it can be read.
content() {
  if [ "$1" = postgres-data ]; then
    with_volumes mkdir -p /keys/postgres/init </dev/null && with_postgres_volume ! -type d -print -quit
  else
    with_volumes find "/$1" -mindepth 1 ! -type d -print -quit </dev/null
  fi || fail "the volume $1 cannot be read" 'look at what it says above'
}

ours=$(with_volumes signalbox --version </dev/null) || fail 'the image does not say its version' 'docker compose build'
theirs=$(sed -n 's/^version //p' "$source/manifest")
[ -n "$theirs" ] || fail "$source/manifest names no version" 'use another backup'
older=$(printf '%s\n' "$ours" "$theirs" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)
if [ "$ours" = "$theirs" ]; then
  :
elif [ "$older" = "$theirs" ]; then
  echo "restore: the older version $theirs made this backup; $ours takes it over"
elif [ -n "$force" ]; then
  echo "restore: the newer version $theirs made this backup; $ours may not understand all of it"
else
  fail "the newer version $theirs made this backup, and this is $ours" \
    'build that version; to try with this one, deleting what is there: deploy/restore.sh --force DIRECTORY'
fi

# Nothing is stopped or deleted before all of them are known to be empty.
[ -n "$force" ] || for volume in nats-data keys secrets state postgres-data; do
  found=$(content "$volume") || exit 1
  [ -z "$found" ] ||
    fail "the volume $volume holds data: $found" 'to delete what is there: deploy/restore.sh --force DIRECTORY'
done

echo 'restore: stopping what runs'
docker compose --progress quiet down
done_with 'stopped'
for volume in keys secrets state nats-data; do
  with_volumes find "/$volume" -mindepth 1 -delete </dev/null || fail "the volume $volume could not be emptied"
  with_volumes tar -C "/$volume" -xzpf - <"$source/$volume.tar.gz" || fail "the volume $volume could not be written"
done
done_with 'volumes of NATS, keys, secrets and state'

with_volumes mkdir -p /keys/postgres/init </dev/null
with_postgres_volume -delete || fail 'the volume of Postgres could not be emptied'
docker compose --progress quiet up -d --wait postgres || fail 'Postgres did not start' 'docker compose logs postgres'
docker compose exec -T postgres pg_restore -U signalbox -d signalbox --no-owner --single-transaction --exit-on-error \
  <"$source/postgres.dump" || fail 'the tables could not be written' 'docker compose logs postgres'
done_with 'Postgres'

docker compose --progress quiet up -d --wait || fail 'the site is not ready' 'docker compose ps; docker compose logs'
done_with 'the site runs'
docker compose exec -T api signalbox projections verify </dev/null ||
  fail 'the site is up, but tables could not be shown to be what the streams say' 'what differs stands above'
done_with 'tables are what the streams say'
echo "restore: the site is ready, in $(($(date +%s) - begun)) s"

#!/bin/sh
# The first word is a service, or else any command of the image: `signalbox`, `setup`, `keep-secret`.
set -eu
main="/app/dist/bundle/${1:-}.js"
if [ -n "${1:-}" ] && [ -f "$main" ]; then
  shift
  exec node "$main" "$@"
fi
exec "$@"

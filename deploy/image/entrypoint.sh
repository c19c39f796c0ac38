#!/bin/sh
# The first word is a service, or else any command of the image: `signalbox`, `setup`, `keep-secret`.
set -eu
main="/app/dist/apps/${1:-}/src/main.js"
if [ -n "${1:-}" ] && [ -f "$main" ]; then
  shift
  exec node "$main" "$@"
fi
exec "$@"

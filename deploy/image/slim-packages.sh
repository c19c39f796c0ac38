#!/bin/sh
# Takes out of node_modules what no service ever reads: types, source maps, documentation, tests, builds for browsers.
# Licences stay.
set -eu
cd "$1"
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.flow' \
  -o -iname 'readme*' -o -iname 'changelog*' -o -iname 'history.md' \) -delete
for package in ./* ./@*/* ./*/node_modules/* ./@*/*/node_modules/*; do
  [ -f "$package/package.json" ] || continue
  for extra in test tests docs example examples benchmark benchmarks; do
    [ -f "$package/$extra/package.json" ] || rm -rf "${package:?}/$extra"
  done
done
# What Node never loads, by the "exports" and "main" of these packages.
rm -rf rxjs/src rxjs/dist/bundles rxjs/dist/esm rxjs/dist/esm5 typeorm/browser libphonenumber-js/bundle \
  class-validator/bundles class-validator/esm5 class-validator/esm2015 \
  class-transformer/bundles class-transformer/esm5 class-transformer/esm2015 \
  swagger-ui-dist/swagger-ui-es-bundle.js swagger-ui-dist/swagger-ui-es-bundle-core.js

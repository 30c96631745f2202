#!/usr/bin/env bash
# Collect the words of the application and compile the translations (needs GNU gettext; running photodose does not).
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
cd "$here/src/photodose/app"
PHOTODOSE_DATA_DIR="$scratch" "$here/.venv/bin/python" -m photodose.app.manage makemessages \
  --locale de --no-location --no-wrap --no-obsolete
for words in locale/*/LC_MESSAGES/django.po; do
  sed -i '/^"POT-Creation-Date/d' "$words"
  msgfmt --check-format -o "${words%.po}.mo" "$words"
done

#!/usr/bin/env bash
# Collect the words of the application and compile the translations (needs GNU gettext; running photodose does not).
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
cd "$here/src/photodose/app"
PHOTODOSE_DATA_DIR="$scratch" "$here/.venv/bin/python" -m photodose.app.manage makemessages \
  --locale de --no-location --no-wrap --no-obsolete
"$here/.venv/bin/python" "$here/scripts/engine_words.py" > "$scratch/engine.pot"
for words in locale/*/LC_MESSAGES/engine.po; do
  # what the engine does not say any more stays: plans that were kept say it still
  msgattrib --no-obsolete "$words" > "$scratch/kept.po"
  msgmerge --quiet --no-fuzzy-matching --no-wrap --no-location "$words" "$scratch/engine.pot" -o "$scratch/merged.po"
  msgattrib --no-obsolete --no-wrap "$scratch/merged.po" > "$scratch/new.po"
  msgcat --use-first --no-wrap "$scratch/new.po" "$scratch/kept.po" -o "$words"
done
for words in locale/*/LC_MESSAGES/*.po; do
  sed -i '/^"POT-Creation-Date/d' "$words"
  msgfmt --check-format -o "${words%.po}.mo" "$words"
done

#!/usr/bin/env bash
# The browser tests drive the system's Chromium; install it from the system's packages where it is missing.
set -euo pipefail
if [ -n "${PHOTODOSE_CHROMIUM:-}" ]; then
  exit 0
fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null; then
    exit 0
  fi
done
if ! command -v apt-get >/dev/null; then
  echo "The browser tests need Chromium: install it, or set PHOTODOSE_CHROMIUM to its path." >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then as_root="sudo"; fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium

"""Are the built scripts of the application those of their sources? Needs no Node; with Node it builds and compares."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src/photodose/app/static/photodose"
BESIDE = ("package.json", "package-lock.json", "vite.config.js", "tsconfig.json")


def sources_sha256() -> str:
    """The hash that frontend/seal.mjs writes when it builds."""
    files = [str(p.relative_to(FRONTEND).as_posix()) for p in (FRONTEND / "src").rglob("*") if p.is_file()]
    digest = hashlib.sha256()
    for name in sorted([*files, *BESIDE]):
        digest.update(name.encode() + b"\0" + (FRONTEND / name).read_bytes() + b"\0")
    return digest.hexdigest()


def rebuilt_differs() -> list[str]:
    """Names of built files that a fresh build makes differently; empty without Node or its packages."""
    if not shutil.which("npx") or not (FRONTEND / "node_modules/vite").is_dir():
        return []
    with tempfile.TemporaryDirectory() as folder:
        command = ["npx", "vite", "build", "--config", "vite.config.js", "--outDir", folder, "--logLevel", "error"]
        subprocess.run(command, cwd=FRONTEND, check=True, stderr=subprocess.DEVNULL)
        return [p.name for p in Path(folder).glob("*.js") if p.read_bytes() != (BUILT / p.name).read_bytes()]


def main() -> int:
    sealed = json.loads((BUILT / "assets.json").read_text())["sources_sha256"]
    if sealed != sources_sha256():
        print("The scripts below frontend/ changed after they were built: run 'make assets'.", file=sys.stderr)
        return 1
    if differing := rebuilt_differs():
        print(f"A fresh build differs in {', '.join(differing)}: run 'make assets'.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

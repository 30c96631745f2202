"""Record the sha256 of every data file: run `python -m photodose.data.seal` after a reviewed change of data."""

from photodose.data.loader import _ROOT, checksums


def main() -> None:
    lines = [f"{digest}  {name}\n" for name, digest in checksums().items()]
    (_ROOT / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    print(f"sealed {len(lines)} files")


if __name__ == "__main__":
    main()

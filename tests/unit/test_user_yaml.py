"""A user's YAML: whatever is wrong with it is one sentence."""

from datetime import date

import pytest

from photodose.data import read_user_yaml
from photodose.quantities import InputError

BROKEN = {
    "empty": b"",
    "only a comment": b"# nothing\n",
    "binary": bytes(range(256)),
    "half-written": b"layers:\n  - {name: a, thickness_mm: ",
    "list": b"- 1\n- 2\n",
    "bomb": b"a: &a [1,1,1,1]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n",
    "deep": b"a: " + b"[" * 200 + b"]" * 200,
    "twice": b"a: 1\na: 2\n",
    "python object": b"a: !!python/object/apply:os.system ['echo no']\n",
    "key that is a list": b"? [1, 2]\n: 3\n",
    "tab": b"a:\n\t- 1\n",
    "date that is none": b"a: 2026-99-99\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_one_sentence(name, tmp_path):
    path = tmp_path / "file.yaml"
    path.write_bytes(BROKEN[name])
    with pytest.raises(InputError) as caught:
        read_user_yaml(path, "device file")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("device file")
    assert message.endswith(".")


def test_missing_large_and_folder(tmp_path):
    large = tmp_path / "large.yaml"
    large.write_bytes(b"a: " + b"x" * 2_000_001)
    for path, words in ((tmp_path / "no.yaml", "does not exist"), (large, "larger than"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=words):
            read_user_yaml(path)


def test_a_good_file_is_read(tmp_path):
    path = tmp_path / "good.yaml"
    path.write_text("\ufeffname: Lämpchen\nbands: [{peak_nm: 660}]\n", encoding="utf-8")
    assert read_user_yaml(path) == {"name": "Lämpchen", "bands": [{"peak_nm": 660}]}


@pytest.mark.parametrize("text", ["1e-6", "1e4", "1E8", "+1e4", "-2e3", "1.5e8", "1.e2", ".5e-3", "0e0", "1.0e+3"])
def test_scientific_notation_is_a_number(text, tmp_path):
    path = tmp_path / "numbers.yaml"
    path.write_text(f"a: {text}\nb: [{text}]\n", encoding="utf-8")
    content = read_user_yaml(path)
    assert content == {"a": float(text), "b": [float(text)]}
    assert isinstance(content["a"], float)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'1e4'", "1e4"), ("1e", "1e"), ("e4", "e4"), ("1e4x", "1e4x"), ("1 e4", "1 e4"), ("1e4.5", "1e4.5"),
        ("09", "09"), ("10", 10), ("010", 8), ("0x1e4", 0x1E4), ("1_000", 1000), ("1.5", 1.5), ("yes", True),
        ("2026-01-02", date(2026, 1, 2)), ("1.2.3", "1.2.3"), ("~", None),
    ],
)  # fmt: skip
def test_no_other_word_changes_its_type(text, value, tmp_path):
    path = tmp_path / "words.yaml"
    path.write_text(f"a: {text}\n", encoding="utf-8")
    found = read_user_yaml(path)["a"]
    assert found == value
    assert type(found) is type(value)

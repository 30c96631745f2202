"""`photodose claims`: one JSON object, the page, standard input, one sentence on bad input."""

import io
import json
import sys
from types import SimpleNamespace

import pytest

from photodose.cli.run import run

ADVERT = "Our red light mask softens wrinkles in ten minutes a day. It may calm acne. It is FDA approved."
MASK = ["--device", "omnilux-contour-face", "--site", "periorbital", "--skin-type", "III"]


@pytest.fixture
def advert(tmp_path):
    path = tmp_path / "advert.txt"
    path.write_text(ADVERT, encoding="utf-8")
    return path


def _answer(capsys, *arguments):
    assert run(["claims", *arguments, "--json"]) == 0
    out, _ = capsys.readouterr()
    assert out.count("\n") == 1
    return json.loads(out)


def test_a_file_and_standard_input_give_the_same_answer(capsys, advert, monkeypatch):
    from_file = _answer(capsys, str(advert))
    assert {(claim["kind"], claim["polarity"]) for claim in from_file["claims"]} == {
        ("time", "asserted"),
        ("benefit", "asserted"),
        ("condition", "hedged"),
        ("regulatory", "asserted"),
    }
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(ADVERT.encode())))
    assert _answer(capsys, "-") == from_file
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xef\xbb\xbf" + ADVERT.encode())))
    assert _answer(capsys) == from_file


def test_with_a_device(capsys, advert):
    content = _answer(capsys, str(advert), *MASK)
    reached = [claim["reached"] for claim in content["claims"] if claim["goal"] == "fine_lines_wrinkles"]
    assert reached[0]["session_minutes"] == 10.0
    assert isinstance(reached[0]["reached"], bool)


def test_for_people_and_as_a_page(capsys, advert, tmp_path):
    page = tmp_path / "page.html"
    assert run(["claims", str(advert), "--html", str(page)]) == 0
    out, err = capsys.readouterr()
    assert "claims for light." in out
    assert str(page) in err
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00\x01\x80", "not text"),
        (b"red light\x00softens wrinkles", "binary"),
        (b"", "empty"),
        (b"a" * 10_000_000, "larger than 4 MB"),
        (b"a" * 3_000_000, "longer than 2 million"),
    ],
)
def test_a_bad_file_is_one_sentence(capsys, tmp_path, content, words):
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    _refused(capsys, [str(path)], words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-file.txt"], "does not exist"),
        (["."], "cannot be read"),
        (["ADVERT", "--device", "omnilux-contour-face"], "--site"),
        (["ADVERT", "--skin-type", "III"], "--site"),
        (["ADVERT", "--device", "no-such-mask", "--site", "cheek", "--skin-type", "III"], "no-such-mask"),
        (["ADVERT", "--site", "elbow-pit", "--skin-type", "III"], "elbow-pit"),
        (["ADVERT", "--html", "/no/such/folder/page.html"], "cannot be written"),
    ],
)
def test_a_bad_request_is_one_sentence(capsys, advert, arguments, words):
    _refused(capsys, [str(advert) if item == "ADVERT" else item for item in arguments], words)


def _refused(capsys, arguments, words):
    assert run(["claims", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("photodose: ")
    assert err.count("\n") == 1
    assert words in err

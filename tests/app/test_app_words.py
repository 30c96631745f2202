"""Translations: what is compiled is what is written, and placeholders survive."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

from babel.messages.pofile import read_po

import photodose.app

FOLDER = Path(photodose.app.__file__).parent / "locale" / "de" / "LC_MESSAGES"
HOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def catalogue():
    with (FOLDER / "django.po").open("rb") as stream:
        return [m for m in read_po(stream, locale="de") if m.id]


def test_what_is_compiled_is_what_is_written():
    with (FOLDER / "django.mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)
    written = 0
    for message in catalogue():
        if isinstance(message.id, tuple) or not message.string or message.fuzzy:
            continue
        found = compiled.pgettext(message.context, message.id) if message.context else compiled.gettext(message.id)
        assert found == message.string
        written += 1
    assert written > 250


def test_placeholders_survive_translation():
    for message in catalogue():
        if isinstance(message.id, tuple):
            for form in message.string:
                assert set(HOLDER.findall(form)) <= set(HOLDER.findall(message.id[1])), message.id
        elif message.string:
            assert sorted(HOLDER.findall(message.id)) == sorted(HOLDER.findall(message.string)), message.id


def test_the_players_words_are_german(client, db):
    page = client.get("/session/", headers={"accept-language": "de"}).content.decode()
    assert "Augenschutz" in page
    assert "Did the light stay on" not in page

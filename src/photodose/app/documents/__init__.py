"""Pages to print: the plan, and the page for a clinician."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import photodose
from photodose.app.exports.pdf import render

TEMPLATES = Path(__file__).parent / "typst"


def document(title: str, subtitle: str, parts: list[dict[str, Any]]) -> bytes:
    """The PDF of a document of titled parts; each part holds any of text, items, pairs and small."""
    data = {
        "lang": get_language() or "en",
        "title": title,
        "subtitle": subtitle,
        "made": formats.date_format(timezone.localdate(), "DATE_FORMAT"),
        "version": photodose.__version__,
        "footer": _("photodose is no medical device and gives no diagnosis."),
        "parts": [{"title": "", "text": [], "items": [], "pairs": [], "small": []} | part for part in parts],
    }
    return render("page", data, TEMPLATES)


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF to save."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def interval(value: Any, unit: str) -> str:
    """An estimate with its interval as text."""
    from photodose.app.templatetags.photodose import sig

    return f"{sig(value.value)} {unit} ({sig(value.low)}–{sig(value.high)})"

"""The answer to the claims of a text as one self-contained page: no script, no request, sentences marked in place."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from photodose.planning.claims import ClaimsAnswer, JudgedClaim

STUDIES_SHOWN: Final = 6
_VERDICTS: Final = {
    "supported": "supported",
    "plausible": "plausible",
    "unproven": "unproven",
    "not_supported": "not supported",
    "contradicted": "contradicted",
    "harm_possible": "harm possible",
    "explained": "explained",
}
_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1c1b1a;--paper:#fffdfa;--line:#d9d2c7;--soft:#6a645b}
@media(prefers-color-scheme:dark){:root{--ink:#f1ece4;--paper:#171513;--line:#3b3631;--soft:#b0a89c}}
body{font:1rem/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:46rem;margin:2rem auto;
padding:0 1rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:.5rem;padding:1rem}
mark{color:inherit;background:none;border-bottom:.2rem solid;padding-bottom:.05rem}
mark.supported{border-color:#2e7d4f}mark.plausible{border-color:#4c8a1f}mark.unproven,mark.explained{border-color:#a06a00}
mark.denied{border-color:var(--soft);border-bottom-style:dotted}
mark.not_supported,mark.contradicted,mark.harm_possible{border-color:#c0392b;border-bottom-style:double}
sup a{text-decoration:none;font-weight:600}
li{margin:0 0 1.2rem;padding-left:.3rem}blockquote{margin:.2rem 0;padding-left:.8rem;border-left:3px solid var(--line)}
.facts{color:var(--soft);font-size:.9rem}dl{margin:.3rem 0}dt{font-weight:600}dd{margin:0 0 .4rem}
h1{font-size:1.5rem}h2{font-size:1.15rem}
"""


def page(answer: ClaimsAnswer) -> str:
    """The whole page; everything that came from the text is escaped."""
    number = {id(item): index for index, item in enumerate(answer.claims, 1)}
    device = f" for {escape(answer.device.name)}" if answer.device is not None else ""
    items = "\n".join(_item(number[id(item)], item) for item in answer.claims)
    warnings = "".join(f"<p role='note'>{escape(text)}</p>" for text in answer.warnings)
    count = f"{len(answer.claims)} {'claim' if len(answer.claims) == 1 else 'claims'} for light found."
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Claims checked</title><style>{_STYLE}</style></head><body>"
        f"<h1>Claims checked{device}</h1><p>{count}</p>{warnings}"
        f'<h2>The text</h2><div class="text">{_marked(answer, number)}</div>'
        f"<h2>The answers</h2><ol>{items}</ol>{_sources(answer)}</body></html>\n"
    )


def _marked(answer: ClaimsAnswer, number: dict[int, int]) -> str:
    """The text with its claims marked; claims of one sentence share a mark."""
    parts: list[str] = []
    position = 0
    for (start, end), group in groupby(answer.claims, key=lambda item: (item.found.start, item.found.end)):
        here = list(group)
        numbers = [number[id(item)] for item in here]
        links = " ".join(f'<a href="#answer-{n}" aria-label="answer {n}">{n}</a>' for n in numbers)
        ids = "".join(f'<span id="claim-{n}"></span>' for n in numbers)
        parts.append(escape(answer.text[position:start]))
        parts.append(f'{ids}<mark class="{_worst(here)}">{escape(answer.text[start:end])}</mark><sup>{links}</sup>')
        position = end
    parts.append(escape(answer.text[position:]))
    return "".join(parts)


def _worst(items: list[JudgedClaim]) -> str:
    """The class of a sentence's mark: the least favourable verdict of its claims; what the text denies counts least."""
    order = [
        "denied",
        "supported",
        "plausible",
        "explained",
        "unproven",
        "not_supported",
        "contradicted",
        "harm_possible",
    ]
    kinds = ["denied" if item.found.polarity == "negated" else item.verdict_kind for item in items]
    return max(kinds, key=order.index)


def _item(n: int, item: JudgedClaim) -> str:
    found = item.found
    goal = f" · {escape(found.goal.replace('_', ' '))}" if found.goal else ""
    certainty = f" · certainty {escape(item.certainty.replace('_', ' '))}" if item.certainty else ""
    return (
        f'<li id="answer-{n}" value="{n}"><a href="#claim-{n}">In the text</a>: '
        f"<blockquote>{escape(found.sentence)}</blockquote>"
        f'<p class="facts">{escape(found.kind.replace("_", " "))}{goal} · {found.polarity} · '
        f"<strong>{_VERDICTS[item.verdict_kind]}</strong>{certainty}</p>"
        f"<p>{escape(item.verdict)}</p>{_reached(item.reached)}{_studies(item.numbers.get('studies', []))}</li>"
    )


def _reached(reached: dict[str, Any] | None) -> str:
    return "" if reached is None else f"<p><strong>This device:</strong> {escape(reached['words'])}</p>"


def _studies(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    shown = "".join(
        f"<dt>{escape(row['citation'])} ({escape(row['direction'])})</dt>"
        f"<dd>{escape(row['outcome'])}{_effects(row)}</dd>"
        for row in rows[:STUDIES_SHOWN]
    )
    more = f"<p class='facts'>and {len(rows) - STUDIES_SHOWN} more</p>" if len(rows) > STUDIES_SHOWN else ""
    return f"<details><summary>What {len(rows)} studies found</summary><dl>{shown}</dl>{more}</details>"


def _effects(row: dict[str, Any]) -> str:
    pieces = []
    for effect in row["effects"]:
        if effect["value"] is None:
            continue
        between = (
            "" if effect["low"] is None or effect["high"] is None else f" ({effect['low']:g} to {effect['high']:g})"
        )
        pieces.append(
            f"{effect['measure']}: {effect['value']:g} {effect['unit']}{between}, against {effect['compared_with']}"
        )
    return f"<br><span class='facts'>{escape('; '.join(pieces))}</span>" if pieces else ""


def _sources(answer: ClaimsAnswer) -> str:
    rows = "".join(
        f"<li>{escape(source['citation'])}{_link(source)} "
        f"<span class='facts'>({escape(source['confidence'])})</span></li>"
        for source in answer.sources()
    )
    return f"<details><summary>Sources</summary><ul>{rows}</ul></details>" if rows else ""


def _link(source: dict[str, Any]) -> str:
    address = source.get("url") or (f"https://doi.org/{source['doi']}" if source.get("doi") else "")
    if not address.startswith(("https://", "http://")):
        return ""
    return f' <a href="{escape(address, quote=True)}" rel="noreferrer">{escape(address)}</a>'

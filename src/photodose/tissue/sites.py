"""Places on the body, as the data describe them."""

from __future__ import annotations

from functools import cache

from photodose.data import load_document, resolve_name
from photodose.data.schema_tissue import Site, SiteDocument


@cache
def _document() -> SiteDocument:
    return load_document("tissue/sites", SiteDocument)


def sites() -> tuple[Site, ...]:
    """All sites."""
    return tuple(_document().sites)


def site_names() -> tuple[str, ...]:
    """Ids of all sites."""
    return tuple(item.id for item in _document().sites)


def site(name: str) -> Site:
    """One site by id or synonym.

    Raises
    ------
    UnknownNameError
        With the nearest sites.
    """
    by_name = {item.id: item for item in _document().sites}
    for item in _document().sites:
        for synonym in (item.name, *item.synonyms):
            by_name.setdefault(synonym, item)
    return resolve_name("site", name, by_name)


def site_sources(item: Site) -> list[dict[str, str]]:
    """Citations behind the numbers of a site, each once."""
    sources = _document().sources
    keys = {quantity.source for quantity in (item.blood_factor, *item.thickness.__dict__.values())}
    return [{"citation": sources[key].citation, "confidence": sources[key].confidence} for key in sorted(keys)]

"""What is offered for a name that no rule covers, and verdicts that sources read later made stricter."""

from __future__ import annotations

import pytest

from photodose.safety import screen
from photodose.safety.catalogue import drug_rules


@pytest.mark.parametrize("name", ["aspirin", "warfarin", "ritalin", "Ozempic", "lisinopril", "paracetemol xyz"])
def test_a_medicine_without_a_rule_is_asked_about_and_none_is_offered_in_its_place(name: str) -> None:
    """Aspirin once offered "lopirin" and "septrin"."""
    answer = screen(drugs=[name])
    assert answer.verdict >= "ask"
    assert "lopirin" not in str(answer.to_dict())
    assert "septrin" not in str(answer.to_dict())
    if name in ("aspirin", "warfarin", "lisinopril", "ritalin", "Ozempic"):
        assert answer.nearest == {}
        assert "Did you mean" not in answer.reasons[0].still_possible


def test_near_names_are_still_offered() -> None:
    assert screen(drugs=["hydroxychlorotetracyclin"]).nearest["hydroxychlorotetracyclin"] == (
        "tetracyclin",
        "tetracycline",
    )
    assert screen(drugs=["azelaic"]).nearest["azelaic"] == ("azelaic acid",)


@pytest.mark.parametrize("name", ["vitamin k2", "zzzzzz", "qwertyuiop", "\N{PILL}", "x" * 1000])
def test_far_names_are_not_offered(name: str) -> None:
    answer = screen(drugs=[name])
    assert answer.verdict == "ask"
    assert answer.nearest == {}


def test_visible_light_set_off_rashes_on_stomach_drugs() -> None:
    """Phototests of 11 people on proton pump inhibitors: mostly UVA and visible light (Edinburgh 2022)."""
    assert screen(drugs=["omeprazole"], bands={"blue"}).verdict == "ask"
    assert screen(drugs=["omeprazole"], bands={"red", "nir"}).verdict == "caution"


def test_chlorophyll_is_a_dye_that_visible_light_sets_off() -> None:
    for name in ("chlorella", "liquid chlorophyll"):
        assert screen(drugs=[name], bands={"red"}).verdict == "stop"
        assert screen(drugs=[name], bands={"nir"}).verdict == "ask"


READ = (
    "adapalene", "tazarotene", "alitretinoin", "capecitabine", "dacarbazine", "methotrexate", "mycophenolate",
    "diltiazem", "efavirenz", "lamotrigine", "flutamide", "dapsone", "ethinylestradiol", "omeprazole",
    "benzoyl-peroxide", "chlorella-chlorophyll",
)  # fmt: skip


@pytest.mark.parametrize("drug_id", READ)
def test_what_was_read_is_cited_and_nothing_became_milder(drug_id: str) -> None:
    rule = drug_rules()[drug_id]
    assert rule.verified
    assert not rule.by_band.has_clear()

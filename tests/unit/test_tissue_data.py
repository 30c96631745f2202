"""The skin's data: every site whole and plausible, every target where it can be, types in order, heat complete."""

from __future__ import annotations

import itertools

import pytest

from photodose.data import load_document
from photodose.data.schema_tissue import (
    Edge,
    FitzpatrickDocument,
    Quantity,
    Site,
    SiteDocument,
    Target,
    TargetDocument,
    ThermalDocument,
)

SITES = load_document("tissue/sites", SiteDocument)
TARGETS = load_document("tissue/targets", TargetDocument)
FITZPATRICK = load_document("tissue/fitzpatrick", FitzpatrickDocument)
THERMAL = load_document("tissue/thermal", ThermalDocument)

SITE_IDS = [
    "forehead",
    "cheek",
    "periorbital",
    "nose",
    "chin",
    "neck",
    "scalp",
    "chest",
    "abdomen",
    "upper-back",
    "lower-back",
    "forearm",
    "hand-dorsum",
    "finger-joint",
    "knee",
    "thigh",
    "calf",
    "shin",
    "sole",
]
TARGET_NAMES = {
    "epidermal basal layer",
    "papillary dermis",
    "reticular dermis",
    "sub-epidermal vessels",
    "sebaceous gland",
    "hair bulb",
    "muscle",
    "joint capsule",
    "tendon",
}
# Shares of the dermis for resolving layer edges here; the tissue model brings its own. Meglinski & Matcher 2002
# (doi:10.1088/0967-3334/23/4/312): 150, 100, 1500 and 100 um of 1850 um.
DERMIS = {"papillary dermis": 150, "upper blood net": 100, "reticular dermis": 1500, "deep blood net": 100}
RANGES_MM = {  # widest values that any adult site of the body can hold
    "stratum_corneum": (0.005, 1.2),
    "living_epidermis": (0.02, 0.5),
    "dermis": (0.5, 4.0),
    "subcutaneous_fat": (0.2, 30.0),
}


def boundaries(site: Site) -> dict[str, tuple[float, float]]:
    """Top and bottom [mm] of each layer at the site's mean thickness."""
    thickness = site.thickness
    layers = {"stratum corneum": thickness.stratum_corneum.mean, "living epidermis": thickness.living_epidermis.mean}
    layers |= {name: thickness.dermis.mean * share / sum(DERMIS.values()) for name, share in DERMIS.items()}
    layers |= {"subcutaneous fat": thickness.subcutaneous_fat.mean, site.below_fat: 30.0}
    depth, result = 0.0, {}
    for name, mm in layers.items():
        result[name] = (depth, depth + mm)
        depth += mm
    return result


def depth_mm(edge: Edge, layers: dict[str, tuple[float, float]]) -> float:
    """Depth of an edge; a KeyError where the site lacks the layer."""
    if edge.layer is None:
        return edge.offset_mm
    return layers[edge.layer][edge.reference == "bottom"] + edge.offset_mm


def definitions(name: str, site: str) -> list[Target]:
    return [t for t in TARGETS.targets if t.name == name and (t.sites is None or site in t.sites)]


@pytest.fixture(params=SITES.sites, ids=lambda site: site.id)
def site(request: pytest.FixtureRequest) -> Site:
    return request.param


def test_all_sites_stand_once_in_order() -> None:
    assert [site.id for site in SITES.sites] == SITE_IDS


def test_synonyms_and_names_point_to_one_site() -> None:
    words = [w.casefold() for s in SITES.sites for w in {s.id.casefold(), s.name.casefold(), *s.synonyms}]
    assert len(words) == len(set(words))


def test_thickness_is_plausible(site: Site) -> None:
    for name, (low, high) in RANGES_MM.items():
        quantity: Quantity = getattr(site.thickness, name)
        assert quantity.unit == "mm"
        assert low <= quantity.mean <= high, name
        assert 0.05 * quantity.mean <= quantity.sd <= quantity.mean, name
    assert site.thickness.living_epidermis.mean < site.thickness.dermis.mean
    assert site.blood_factor.unit == "1"
    assert 0.3 < site.blood_factor.mean < 5.0


def test_order_between_sites_is_that_of_the_body() -> None:
    """Only the sole has a horny layer above 0.2 mm; else the eye's skin is the thinnest, the back's the thickest."""
    by_id = {site.id: site.thickness for site in SITES.sites}
    assert [i for i, t in by_id.items() if t.stratum_corneum.mean > 0.2] == ["sole"]
    assert min(set(by_id) - {"sole"}, key=lambda i: by_id[i].dermis.mean) == "periorbital"
    assert max(by_id, key=lambda i: by_id[i].dermis.mean) in {"upper-back", "lower-back"}
    assert by_id["abdomen"].subcutaneous_fat.mean > by_id["forearm"].subcutaneous_fat.mean
    assert by_id["forearm"].subcutaneous_fat.mean > by_id["hand-dorsum"].subcutaneous_fat.mean


def test_forearm_is_the_reference_of_blood() -> None:
    forearm = next(site for site in SITES.sites if site.id == "forearm")
    assert (forearm.blood_factor.mean, forearm.blood_factor.sd) == (1.0, 0.0)


def test_sandby_moller_stands_as_printed() -> None:
    """Sandby-Moller 2003 (doi:10.1080/00015550310015419), stratum corneum and cellular epidermis."""
    for place, corneum, living in (
        ("forearm", (0.0183, 0.0049), (0.0566, 0.0115)),
        ("upper-back", (0.0110, 0.0022), (0.0703, 0.0136)),
    ):
        thickness = next(site for site in SITES.sites if site.id == place).thickness
        assert (thickness.stratum_corneum.mean, thickness.stratum_corneum.sd) == corneum
        assert (thickness.living_epidermis.mean, thickness.living_epidermis.sd) == living


@pytest.mark.parametrize(
    ("place", "layers"), [("forehead", 9), ("nose", 9), ("neck", 10), ("scalp", 12), ("thigh", 15), ("shin", 15)]
)
def test_horny_layer_follows_the_number_of_its_cell_layers(place: str, layers: int) -> None:
    """Ya-Xian 1999 (doi:10.1007/s004030050453) counted 9 in the face to 15 on the limbs, where it is 18.3 um thick."""
    corneum = next(site for site in SITES.sites if site.id == place).thickness.stratum_corneum
    assert corneum.mean == pytest.approx(0.0183 * layers / 15, abs=6e-5)


@pytest.mark.parametrize(
    ("place", "units"),
    [("chest", 7.1), ("lower-back", 6.3), ("abdomen", 5.3), ("thigh", 4.8), ("calf", 4.6), ("shin", 4.6)],
)
def test_blood_is_the_root_of_the_perfusion_of_park(place: str, units: float) -> None:
    """Park 1997 (Ann Plast Surg): perfusion units of the site, 6.7 at the forearm."""
    factor = next(site for site in SITES.sites if site.id == place).blood_factor
    assert factor.mean == pytest.approx((units / 6.7) ** 0.5, abs=6e-3)


def test_sole_is_that_of_lee_and_hwang() -> None:
    """Lee & Hwang 2002 (doi:10.1007/s00276-002-0034-5): epidermis 601 to 637 um, 40.6 to 44.6 % of the whole skin."""
    sole = next(site for site in SITES.sites if site.id == "sole").thickness
    epidermis = sole.stratum_corneum.mean + sole.living_epidermis.mean
    assert 0.601 <= epidermis <= 0.637
    assert 0.406 <= epidermis / (epidermis + sole.dermis.mean) <= 0.446


def test_judged_numbers_say_why_and_every_source_is_used() -> None:
    used = set()
    for site in SITES.sites:
        pigment = site.pigment_relative_to_forearm
        for quantity in (site.blood_factor, *(value for _, value in site.thickness), *([pigment] if pigment else [])):
            used.add(quantity.source)
            if SITES.sources[quantity.source].confidence in {"judgement", "unverified"}:
                assert quantity.note, f"{site.id}: a judged number without its reason"
    assert used == set(SITES.sources)
    assert {target.source for target in TARGETS.targets} == set(TARGETS.sources)
    for target in TARGETS.targets:
        if TARGETS.sources[target.source].confidence == "judgement":
            assert target.notes, f"{target.name} at {target.sites}: judged without its reason"


def test_every_target_of_a_site_has_one_definition_with_its_upper_edge_above_its_lower(site: Site) -> None:
    layers = boundaries(site)
    for name in site.targets:
        found = definitions(name, site.id)
        assert len(found) == 1, f"{name} at {site.id}: {len(found)} definitions"
        upper, lower = depth_mm(found[0].upper, layers), depth_mm(found[0].lower, layers)
        assert 0.0 < upper < lower, f"{name} at {site.id}: {upper} to {lower} mm"


def test_target_names_are_the_agreed_ones() -> None:
    assert {target.name for target in TARGETS.targets} == TARGET_NAMES
    assert {name for site in SITES.sites for name in site.targets} == TARGET_NAMES


def test_no_definition_without_a_site_that_lists_it() -> None:
    listed = {site.id: set(site.targets) for site in SITES.sites}
    for target in TARGETS.targets:
        for place in target.sites or []:
            assert target.name in listed[place], f"{target.name} is defined for {place}, which does not list it"


def test_targets_are_listed_only_where_the_structure_exists(site: Site) -> None:
    assert {"epidermal basal layer", "papillary dermis", "sub-epidermal vessels", "reticular dermis"} <= {*site.targets}
    assert ("muscle" in site.targets) <= (site.below_fat == "muscle")
    assert ("hair bulb" in site.targets) == (site.id == "scalp")
    assert ("joint capsule" in site.targets) == (site.id in {"finger-joint", "knee"})
    assert ("sebaceous gland" in site.targets) <= (site.id not in {"sole", "hand-dorsum", "finger-joint"})


def test_skin_structures_lie_in_skin(site: Site) -> None:
    """Sebaceous glands end within the dermis; a growing hair's bulb ends within the fat below it."""
    layers = boundaries(site)
    for name, deepest in (("sebaceous gland", "deep blood net"), ("hair bulb", "subcutaneous fat")):
        for target in definitions(name, site.id):
            assert depth_mm(target.upper, layers) > layers["living epidermis"][1]
            assert depth_mm(target.lower, layers) <= layers[deepest][1]


def test_skin_types_fall_from_light_to_dark() -> None:
    assert [record.skin_type for record in FITZPATRICK.types] == ["I", "II", "III", "IV", "V", "VI"]
    means = [record.ita_deg.mean for record in FITZPATRICK.types]
    assert all(lighter > darker for lighter, darker in itertools.pairwise(means))
    for record in FITZPATRICK.types:
        assert record.ita_deg.unit == "degree"
        assert record.ita_deg.distribution == "normal"
        assert -90.0 < record.ita_deg.mean < 90.0
        assert 3.0 <= record.ita_deg.sd <= 30.0


def test_heat_constants_are_plausible() -> None:
    for layer in THERMAL.layers:
        assert layer.conductivity.unit == "W/(m K)"
        assert 0.1 <= layer.conductivity.mean <= 0.7
        assert layer.density.unit == "kg/m3"
        assert 850.0 <= layer.density.mean <= 2000.0
        assert layer.specific_heat.unit == "J/(kg K)"
        assert 1000.0 <= layer.specific_heat.mean <= 4200.0
        assert layer.perfusion.unit == "1/s"
        assert 0.0 <= layer.perfusion.mean <= 0.01
        assert layer.metabolic_heat.unit == "W/m3"
        assert 0.0 <= layer.metabolic_heat.mean <= 3000.0
    blood = THERMAL.blood
    assert 1040.0 <= blood.density.mean <= 1070.0
    assert 3500.0 <= blood.specific_heat.mean <= 4000.0
    assert 36.5 <= blood.arterial_temperature.mean <= 37.5
    exchange = THERMAL.surface.convection_coefficient.mean + THERMAL.surface.radiation_coefficient.mean
    assert 6.0 <= exchange <= 14.0

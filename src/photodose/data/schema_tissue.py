"""Schemas of the skin's data: sites, targets, layer composition, scattering; each number with its spread and source."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from photodose.data.schema import DocumentMeta, Record, Source

LayerName = Literal[
    "stratum corneum",
    "living epidermis",
    "papillary dermis",
    "upper blood net",
    "reticular dermis",
    "deep blood net",
    "subcutaneous fat",
    "muscle",
    "bone",
    "cartilage",
]


class Quantity(Record):
    """A number with its spread between people (standard deviation), its unit, and where both come from."""

    mean: float
    sd: Annotated[float, Field(ge=0.0)]
    unit: str
    distribution: Literal["normal", "lognormal"] = "lognormal"
    source: Annotated[str, Field(min_length=2)]
    """Key into the document's `sources`."""
    note: str | None = None


def _require_sources(sources: dict[str, Source], record: Record) -> None:
    """Raise ValueError where a quantity of the record names a source that the document does not list."""
    for name, value in record:
        if isinstance(value, Quantity) and value.source not in sources:
            raise ValueError(f"{name}: no source {value.source!r}")


class Thickness(Record):
    """Layer thicknesses of one site [mm]; the dermis is divided into its four sublayers by the tissue model."""

    stratum_corneum: Quantity
    living_epidermis: Quantity
    dermis: Quantity
    subcutaneous_fat: Quantity


class Site(Record):
    """A place on the body."""

    id: str
    name: str
    synonyms: list[str] = Field(default_factory=list)
    region: Literal["face", "scalp", "neck", "torso", "arm", "hand", "leg", "foot"]
    thickness: Thickness
    below_fat: Literal["muscle", "bone", "cartilage"]
    blood_factor: Quantity
    """Dermal blood volume relative to the dorsal forearm (1)."""
    pigment_relative_to_forearm: Quantity | None = None
    """For hairless skin whose colour says little of its owner's: melanosomes relative to the same person's forearm."""
    targets: Annotated[list[str], Field(min_length=1)]
    notes: list[str] = Field(default_factory=list)


class SiteDocument(Record):
    meta: DocumentMeta
    sources: dict[str, Source]
    sites: Annotated[list[Site], Field(min_length=1)]

    @model_validator(mode="after")
    def _sources_exist(self) -> SiteDocument:
        for site in self.sites:
            _require_sources(self.sources, site)
            _require_sources(self.sources, site.thickness)
        return self


class Edge(Record):
    """One edge of a target's depth range: an offset from the surface or from a layer's upper or lower face."""

    reference: Literal["surface", "top", "bottom"]
    layer: LayerName | None = None
    offset_mm: float = 0.0

    @model_validator(mode="after")
    def _layer_named(self) -> Edge:
        if (self.reference == "surface") != (self.layer is None):
            raise ValueError("an edge names a layer exactly when its reference is a layer's top or bottom")
        return self


class Target(Record):
    """A structure that light is meant to reach, by its depth range in a skin of any thickness."""

    name: str
    upper: Edge
    lower: Edge
    sites: list[str] | None = None
    """Site ids this definition is for; None for all. A name may be defined again for other sites."""
    description: str
    source: str
    notes: list[str] = Field(default_factory=list)


class TargetDocument(Record):
    meta: DocumentMeta
    sources: dict[str, Source]
    targets: Annotated[list[Target], Field(min_length=1)]

    @model_validator(mode="after")
    def _sources_exist(self) -> TargetDocument:
        for target in self.targets:
            if target.source not in self.sources:
                raise ValueError(f"target {target.name}: no source {target.source!r}")
        return self


class FitzpatrickRange(Record):
    """ITA of one Fitzpatrick type: published mean and spread [degree]."""

    skin_type: Literal["I", "II", "III", "IV", "V", "VI"]
    ita_deg: Quantity


class FitzpatrickDocument(Record):
    meta: DocumentMeta
    sources: dict[str, Source]
    types: Annotated[list[FitzpatrickRange], Field(min_length=6, max_length=6)]

    @model_validator(mode="after")
    def _sources_exist(self) -> FitzpatrickDocument:
        for record in self.types:
            _require_sources(self.sources, record)
        return self


class Composition(Record):
    """What one layer is made of: volume fractions and scattering at the reference site."""

    layer: LayerName
    blood_fraction: Quantity
    water_fraction: Quantity
    fat_fraction: Quantity
    baseline_scale: Quantity
    reduced_scattering_500nm_per_mm: Quantity
    scattering_power: Quantity
    rayleigh_fraction: float = 0.0
    anisotropy: str
    """"vangemert" or a number as text."""
    refractive_index: str
    """A table name with column ("optics/refractive_index:dermis") or a number as text."""
    vessel_diameter_mm: float | None = None
    notes: list[str] = Field(default_factory=list)


class CompositionDocument(Record):
    meta: DocumentMeta
    sources: dict[str, Source]
    layers: list[Composition]
    parameters: dict[str, Quantity]
    """Parameters of the whole skin: melanosome law, saturation, haematocrit, bilirubin, beta-carotene, ..."""


class ThermalLayer(Record):
    """Heat constants of the layers named: of one layer, or of several that share them."""

    layers: Annotated[list[LayerName], Field(min_length=1)]
    conductivity: Quantity
    """[W/(m K)]"""
    density: Quantity
    """[kg/m3]"""
    specific_heat: Quantity
    """[J/(kg K)]"""
    perfusion: Quantity
    """Blood that flows through the tissue at rest in comfort [1/s]: volume per volume of tissue and second."""
    metabolic_heat: Quantity
    """[W/m3]"""


class ThermalBlood(Record):
    """Blood as the carrier of heat between the core and the tissue."""

    density: Quantity
    """[kg/m3]"""
    specific_heat: Quantity
    """[J/(kg K)]"""
    arterial_temperature: Quantity
    """[degC]"""


class ThermalSurface(Record):
    """Heat exchange of bare dry skin with still room air."""

    convection_coefficient: Quantity
    """Convective only [W/(m2 K)]."""
    radiation_coefficient: Quantity
    """Linearised thermal radiation [W/(m2 K)]; adds to the convective one."""
    air_temperature: Quantity
    """[degC]"""


class ThermalDocument(Record):
    """Heat constants of every layer of the skin model, of blood and of the surface."""

    meta: DocumentMeta
    sources: dict[str, Source]
    layers: Annotated[list[ThermalLayer], Field(min_length=1)]
    blood: ThermalBlood
    surface: ThermalSurface

    @model_validator(mode="after")
    def _complete(self) -> ThermalDocument:
        named = [name for layer in self.layers for name in layer.layers]
        missing = set(get_args(LayerName)) - set(named)
        if missing or len(named) != len(set(named)):
            raise ValueError(f"each layer must stand exactly once; missing: {sorted(missing)}")
        for record in (*self.layers, self.blood, self.surface):
            _require_sources(self.sources, record)
        return self


class PerfusionRiseDocument(Record):
    """Blood flow of skin that is warmed or cooled by itself, as measured."""

    meta: DocumentMeta
    sources: dict[str, Source]
    ratio: Quantity
    """Flow at `to_c` by flow at `from_c` [1]."""
    from_c: float
    to_c: float
    """Warmest skin that was measured [degC]."""
    coldest_c: float
    """Coldest skin that was measured [degC]."""

    @model_validator(mode="after")
    def _in_order(self) -> PerfusionRiseDocument:
        if not self.coldest_c < self.from_c < self.to_c:
            raise ValueError("coldest_c, from_c and to_c must rise")
        _require_sources(self.sources, self)
        return self

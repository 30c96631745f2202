"""Words of the pages about what photodose computes: verdicts, findings, places, targets, causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from photodose.app.words import SITE_LABELS

VERDICTS: Final = {
    "clear": (gettext_lazy("Clear"), gettext_lazy("Nothing you told us speaks against this light.")),
    "caution": (gettext_lazy("Go gently"), gettext_lazy("You can use it, with care. Read why below.")),
    "ask": (gettext_lazy("Ask first"), gettext_lazy("Ask a doctor or pharmacist before you use this light.")),
    "stop": (gettext_lazy("Do not use"), gettext_lazy("Do not use this light now.")),
}

HAZARD_VERDICTS: Final = {
    "clear": gettext_lazy("Inside the limits"),
    "caution": gettext_lazy("With care"),
    "ask": gettext_lazy("Ask first"),
    "stop": gettext_lazy("Past a limit"),
}

CERTAINTIES: Final = {
    "high": (gettext_lazy("High certainty"), gettext_lazy("Further trials are unlikely to change this.")),
    "moderate": (gettext_lazy("Moderate certainty"), gettext_lazy("Further trials may change this.")),
    "low": (gettext_lazy("Low certainty"), gettext_lazy("Further trials are likely to change this.")),
    "very_low": (gettext_lazy("Very low certainty"), gettext_lazy("Nobody knows yet.")),
}

FINDINGS: Final = {
    "supported": ("clear", gettext_lazy("Supported")),
    "plausible": ("half", gettext_lazy("Plausible")),
    "unproven": ("unknown", gettext_lazy("Unproven")),
    "not_supported": ("no", gettext_lazy("Not shown to work")),
    "contradicted": ("no", gettext_lazy("Contradicted")),
    "harm_possible": ("caution", gettext_lazy("May do harm")),
}

ADVICE: Final = frozenset({"photosensitising_meds"})
"""Claims that are a precaution: that they hold is no benefit of the light."""

_OPENINGS: Final = {
    "Supported": "supported",
    "Plausible": "plausible",
    "Unproven": "unproven",
    "Not supported": "not_supported",
    "Contradicted": "contradicted",
}


def badges(goal: Any) -> tuple[str, ...]:
    """What the trials say of a goal, as its verdict opens; possible harm follows as a badge of its own."""
    if goal.id in ADVICE:
        return ("advice",)
    if goal.verdict_kind != "harm_possible":
        return (goal.verdict_kind,)
    opening = next((kind for word, kind in _OPENINGS.items() if goal.verdict.startswith(word)), "unproven")
    return (opening, "harm_possible")


BADGES: Final = FINDINGS | {
    "advice": ("caution", gettext_lazy("A precaution")),
    "explained": ("unknown", gettext_lazy("Explained")),
}
"""Findings and what else may stand as one: a precaution that holds, a claim that is explained."""

DIRECTIONS: Final = {
    "positive": ("clear", gettext_lazy("for")),
    "negative": ("no", gettext_lazy("against")),
    "mixed": ("half", gettext_lazy("mixed")),
    "unclear": ("unknown", gettext_lazy("unclear")),
}

DESIGNS: Final = {
    "rct_sham": gettext_lazy("randomised, with sham"),
    "rct_active": gettext_lazy("randomised, against another treatment"),
    "rct_untreated": gettext_lazy("randomised, against nothing"),
    "controlled": gettext_lazy("controlled, not randomised"),
    "crossover": gettext_lazy("crossover"),
    "single_arm": gettext_lazy("no control group"),
    "case_series": gettext_lazy("some cases"),
    "systematic_review": gettext_lazy("review of trials"),
    "guideline": gettext_lazy("guideline"),
    "consensus": gettext_lazy("experts' agreement"),
    "in_vitro_animal": gettext_lazy("cells or animals"),
    "other": gettext_lazy("other"),
}

CONFIDENCES: Final = {
    "read": gettext_lazy("read in the source"),
    "read_secondary": gettext_lazy("read in a text that quotes it"),
    "derived": gettext_lazy("worked out from numbers that were read"),
    "judgement": gettext_lazy("our judgement"),
    "unverified": gettext_lazy("nobody has checked this yet"),
}

BASES: Final = {
    "claimed": gettext_lazy("the maker's claim"),
    "measured": gettext_lazy("measured"),
    "assumed": gettext_lazy("assumed from devices of its kind"),
    "unverified": gettext_lazy("not checked by anybody"),
}

ESTIMATE_BASES: Final = BASES | {"claimed": gettext_lazy("from the claim, corrected")}
"""What a likely value comes from: nobody claimed that number itself."""

CLAIM_KINDS: Final = {
    "benefit": gettext_lazy("A benefit"),
    "condition": gettext_lazy("A condition"),
    "depth": gettext_lazy("How deep it goes"),
    "time": gettext_lazy("How long it takes"),
    "onset": gettext_lazy("When it shows"),
    "irradiance": gettext_lazy("How strong it is"),
    "safety": gettext_lazy("Safety"),
    "skin_types": gettext_lazy("Skin types"),
    "side_effects": gettext_lazy("Side effects"),
    "eyes": gettext_lazy("Eyes"),
    "medicines": gettext_lazy("Medicines"),
    "regulatory": gettext_lazy("Authorities"),
    "mechanism": gettext_lazy("How it is said to work"),
    "proof": gettext_lazy("What is called proof"),
}

BIASES: Final = {
    "low": gettext_lazy("low"),
    "some_concerns": gettext_lazy("some concerns"),
    "high": gettext_lazy("high"),
    "critical": gettext_lazy("critical"),
    "unclear": gettext_lazy("unclear"),
}

BANDS: Final = {"blue": gettext_lazy("Blue"), "red": gettext_lazy("Red"), "nir": gettext_lazy("Near infrared")}

TREATMENTS: Final = {
    "laser": gettext_lazy("Laser"),
    "peel": gettext_lazy("Chemical peel"),
    "microneedling": gettext_lazy("Microneedling"),
    "surgery": gettext_lazy("Surgery"),
    "IPL": gettext_lazy("IPL (flash lamp)"),
    "dermabrasion": gettext_lazy("Dermabrasion"),
    "hair transplant": gettext_lazy("Hair transplant"),
}
"""Professional treatments that the planning knows, by its own names."""

KINDS: Final = {
    "mask": gettext_lazy("Mask"),
    "panel": gettext_lazy("Panel"),
    "bed": gettext_lazy("Bed"),
    "cap": gettext_lazy("Cap"),
    "handheld": gettext_lazy("Handheld"),
}

SITES: Final = (
    *("forehead", "cheek", "periorbital", "nose", "chin", "neck", "scalp", "chest", "abdomen", "upper-back"),
    *("lower-back", "forearm", "hand-dorsum", "finger-joint", "knee", "thigh", "calf", "shin", "sole"),
)
"""Places of the skin model."""

TARGETS: Final = {
    "epidermal basal layer": gettext_noop("Base of outer skin"),
    "papillary dermis": gettext_noop("Upper dermis"),
    "sub-epidermal vessels": gettext_noop("Small blood vessels"),
    "reticular dermis": gettext_noop("Deep dermis"),
    "sebaceous gland": gettext_noop("Oil gland"),
    "hair bulb": gettext_noop("Hair root"),
    "muscle": gettext_noop("Muscle"),
    "joint capsule": gettext_noop("Joint"),
    "tendon": gettext_noop("Tendon"),
}

LAYERS: Final = {
    "stratum corneum": gettext_noop("Horny layer"),
    "living epidermis": gettext_noop("Outer skin"),
    "papillary dermis": gettext_noop("Upper dermis"),
    "upper blood net": gettext_noop("Upper blood net"),
    "reticular dermis": gettext_noop("Deep dermis"),
    "deep blood net": gettext_noop("Deep blood net"),
    "subcutaneous fat": gettext_noop("Fat"),
    "muscle": gettext_noop("Muscle"),
    "bone": gettext_noop("Bone"),
    "cartilage": gettext_noop("Cartilage"),
}

CAUSES: Final = {
    "device": gettext_noop("The device's true output"),
    "melanin": gettext_noop("How dark the skin is"),
    "blood": gettext_noop("Blood in the skin"),
    "thickness": gettext_noop("Thickness of the layers"),
    "scattering": gettext_noop("Scattering in the skin"),
}

HAZARDS: Final = {
    "actinic_uv": gettext_noop("Ultraviolet on skin and eye"),
    "uva_eye": gettext_noop("Ultraviolet A on the eye"),
    "blue_light": gettext_noop("Blue light on the retina"),
    "blue_light_small": gettext_noop("Blue light, small source"),
    "retinal_thermal": gettext_noop("Heat on the retina"),
    "retinal_thermal_weak_visual": gettext_noop("Heat on the retina, infrared"),
    "ir_eye": gettext_noop("Infrared on the lens of the eye"),
    "skin_thermal": gettext_noop("Heat on the skin"),
}


def _word(table: Mapping[str, Any], key: str) -> str:
    return _(table[key]) if key in table else key


def site_name(site: str) -> str:
    """A place of the skin model, or of a routine, in the reader's language."""
    return str(SITE_LABELS.get(site, site))


def target_name(target: str) -> str:
    return _word(TARGETS, target)


def layer_name(layer: str) -> str:
    return _word(LAYERS, layer)


def cause_name(cause: str) -> str:
    return _word(CAUSES, cause)


def hazard_name(hazard: str) -> str:
    return _word(HAZARDS, hazard)


def shown_source(source: Mapping[str, Any]) -> dict[str, Any]:
    """A source as the pages show it: its citation, how it was read, and an address to copy (never loaded by us)."""
    link = f"https://doi.org/{source['doi']}" if source.get("doi") else source.get("url") or ""
    if not link and source.get("pmid"):
        link = f"https://pubmed.ncbi.nlm.nih.gov/{source['pmid']}/"
    confidence = source.get("confidence") or "unverified"
    return {
        "citation": source["citation"],
        "link": link if str(link).startswith("https://") else "",
        "confidence": CONFIDENCES.get(confidence, confidence),
        "note": source.get("note") or "",
        "quotation": source.get("quotation") or "",
    }

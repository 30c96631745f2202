"""What is true of each door, computed: an example's dose, how many devices publish their light, what claims hold."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import gettext as _

from photodose import devices, evidence
from photodose.app.answers import EXAMPLE_MINUTES, example
from photodose.app.physics import dose_for, light_of
from photodose.app.templatetags.photodose import sig
from photodose.app.wording import target_name
from photodose.data import data_hash
from photodose.dosimetry.delivered import main_target


def facts() -> dict[str, str]:
    """One sentence for each door, by its address's name."""
    return {"setup:index": example_dose(), "compare:index": published(), "claims:index": supported()}


def example_dose() -> str:
    """What ten minutes of the example deliver; kept in the cache, since it takes a second to compute."""
    key = f"example-dose-{data_hash()}"
    numbers = cache.get(key)
    if numbers is None:
        target = main_target(dose_for(light_of(example()), EXAMPLE_MINUTES).targets)
        numbers = {"name": target.name, **target.fluence_j_cm2.to_dict()}
        cache.set(key, numbers, None)
    return _(
        "Ten minutes of a known mask: %(value)s J/cm² in the %(target)s, or anything from %(low)s to %(high)s."
    ) % {
        "value": sig(numbers["value"]),
        "low": sig(numbers["low"]),
        "high": sig(numbers["high"]),
        "target": target_name(numbers["name"]).lower(),
    }


def published() -> str:
    """How many devices of the catalogue publish how strong their light is."""
    known = devices.catalogue()
    told = sum(1 for item in known if all(item.has_usable_number(band) for band in item.bands))
    return _("%(told)s of %(all)s devices say how strong their light is.") % {"told": told, "all": len(known)}


def supported() -> str:
    """How many of the claims are supported."""
    goals = evidence.goals()
    found = sum(1 for goal in goals if goal.verdict_kind == "supported" and goal.target is not None)
    benefits = sum(1 for goal in goals if evidence.indication(goal.id).kind == "benefit")
    return _("Of %(all)s benefits that are claimed, trials support %(found)s.") % {"found": found, "all": benefits}

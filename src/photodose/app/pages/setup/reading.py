"""From the fields of the set-up to answers; whatever is wrong becomes one sentence at its field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from photodose import evidence
from photodose.app.answers import MOST_ALSO, OWN, Answers, read_device, split_names
from photodose.app.physics import on_the_page
from photodose.devices.reading import catalogue_ids
from photodose.planning.aftercare import LONGEST_DAYS, TREATMENTS
from photodose.quantities import InputError
from photodose.tissue import SKIN_TYPES, skin
from photodose.tissue.sites import site_names

OWN_BANDS = range(4)
OWN_ID = "my-device"
MAX_CONDITIONS = 60
AGES = (0.0, 130.0)


def number(text: str) -> float | None:
    """A number typed with comma or point; None where nothing was typed.

    Raises
    ------
    InputError
        If it is none.
    """
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise InputError(_("%(text)s is not a number.") % {"text": text.strip()[:20]})
    return value


class Reading:
    """Reads one posted form onto the answers before it; `problems` names the fields that could not be taken."""

    def __init__(self, post: QueryDict, before: Answers) -> None:
        self.post = post
        self.before = before
        self.problems: dict[str, str] = {}

    def answers(self) -> Answers:
        post = self.post
        device, own = self._device()
        goal = self._one_of("goal", tuple(goal.id for goal in evidence.goals()))
        treatment, treated_on = self._treatment()
        return Answers(
            goal=goal,
            also=self._also(goal),
            device=device,
            own=own,
            measured=self._measured(device),
            assume=post.get("assume") == "1",
            distance_cm=self._number("distance_cm", 0.0, 500.0),
            site=self._one_of("site", site_names()),
            skin_type=self._one_of("skin_type", SKIN_TYPES),
            ita_deg=self._ita(),
            medicines=split_names(post.get("medicines", "")),
            conditions=[*self._conditions(), *split_names(post.get("other_conditions", ""))][:MAX_CONDITIONS],
            age=self._number("age", *AGES),
            treatment=treatment,
            treated_on=treated_on,
        )

    def _also(self, main: str) -> list[str]:
        """Further goals, in the order of the list; none without a main goal."""
        wanted = set(self.post.getlist("also")) - {main} if main else set()
        found = [goal.id for goal in evidence.goals() if goal.plannable and goal.id in wanted]
        if len(found) > MOST_ALSO:
            self.problems["also"] = _("At most %(n)s goals beside the main one.") % {"n": MOST_ALSO}
        return found[:MOST_ALSO]

    def _treatment(self) -> tuple[str, date | None]:
        """The recent treatment and its day; the days that are typed count back from today.

        A treatment without a day counts as done today: what nobody knows is taken at its strictest.
        """
        name = self._one_of("treatment", TREATMENTS)
        days = self._number("treated_days", 0.0, LONGEST_DAYS)
        if not name:
            return "", None
        if days is None:
            self.problems.setdefault("treated_days", _("How many days ago was it? Until you say, it counts as today."))
        return name, timezone.localdate() - timedelta(days=int(days or 0.0))

    def _one_of(self, field: str, known: tuple[str, ...]) -> str:
        value: str = self.post.get(field, "")
        return value if value in known else ""

    def _number(self, field: str, low: float, high: float) -> float | None:
        try:
            value = number(self.post.get(field, ""))
            if value is not None and not low <= value <= high:
                raise InputError(
                    _("Give a number from %(low)s to %(high)s.") % {"low": f"{low:g}", "high": f"{high:g}"}
                )
        except InputError as problem:
            self.problems[field] = str(problem)
            return None
        return value

    def _ita(self) -> float | None:
        value = self._number("ita_deg", -70.0, 70.0)
        site = self._one_of("site", site_names())
        if value is not None and site:
            try:
                skin(site, ita_deg=value)
            except InputError as problem:
                self.problems["ita_deg"] = str(problem)
                return None
        return value

    def _conditions(self) -> list[str]:
        return [value[:100].replace("\x00", "") for value in self.post.getlist("conditions")]

    def _device(self) -> tuple[str, dict[str, Any] | None]:
        chosen = self.post.get("device", "")
        if chosen == OWN:
            own = self._own_device()
            return (OWN, own) if own is not None else ("", None)
        return (chosen, None) if chosen in catalogue_ids() else ("", None)

    def _own_device(self) -> dict[str, Any] | None:
        """The device by the numbers on its box; None with a problem where they do not make one."""
        post = self.post
        try:
            bands = []
            for i in OWN_BANDS:
                peak, irradiance = number(post.get(f"own_peak_{i}", "")), number(post.get(f"own_irradiance_{i}", ""))
                if peak is not None:
                    bands.append({"peak_nm": peak} | self._irradiance(irradiance))
            if not bands:
                raise InputError(_("Give at least one colour in nm, as it stands on the box, for example 660."))
            spec: dict[str, Any] = {
                "id": OWN_ID,
                "name": (post.get("own_name", "").replace("\x00", "").strip() or _("My device"))[:120],
                "kind": post.get("own_kind") or "mask",
                "bands": bands,
            }
            distance = number(post.get("own_distance", ""))
            size = [number(post.get("own_width", "")), number(post.get("own_height", ""))]
            if distance is not None:
                spec["distance_cm"] = distance
            if all(side is not None for side in size):
                spec["size_cm"] = size
            read_device(spec)
        except InputError as problem:
            self.problems["own"] = on_the_page(str(problem))
            return None
        return spec

    @staticmethod
    def _irradiance(value: float | None) -> dict[str, Any]:
        return {} if value is None else {"irradiance_mw_cm2": value, "irradiance_basis": "claimed"}

    def _measured(self, device: str) -> dict[str, float]:
        found: dict[str, float] = {}
        if not device or device == OWN:
            return found
        for peak in read_device(device).wavelengths_nm:
            value = self._number(f"measured_{peak:g}", 1e-4, 1e4)
            if value is not None:
                found[f"{peak:g}"] = value
        return found

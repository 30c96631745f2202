"""Words that several pages and exports share, each translated."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

SITE_LABELS = {
    "face": gettext_lazy("Face"),
    "forehead": gettext_lazy("Forehead"),
    "cheek": gettext_lazy("Cheek"),
    "chin": gettext_lazy("Chin"),
    "neck": gettext_lazy("Neck"),
    "scalp": gettext_lazy("Scalp"),
    "chest": gettext_lazy("Chest"),
    "abdomen": gettext_lazy("Belly"),
    "back": gettext_lazy("Back"),
    "lower back": gettext_lazy("Lower back"),
    "shoulder": gettext_lazy("Shoulder"),
    "upper arm": gettext_lazy("Upper arm"),
    "forearm": gettext_lazy("Forearm"),
    "elbow": gettext_lazy("Elbow"),
    "hand": gettext_lazy("Hand"),
    "wrist": gettext_lazy("Wrist"),
    "hip": gettext_lazy("Hip"),
    "thigh": gettext_lazy("Thigh"),
    "knee": gettext_lazy("Knee"),
    "shin": gettext_lazy("Shin"),
    "calf": gettext_lazy("Calf"),
    "ankle": gettext_lazy("Ankle"),
    "foot": gettext_lazy("Foot"),
    "periorbital": gettext_lazy("Around the eyes"),
    "nose": gettext_lazy("Nose"),
    "upper-back": gettext_lazy("Upper back"),
    "lower-back": gettext_lazy("Lower back"),
    "hand-dorsum": gettext_lazy("Back of the hand"),
    "finger-joint": gettext_lazy("Finger joint"),
    "sole": gettext_lazy("Sole of the foot"),
}

REACTION_LABELS = {
    "fine": gettext_noop("Fine"),
    "blister": gettext_noop("A blister or burn"),
    "redness": gettext_noop("Redness for more than a day"),
    "eye": gettext_noop("Something with my eyes"),
    "headache": gettext_noop("A headache"),
    "other": gettext_noop("Something else"),
}

STATUS_LABELS = {
    "running": gettext_noop("under way"),
    "paused": gettext_noop("interrupted"),
    "finished": gettext_noop("finished"),
    "stopped": gettext_noop("stopped early"),
    "entered": gettext_noop("written down later"),
}


def site_label(site: str) -> str:
    """The place in the reader's language; one that is not in the list as it was typed."""
    return str(SITE_LABELS.get(site, site))


def reaction_label(kind: str) -> str:
    """The reaction in the reader's language."""
    return _(REACTION_LABELS[kind]) if kind in REACTION_LABELS else kind


def status_label(status: str) -> str:
    """How a session went, in the reader's language."""
    return _(STATUS_LABELS[status]) if status in STATUS_LABELS else status

"""Forms of the frame's own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from photodose.app.accounts import check_username, setup_code_is
from photodose.app.routine import SITES
from photodose.app.wording import SITES as MODEL_SITES
from photodose.app.words import SITE_LABELS
from photodose.app.zones import time_zones
from photodose.quantities import InputError

SITE_CHOICES = [(site, SITE_LABELS[site]) for site in dict.fromkeys((*SITES, *MODEL_SITES)) if site != "lower back"]
"""The wider places and those of the set-up, which has the lower back by its own name."""
KINDS = [("mask", _("Mask")), ("panel", _("Panel")), ("bed", _("Bed")), ("cap", _("Cap")), ("handheld", _("Handheld"))]
EYES = [("shielded", _("Eye shields on")), ("closed", _("Eyes closed")), ("open", _("No light near the eyes"))]
WEEKDAYS = [(0, _("Mon")), (1, _("Tue")), (2, _("Wed")), (3, _("Thu")), (4, _("Fri")), (5, _("Sat")), (6, _("Sun"))]


class OwnerForm(forms.Form):
    """Name and password of the owner; on a home server also the code from the terminal."""

    code = forms.CharField(label=_("Code from the terminal"), max_length=40)
    username = forms.CharField(
        label=_("User name"), max_length=60, widget=forms.TextInput({"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password, 12 characters or more"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, needs_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_code:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not setup_code_is(code):
            raise ValidationError(
                _("This is not the code that the server printed when it started, or it is older than an hour.")
            )
        return code

    def clean_username(self) -> str:
        try:
            return check_username(self.cleaned_data["username"])
        except InputError as problem:
            raise ValidationError(str(problem)) from problem

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"])
        password: str = self.cleaned_data["password"]
        return password


class DeviceForm(forms.Form):
    """A device by the numbers on its box, with the person's own schedule for it."""

    name = forms.CharField(label=_("What do you call it?"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, widget=forms.RadioSelect)
    sites = forms.MultipleChoiceField(
        label=_("Where do you use it?"), choices=SITE_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    minutes = forms.DecimalField(
        label=_("Minutes for each place"), min_value=0.25, max_value=60, decimal_places=2, initial=10
    )
    sessions_per_week = forms.IntegerField(label=_("Sessions a week"), min_value=1, max_value=21, initial=5)
    eyes = forms.ChoiceField(label=_("Eyes"), choices=EYES, widget=forms.RadioSelect, initial="shielded")
    days = forms.TypedMultipleChoiceField(
        label=_("On which days? (none: any day)"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    time = forms.TimeField(
        label=_("At what time? (for the calendar)"), required=False, widget=forms.TimeInput({"type": "time"})
    )

    def clean_sites(self) -> list[str]:
        sites: list[str] = self.cleaned_data["sites"]
        if len(sites) > 12:
            raise ValidationError(_("Choose twelve places at most."))
        return sites


class LateForm(forms.Form):
    """A session written down afterwards."""

    started = forms.DateTimeField(
        label=_("When did it begin?"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    sites = forms.MultipleChoiceField(label=_("Where?"), choices=SITE_CHOICES, widget=forms.CheckboxSelectMultiple)
    minutes = forms.DecimalField(label=_("Minutes for each place"), min_value=0.25, max_value=120, decimal_places=2)
    note = forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea({"rows": 2}))


class PersonForm(forms.Form):
    """Name and time zone of a person."""

    name = forms.CharField(label=_("Name"), required=False, max_length=80)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=[(z, z) for z in sorted(time_zones())])


class EraseForm(forms.Form):
    """Erasing asks to be sure."""

    sure = forms.BooleanField(label=_("Yes, erase everything that is stored about me and the people I look after."))


class ImportForm(forms.Form):
    """A file that the export wrote."""

    file = forms.FileField(label=_("Export file (.json)"), widget=forms.FileInput({"accept": ".json,application/json"}))

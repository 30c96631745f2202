"""What a newcomer reads of hazards, claims and places: the shorter limit, bounds of heat, and chances in words."""

import json
import math
import re
from dataclasses import replace

import pytest

import photodose
from photodose.cli.run import run
from photodose.dosimetry.heat_explain import BEYOND_C, BEYOND_CEM43_MIN, until
from photodose.planning.claims import _clearance_words
from photodose.planning.claims_session import _reaches
from photodose.planning.comparison import first_sentence
from photodose.planning.routine import _position
from photodose.quantities import Estimate

MASK, LASER, RECALLED = "theraface-mask", "theradome-pro-lh80", "neutrogena-light-therapy-acne-mask"


def command(capsys, *arguments):
    code = run(list(arguments))
    return code, re.sub(r"\s+", " ", capsys.readouterr().out)


def test_the_allowed_time_is_the_shorter_of_light_and_heat(capsys):
    dark = photodose.skin("cheek", skin_type="VI")
    answer = photodose.safety(MASK, skin=dark, minutes=9, eyes="shielded")
    heat_s = answer.time_to_skin_limit_s
    assert answer.verdict.value == "stop"
    assert heat_s < answer.assessment.permissible_by_eyes_s["shielded"]
    found = answer.to_dict()["allowed_by_eyes"]
    assert found["shielded"] == {"allowed_s": heat_s, "by": "heat"}
    for state, light_s in answer.assessment.permissible_by_eyes_s.items():
        assert found[state]["allowed_s"] == min(light_s, heat_s)
    _, out = command(capsys, "safety", MASK, "--minutes", "9", "--eyes", "shielded", "--skin-type", "VI")
    assert f"allowed with eyes shielded: {math.floor(heat_s)} s (the heat of the skin; by the light alone" in out
    assert "defined at 20 cm with open eyes; here the light is 1 cm away" in out
    assert "eyes shielded: 300 min" not in out


def test_light_that_ends_first_is_named():
    light = photodose.skin("cheek", skin_type="II")
    answer = photodose.safety(MASK, skin=light, minutes=9, irradiance_mw_cm2={633: 5, 830: 5, 415: 60})
    found = answer.allowed_by_eyes["open"]
    assert found == {"allowed_s": answer.assessment.permissible_by_eyes_s["open"], "by": "light"}


def test_both_columns_stand_where_the_device_is_used_at_twenty_centimetres(capsys):
    _, out = command(capsys, "safety", "joovv-solo-3", "--distance-cm", "20", "--eyes", "shielded")
    assert "allowed with eyes shielded" in out
    lines = [line for line in out.split("│") if line.strip() == "0"]
    assert lines, "behind shields nothing reaches the retina, though open eyes at 20 cm get light"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "less than 1 second"), (0.9, "less than 1 second"), (1.0, "about 1 second"), (1.9, "about 1 second"),
     (2.0, "2 seconds"), (119.9, "119 seconds"), (150.0, "2.5 minutes")],
)  # fmt: skip
def test_short_times_are_seconds(seconds, words):
    assert until(seconds) == words


def test_heat_beyond_burning_is_said_and_bounded():
    dark = photodose.skin("cheek", skin_type="VI")
    readings = {633: 900.0, 830: 900.0, 415: 900.0}
    answer = photodose.safety(MASK, skin=dark, minutes=20, irradiance_mw_cm2=readings)
    assert answer.careful.surface_max_c > BEYOND_C
    assert answer.careful.cem43_max_min > BEYOND_CEM43_MIN
    content = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert content["skin_temperature_careful_c"]["max"] == content["skin_temperature_bound_c"] == BEYOND_C
    heat = answer.careful.to_dict()
    assert heat["cem43_min"]["max"] == heat["bounds"]["cem43_min"] == BEYOND_CEM43_MIN
    assert max(heat["course"]["surface_c"]) == heat["hottest_c"] == BEYOND_C
    words = " ".join(answer.heat_words)
    assert "more than 70 degrees" in words
    assert "more than 1000 minutes at 43 degrees (CEM43), far beyond burning" in words
    assert not re.search(r"\d{5,}", words)


def test_below_the_bound_the_temperature_is_the_models():
    answer = photodose.safety(MASK, skin=photodose.skin("cheek", skin_type="II"), minutes=1)
    assert answer.temperature.skin_temperature()["max"] == answer.temperature.surface_max_c


def test_compare_shows_the_eye_rule_of_lasers_the_heat_and_why_there_is_no_plan(capsys):
    skin = photodose.skin("cheek", skin_type="VI")
    answer = photodose.compare([LASER, MASK], "fine_lines_wrinkles", skin)
    laser, mask = answer.to_dict()["devices"]
    limit_s = mask["hazards"]["time_to_skin_limit_s"]
    assert 0.0 < limit_s < 120.0
    assert laser["hazards"]["shields_needed"]
    assert mask["protocol"] is None
    assert mask["why"].startswith(mask["why_none"].rstrip("."))
    run(["compare", MASK, "--goal", "fine_lines_wrinkles", "--site", "cheek", "--skin-type", "VI"])
    out = re.sub(r"[\s│]+", " ", capsys.readouterr().out)
    assert f"skin may reach 41 °C after {math.floor(limit_s)} seconds" in out
    assert mask["why_none"] in out
    assert "the group at 20 cm, eyes open eye shields a must at 1 cm for 3 min" in out
    run(["compare", LASER, "--goal", "fine_lines_wrinkles", "--site", "cheek", "--skin-type", "VI"])
    out = re.sub(r"[\s│]+", " ", capsys.readouterr().out)
    assert "class 3R (maker), 3B (by power) never look into it; eye shields a must" in out


def test_a_recall_is_a_warning_with_its_words():
    skin = photodose.skin("cheek", skin_type="II")
    reason = photodose.device(RECALLED).recalls[0].reason
    assert any(reason in text for text in photodose.safety(RECALLED, skin=skin, minutes=10).warnings)
    assert any(
        "was recalled" in text and reason in text for text in photodose.compare([RECALLED], "acne", skin).warnings
    )
    assert not any("recalled" in text for text in photodose.compare([MASK], "acne", skin).warnings)


def test_a_first_sentence_survives_et_al():
    text = "Park SH et al. 2025 gave 3.5 J/cm2 (at most). Equal fluence is not proven."
    assert first_sentence(text) == "Park SH et al. 2025 gave 3.5 J/cm2."
    assert first_sentence("None fits") == "None fits."


def test_the_light_at_the_eyes_is_explained():
    skin = photodose.skin("cheek", skin_type="III")
    claimed = photodose.safety("omnilux-contour-face", skin=skin, minutes=10)
    words = next(text for text in claimed.warnings if text.startswith("For the eyes the light counts as claimed"))
    assert "15 at 633 nm, 15 at 830 nm" in words
    assert "not as it likely is (7, 7)" in words
    measured = photodose.safety("omnilux-contour-face", skin=skin, minutes=10, irradiance_mw_cm2={633: 9, 830: 9})
    assert not any("as claimed" in text for text in measured.warnings)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ((0.92, 0.3, 3.0), "it is about as likely as not that it reaches it."),
        ((2.0, 0.7, 6.0), "it reaches it."),
        ((0.2, 0.1, 0.6), "it does not reach it."),
        ((1.2, 0.6, 2.4), "it probably reaches it."),
        ((0.37, 0.19, 0.75), "it probably does not reach it."),
    ],
)
def test_chances_of_reaching_a_dose(share, words):
    assert _reaches(Estimate(*share)) == words


def test_what_the_catalogue_does_not_hold_is_not_called_absent():
    unit = replace(photodose.device("omnilux-contour-face"), clearance=())
    words = _clearance_words(unit)
    assert "does not hold whether Omnilux Contour Face is cleared" in words
    assert "Ask the maker for the 510(k) number." in words


def test_the_place_reads_as_a_place():
    unit, skin = photodose.device(MASK), photodose.skin("periorbital", skin_type="II")
    step = _position(unit, skin, 1.0)
    assert step.title == "Wear it 1 cm away"
    assert step.detail.startswith("Measure from the lights to the skin around the eye.")
    panel = next(item for item in photodose.devices.catalogue() if item.kind == "panel")
    assert _position(panel, photodose.skin("cheek", skin_type="II"), 30.0).title == "Sit 30 cm away"
    assert "the skin of the cheek." in _position(panel, photodose.skin("cheek", skin_type="II"), 30.0).detail

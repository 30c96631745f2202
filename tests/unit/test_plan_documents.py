"""A plan on paper, in a calendar, as JSON that comes back, and as the table of Jenkins and Carroll."""

import csv
import io
import json
import re
import zlib
from datetime import UTC, date, datetime

import icalendar
import pytest

import photodose
from photodose.cli.run import run
from photodose.data.schema_evidence import JENKINS_CARROLL
from photodose.planning.documents import (
    clinician_pdf,
    plan_from_json,
    plan_ics,
    plan_pdf,
    reporting_csv,
    reporting_markdown,
    reporting_rows,
    wall_pdf,
    write_whole,
)
from photodose.quantities import InputError, UnknownNameError, plain

MASK = "omnilux-contour-face"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
OWN = {
    "id": "own",
    "name": "Own = lamp #1 *bold*",
    "kind": "mask",
    "distance_cm": 0.0,
    "emitting_area_cm2": 120.0,
    "bands": [
        {"peak_nm": 415.0, "irradiance_mw_cm2": 15.0, "irradiance_basis": "measured"},
        {"peak_nm": 633.0, "irradiance_mw_cm2": 25.0, "irradiance_basis": "measured", "fwhm_nm": 17.0},
    ],
    "modes": [{"name": "blue", "peaks_nm": [415.0]}, {"name": "red", "peaks_nm": [633.0]}],
}


@pytest.fixture(scope="module")
def plan():
    skin = photodose.skin("cheek", skin_type="III")
    return photodose.plan("fine_lines_wrinkles", MASK, skin, drugs=["doxycycline"], minutes=10, per_week=5, age=40)


@pytest.fixture(scope="module")
def turns():
    return photodose.plan("acne", photodose.device(OWN), photodose.skin("cheek", ita_deg=40.0))


@pytest.fixture(scope="module")
def none():
    return photodose.plan("stretch_marks", MASK, photodose.skin("abdomen", skin_type="II"))


def pages(pdf):
    return len(re.findall(rb"/Type\s*/Page[^s]", inflated(pdf)))


def inflated(pdf):
    """A PDF with its compressed streams opened, as far as they open."""
    parts = [pdf]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(match.group(1)))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_pages(plan, turns, none):
    for made in (plan_pdf(plan), wall_pdf(plan), clinician_pdf(plan), plan_pdf(turns), clinician_pdf(none)):
        assert made.startswith(b"%PDF-")
        assert made.rstrip().endswith(b"%%EOF")
        assert pages(made) >= 1
    assert pages(wall_pdf(plan)) == 1
    assert pages(wall_pdf(turns)) == 1
    assert pages(plan_pdf(plan)) == pages(wall_pdf(plan)) + pages(clinician_pdf(plan))
    with pytest.raises(InputError, match="no protocol"):
        wall_pdf(none)
    assert pages(plan_pdf(none)) == pages(clinician_pdf(none))


def test_what_a_person_types_is_no_markup():
    """A medicine called like typst code is printed, not run."""
    skin = photodose.skin("cheek", skin_type="III")
    made = photodose.plan("stretch_marks", MASK, skin, drugs=['#panic("x") $ * _ [ ] `'])
    assert clinician_pdf(made).startswith(b"%PDF-")


def events(content):
    return icalendar.Calendar.from_ical(content).walk("VEVENT")


def test_calendar(plan):
    """Five sessions a week for twelve weeks: 60 events on weekdays, with a title that says nothing about health."""
    (event,) = events(plan_ics(plan, MONDAY, at="07:30", now=NOW))
    rule = event["RRULE"]
    assert rule["FREQ"] == ["WEEKLY"]
    assert rule["BYDAY"] == ["MO", "TU", "WE", "TH", "FR"]
    assert rule["COUNT"] == [60]
    assert event["DTSTART"].dt == datetime(2026, 11, 23, 7, 30)
    assert event["DTSTART"].dt.tzinfo is None
    assert event["DURATION"].dt.total_seconds() == 60 * plan.protocol.minutes
    assert event["SUMMARY"] == "Routine"
    text = plan_ics(plan, MONDAY, now=NOW).decode()
    for word in ("wrinkle", "light", "doxycycline", "photodose plan", "therapy"):
        assert word not in text.lower()
    assert plan_ics(plan, MONDAY, now=NOW) == plan_ics(plan, MONDAY, now=NOW)


def test_calendar_of_sessions_in_turn(turns):
    """Twice a week for four weeks, one band each: four sessions of either, never on one day."""
    first, second = events(plan_ics(turns, MONDAY, now=NOW))
    assert [event["RRULE"]["COUNT"] for event in (first, second)] == [[4], [4]]
    assert not set(first["RRULE"]["BYDAY"]) & set(second["RRULE"]["BYDAY"])
    assert {first["SUMMARY"], second["SUMMARY"]} == {"Routine A", "Routine B"}
    assert first["UID"] != second["UID"]
    assert first["DTSTART"].dt.weekday() == 0
    assert second["DTSTART"].dt.weekday() == 3


def test_calendar_refuses(plan, none):
    with pytest.raises(InputError, match="no protocol"):
        plan_ics(none)
    for at in ("25:00", "noon", "", 7):
        with pytest.raises(InputError, match="20:00"):
            plan_ics(plan, at=at)


@pytest.mark.parametrize("name", ["plan", "turns", "none"])
def test_json_comes_back_as_the_same_plan(name, request):
    made = request.getfixturevalue(name)
    text = json.dumps(plain(made.to_dict()), allow_nan=False)
    again = plan_from_json(text)
    assert json.dumps(plain(again.to_dict()), sort_keys=True) == json.dumps(json.loads(text), sort_keys=True)


def test_a_measured_irradiance_comes_back():
    skin = photodose.skin("periorbital", ita_deg=30.0, ita_sd_deg=4.0)
    made = photodose.plan("collagen_elasticity", MASK, skin, irradiance_mw_cm2={633: 12.0, 830: 15.0}, eyes="closed")
    again = plan_from_json(made.to_dict())
    assert again.protocol == made.protocol
    assert again.skin.ita_sd_deg == 4.0


def test_another_result_in_the_file_is_said_and_not_believed(plan):
    content = json.loads(json.dumps(plain(plan.to_dict())))
    content["protocol"]["minutes"] = 500.0
    again = plan_from_json(content)
    assert again.protocol == plan.protocol
    assert any("another protocol" in text for text in again.warnings)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": None},
        {"inputs": {}},
        {"inputs": {"goal": "fine_lines_wrinkles"}},
        {"inputs.device": 7},
        {"inputs.skin": {"site": "cheek", "secret": 1}},
        {"inputs.skin": {"site": "cheek", "ita_deg": "much"}},
        {"inputs.minutes": "ten"},
        {"inputs.minutes": True},
        {"inputs.drugs": "doxycycline"},
        {"inputs.assume": "yes"},
        {"inputs.eyes": ["open"]},
        {"inputs.irradiance_mw_cm2": [12]},
        {"inputs.run": "rm"},
    ],
)
def test_bad_json_is_one_sentence(change, plan):
    content = json.loads(json.dumps(plain(plan.to_dict())))
    for key, value in change.items():
        place = content
        *path, last = key.split(".")
        for part in path:
            place = place[part]
        place[last] = value
    with pytest.raises(InputError):
        plan_from_json(content)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"goal": 1}', "[" * 100_000])
def test_no_json_is_one_sentence(text):
    with pytest.raises(InputError):
        plan_from_json(text)


def test_json_never_opens_a_path(plan, tmp_path):
    """An id of the catalogue or the content of a device: a path in somebody's JSON is not followed."""
    file = tmp_path / "own.yaml"
    file.write_text("id: own\n")
    content = json.loads(json.dumps(plain(plan.to_dict())))
    content["inputs"]["device"] = str(file)
    with pytest.raises(UnknownNameError):
        plan_from_json(content)


def test_the_reporting_table_has_every_parameter(plan, none):
    for made in (plan, none):
        rows = reporting_rows(made)
        assert [row[0] for row in rows[:8]] == list(JENKINS_CARROLL)
        assert all(row[1] for row in rows)
    table = {row[0]: row[1] for row in reporting_rows(plan)}
    assert table["number of treatments"] == "60"
    assert table["irradiation time"] == f"{60 * plan.protocol.minutes:g}"
    assert "633" in table["wavelength"]
    assert table["beam area at the skin"] == "not known"
    assert {row[0]: row[1] for row in reporting_rows(none)}["number of treatments"] == "not known"


def test_markdown_and_csv_hold_the_same_rows(turns):
    rows = reporting_rows(turns)
    assert reporting_markdown(turns).count("\n") == len(rows) + 2
    read = list(csv.reader(io.StringIO(reporting_csv(turns))))
    assert len(read) == len(rows) + 1
    assert [tuple(row) for row in read[1:]] == rows


def test_a_file_is_whole_or_not_there(tmp_path):
    file = tmp_path / "a.txt"
    write_whole(file, b"old")
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_whole(tmp_path / "folder", b"x")
    with pytest.raises(InputError, match="cannot be written"):
        write_whole(tmp_path / "none" / "a.txt", b"x")
    assert {item.name for item in tmp_path.iterdir()} == {"a.txt", "folder"}


def test_command(capsys, tmp_path):
    arguments = ["plan", "--goal", "fine_lines_wrinkles", "--device", MASK, "--site", "cheek", "--skin-type", "III"]
    names = {"--pdf": "p.pdf", "--ics": "p.ics", "--report": "p.csv"}
    files = [part for option, name in names.items() for part in (option, str(tmp_path / name))]
    assert run([*arguments, *files, "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert err.count("saved: ") == 3
    assert {item.name for item in tmp_path.iterdir()} == set(names.values())
    again = plan_from_json(out)
    assert again.protocol is not None


@pytest.mark.parametrize(
    ("option", "name"), [("--pdf", "a.txt"), ("--ics", "a.pdf"), ("--report", "a.doc"), ("--pdf", "no/folder/a.pdf")]
)
def test_a_wrong_file_is_refused_before_anything_is_written(option, name, capsys, tmp_path):
    arguments = ["plan", "--goal", "fine_lines_wrinkles", "--device", MASK, "--site", "cheek", "--skin-type", "III"]
    assert run([*arguments, "--report", str(tmp_path / "good.md"), option, str(tmp_path / name)]) == 2
    assert "photodose: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("goal", "condition", "code", "said"),
    [
        ("stretch_marks", None, 0, "no protocol"),
        ("fine_lines_wrinkles", "skin cancer", 4, "says stop"),
        ("fine_lines_wrinkles", "epilepsy", 3, "says ask"),
    ],
)
def test_a_calendar_that_cannot_be_takes_no_answer_away(goal, condition, code, said, capsys, tmp_path):
    arguments = ["plan", "--goal", goal, "--device", MASK, "--site", "cheek", "--skin-type", "II", "--json"]
    arguments += [] if condition is None else ["--condition", condition]
    assert run([*arguments, "--pdf", str(tmp_path / "a.pdf"), "--ics", str(tmp_path / "a.ics")]) == code
    out, err = capsys.readouterr()
    assert json.loads(out)["protocol"] is None
    assert "not saved: " in err
    assert said in err
    assert [item.name for item in tmp_path.iterdir()] == ["a.pdf"]
    assert run([*arguments, "--goal", "smoother_appearance", "--ics", str(tmp_path / "b.ics")]) == (code or 0)
    assert (tmp_path / "b.ics").exists() == (code == 0)

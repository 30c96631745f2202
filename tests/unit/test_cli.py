"""The command line: JSON and nothing else, the contract's exit codes, one sentence on bad input, no file left."""

import json
import subprocess
import sys

import pytest

from photodose.cli.run import run
from photodose.quantities import short

CHEEK = ["--site", "cheek", "--skin-type", "III"]
MASK = "omnilux-contour-face"
LAYER = "{thickness_mm: 1, absorption_per_mm: 0.1, scattering_per_mm: 10, anisotropy: 0.8, refractive_index: 1.4}"


def answer(capsys, *arguments, code=0):
    """Run a command with --json and give its one JSON object."""
    assert run([*arguments, "--json"]) == code
    out, _ = capsys.readouterr()
    assert out.count("\n") == 1
    content = json.loads(out)
    assert isinstance(content["sources"], list)
    assert isinstance(content["warnings"], list)
    return content


def refusal(capsys, *arguments):
    """Run a command that must be refused and give its sentence."""
    assert run(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("photodose: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_lists(capsys):
    assert len(answer(capsys, "devices")["devices"]) >= 28
    assert {row["kind"] for row in answer(capsys, "devices", "--kind", "bed")["devices"]} == {"bed"}
    assert len(answer(capsys, "goals")["goals"]) == 21
    skins = answer(capsys, "skins")
    assert len(skins["sites"]) == 19
    assert [row["skin_type"] for row in skins["skin_types"]] == ["I", "II", "III", "IV", "V", "VI"]
    assert answer(capsys, "drugs", "Vibramycin")["drugs"][0]["name"] == "doxycycline"
    assert len(answer(capsys, "drugs")["drugs"]) >= 120


def test_every_list_renders_for_people(capsys):
    for command in (["devices"], ["skins"], ["goals"], ["drugs", "retinol"], ["device", MASK]):
        assert run(command) == 0
    out, _ = capsys.readouterr()
    assert "cheek" in out


def test_dose_has_the_keys_of_the_contract(capsys):
    content = answer(capsys, "dose", MASK, *CHEEK, "--minutes", "10")
    assert set(content) >= {
        "device", "skin", "exposure", "targets", "profile", "reflected_fraction", "skin_temperature_c",
        "variance_share",
    }  # fmt: skip
    assert content["device"] == MASK
    assert content["skin"]["skin_type"] == "III"
    assert set(content["variance_share"]) == {"device", "melanin", "blood", "thickness", "scattering"}
    assert sum(content["variance_share"].values()) == pytest.approx(1.0)
    for target in content["targets"]:
        value = target["fluence_j_cm2"]
        assert 0 < value["low"] < value["value"] < value["high"]
        assert sum(band["fluence_j_cm2"]["value"] for band in target["by_band"]) == pytest.approx(value["value"])
    for band in content["exposure"]["bands"]:
        expected = band["irradiance_mw_cm2"]["value"] * 0.6
        assert band["radiant_exposure_j_cm2"]["value"] == pytest.approx(expected)
    assert len(content["profile"]["depth_mm"]) == len(content["profile"]["fluence_j_cm2"])
    assert set(content["skin_temperature_c"]) == {"start", "end", "max"}


def test_own_irradiance_is_taken(capsys):
    content = answer(
        capsys, "dose", MASK, *CHEEK, "--minutes", "10", "--irradiance-mw-cm2", "633=12,830=18"
    )  # fmt: skip
    assert all(band["basis"] == "measured" for band in content["exposure"]["bands"])


def test_a_reading_that_grows_on_the_skin_says_why(capsys):
    """18 mW/cm2 in free air is more under a mask: the factor stands in the JSON and the sentence under the table."""
    arguments = ["dose", MASK, *CHEEK, "--minutes", "10", "--irradiance-mw-cm2", "633=12,830=18"]
    band = answer(capsys, *arguments)["exposure"]["bands"][1]
    assert band["free_air_mw_cm2"] == pytest.approx(18.0)
    assert band["enclosure_gain"] > 1.2
    assert band["irradiance_mw_cm2"]["value"] == pytest.approx(18.0 * band["enclosure_gain"])
    assert run(arguments) == 0
    shown = " ".join(capsys.readouterr().out.split())
    on_skin = short(band["irradiance_mw_cm2"]["value"])
    assert f"18 mW/cm2 measured in free air at 830 nm becomes {on_skin} on the skin: the mask returns light" in shown


def test_nothing_is_said_of_returned_light_where_none_is(capsys, tmp_path):
    """A panel gives none back, and a reading on the skin already holds it."""
    for kind, condition in (("panel", "free_air"), ("mask", "on_skin")):
        path = tmp_path / f"{kind}.yaml"
        path.write_text(
            f"id: own\nname: Own\nkind: {kind}\ndistance_cm: 1\nemitting_area_cm2: 250\nbands:\n"
            "  - {peak_nm: 633, irradiance_mw_cm2: 20, irradiance_basis: measured, "
            f"irradiance_condition: {condition}}}\n"
        )
        assert run(["dose", str(path), *CHEEK, "--minutes", "10"]) == 0
        assert "returns light" not in " ".join(capsys.readouterr().out.split())


def test_plan_exit_codes(capsys):
    arguments = ["plan", "--goal", "fine_lines_wrinkles", "--device", MASK, *CHEEK]
    plan = answer(capsys, *arguments)
    assert set(plan) >= {"goal", "verdict", "screening", "certainty", "protocol", "why", "equivalent", "evidence"}
    assert plan["protocol"]["minutes"] > 0
    assert plan["equivalent"]["probability_in_window"] is None
    stopped = answer(capsys, *arguments, "--drug", "methylene blue", code=4)
    assert stopped["protocol"] is None
    assert stopped["for_clinician"] is None
    assert stopped["routine"] == []
    asked = answer(capsys, *arguments, "--drug", "no such drug at all", code=3)
    assert asked["protocol"] is None
    assert asked["screening"]["unknown"]


def test_screen(capsys):
    content = answer(capsys, "screen", "--drug", "doxycycline", "--device", MASK)
    assert content["verdict"] == "caution"
    reason = content["reasons"][0]
    assert set(reason["by_band"]) == {"blue", "red", "nir"}
    assert content["rules_version"]
    assert answer(capsys, "screen")["verdict"] == "clear"


def test_solve(capsys, tmp_path):
    stack = tmp_path / "stack.yaml"
    stack.write_text(f"layers: [{LAYER}]\ndepths_mm: [0.1, 0.5]\nincidence: {{kind: diffuse}}\n")
    content = answer(capsys, "solve", str(stack))
    total = content["reflectance"]["total"] + content["transmittance"]["total"] + sum(content["absorbed"].values())
    assert total == pytest.approx(1.0, abs=1e-9)
    assert len(content["fluence_rate"]) == 2
    assert content["method"] == "slab"


def test_plot_is_saved_whole(capsys, tmp_path):
    picture = tmp_path / "dose.png"
    assert run(["dose", MASK, *CHEEK, "--minutes", "10", "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.iterdir()) == [picture]
    capsys.readouterr()
    assert "ends in .png" in refusal(capsys, "dose", MASK, *CHEEK, "--minutes", "10", "--plot", str(tmp_path / "x.txt"))
    assert list(tmp_path.iterdir()) == [picture]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dose", "omnilux-contour-fase", *CHEEK, "--minutes", "10"], "omnilux-contour-face"),
        (["dose", MASK, "--site", "cheak", "--skin-type", "III", "--minutes", "10"], "cheek"),
        (["dose", MASK, "--site", "cheek", "--skin-type", "VII", "--minutes", "10"], "I to VI"),
        (["dose", MASK, *CHEEK, "--minutes", "-3"], "minutes -3"),
        (["dose", MASK, *CHEEK, "--minutes", "nan"], "finite number"),
        (["dose", MASK, *CHEEK, "--minutes", "ten"], "must be a number"),
        (["dose", MASK, "--site", "cheek", "--ita", "400", "--minutes", "10"], "ita_deg 400"),
        (["dose", MASK, "--site", "cheek", "--minutes", "10"], "skin's type"),
        (["dose", MASK, *CHEEK, "--minutes", "10", "--irradiance-mw-cm2", "700=12"], "700"),
        (["dose", MASK, *CHEEK, "--minutes", "10", "--irradiance-mw-cm2", "12"], "PEAK=VALUE"),
        (["dose", MASK, *CHEEK, "--minutes", "10", "--distance-cm", "-1"], "distance_cm -1"),
        (["dose", "celluma-pro", *CHEEK, "--minutes", "10"], "--irradiance-mw-cm2"),
        (["plan", "--goal", "wrinkels", "--device", MASK, *CHEEK], "fine_lines_wrinkles"),
        (["plan", "--goal", "acne", "--device", MASK, *CHEEK, "--per-week", "3"], "minutes"),
        (["screen", "--age", "-4"], "age"),
        (["solve", "no/such/file.yaml"], "does not exist"),
        (["solve", "--method", "slap", "no.yaml"], "slab"),
        (["device", "check"], "give the file"),
        (["devices", "--kind", "helmet"], "cap"),
        (["dosis"], "--help"),
        (["dose", MASK], "--help"),
    ],
)
def test_bad_input_is_one_sentence(capsys, arguments, words):
    assert words in refusal(capsys, *arguments)


BROKEN_FILES = {
    "empty": b"",
    "binary": bytes(range(256)),
    "half": b"id: a\nname: A\nkind: mask\nbands:\n  - {peak_nm: 660, irr",
    "beyond the tables": b"id: a\nname: A\nkind: mask\nbands: [{peak_nm: 1300, irradiance_mw_cm2: 5}]\n",
    "negative": b"id: a\nname: A\nkind: mask\nbands: [{peak_nm: 660, irradiance_mw_cm2: -5}]\n",
    "nan": b"id: a\nname: A\nkind: mask\nbands: [{peak_nm: .nan, irradiance_mw_cm2: 5}]\n",
    "no bands": b"id: a\nname: A\nkind: mask\n",
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_broken_device_files(capsys, tmp_path, name):
    path = tmp_path / "device.yaml"
    path.write_bytes(BROKEN_FILES[name])
    refusal(capsys, "device", "check", str(path))
    refusal(capsys, "dose", str(path), *CHEEK, "--minutes", "10")


@pytest.mark.parametrize(
    "layer",
    [
        LAYER.replace("thickness_mm: 1", "thickness_mm: 0"),
        LAYER.replace("0.8", "1.5"),
        LAYER.replace("absorption_per_mm: 0.1, ", ""),
    ],
)
def test_broken_stacks(capsys, tmp_path, layer):
    path = tmp_path / "stack.yaml"
    path.write_text(f"layers: [{layer}]\n")
    refusal(capsys, "solve", str(path))


def test_a_users_own_device_file(capsys, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "id: my-panel\nname: My panel\nkind: panel\nsize_cm: [20, 40]\ndistance_cm: 15\nbands:\n"
        "  - {peak_nm: 660, fwhm_nm: 20, irradiance_mw_cm2: 40, irradiance_basis: measured, at_cm: 15}\n"
    )
    checked = answer(capsys, "device", "check", str(path))
    assert checked["valid"] is True
    near = answer(capsys, "dose", str(path), *CHEEK, "--minutes", "5", "--distance-cm", "10")
    far = answer(capsys, "dose", str(path), *CHEEK, "--minutes", "5", "--distance-cm", "30")
    light = [x["exposure"]["bands"][0]["irradiance_mw_cm2"]["value"] for x in (near, far)]
    # a panel 20 by 40 cm seen from 10 to 30 cm does not follow the inverse square (it would lose nine tenths)
    assert 1.5 < light[0] / light[1] < 5.0


def test_importing_photodose_loads_no_heavy_library():
    code = (
        "import sys, photodose; photodose.dose; photodose.plan; "
        "print([m for m in ('matplotlib', 'xarray', 'colour', 'django', 'numba', 'rich', 'typer') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_as_installed():
    done = subprocess.run([sys.executable, "-m", "photodose.cli", "--help"], capture_output=True, text=True, check=True)
    assert "dose" in done.stdout

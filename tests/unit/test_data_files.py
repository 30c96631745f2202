"""Every data file: readable, inside its own ranges, with provenance, and unchanged since it was sealed."""

import csv

import numpy as np
import pytest

from photodose.data import load_table, table_names
from photodose.data.loader import _ROOT, checksums, recorded_checksums
from photodose.quantities import DataError, RangeError, UnknownNameError

SPOT_CHECKS = {
    # table: (column, first row, last row) as they stand in the source
    "optics/whole_blood": ("absorption_oxy_per_mm", (400, 93.07), (1100, 0.35)),
    "optics/water": ("absorption_per_mm", (400, 4.965e-5), (1100, 0.01986)),
    "optics/fat": ("absorption_per_mm", (400, 0.00828), (1100, 0.004911)),
    "optics/bilirubin": ("molar_extinction_per_cm_per_m", (400, 23223), (1100, 0)),
    "optics/beta_carotene": ("molar_extinction_per_cm_per_m", (400, 58389.8), (1100, 0)),
    "optics/refractive_index": ("dermis", (400, 1.39408), (1100, 1.37284)),
    "optics/cie_d65_10deg": ("y_bar", (400, 0.0020044), (700, 0.00371774)),
}


@pytest.mark.parametrize("name", table_names())
def test_table_keeps_its_own_schema(name):
    table = load_table(name)
    assert table.meta.sources
    assert table.meta.licence
    assert table.meta.digitised_by
    for column in table.meta.columns:
        values = table[column.name]
        assert not np.isinf(values).any(), column.name  # an empty cell is a value that the source does not give
        if column.low is not None:
            assert np.nanmin(values) >= column.low, column.name
        if column.high is not None:
            assert np.nanmax(values) <= column.high, column.name
    if table.meta.key is not None:
        assert np.all(np.diff(table[table.meta.key]) > 0)


@pytest.mark.parametrize("name", SPOT_CHECKS)
def test_first_and_last_rows_are_those_of_the_source(name):
    column, first, last = SPOT_CHECKS[name]
    table = load_table(name)
    key = table[table.meta.key]
    assert (key[0], table[column][0]) == first
    assert (key[-1], table[column][-1]) == last


def test_every_optics_table_is_spot_checked():
    assert {name for name in table_names() if name.startswith("optics/")} == set(SPOT_CHECKS)


def test_data_are_as_they_were_sealed():
    """A changed table without `make seal` is a change nobody reviewed."""
    assert checksums() == recorded_checksums()


def test_csv_files_have_a_plain_form():
    for path in _ROOT.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.reader(handle))
        assert len({len(row) for row in rows}) == 1, path


def test_a_table_never_extrapolates():
    table = load_table("optics/water")
    with pytest.raises(RangeError, match="wavelength_nm 1101 in table optics/water is outside its range 400 to 1100"):
        table.interpolate(1101.0, "absorption_per_mm")
    with pytest.raises(RangeError):
        table.interpolate(float("nan"), "absorption_per_mm")
    with pytest.raises(UnknownNameError):
        table.interpolate(500.0, "absorbtion_per_mm")
    with pytest.raises(DataError):
        load_table("optics/no_such_table")
    with pytest.raises(DataError):
        load_table("../../../../etc/passwd")

"""WALT's table of joules for contact lasers of 780-860 nm: reference numbers, from which no plan follows."""

from __future__ import annotations

from functools import cache

from photodose.data import load_document, resolve_name
from photodose.data.schema_planning import WaltRow, WaltTable


@cache
def walt_table() -> WaltTable:
    """The table of the World Association for Laser Therapy (2010), as far as it was read: 20 rows, 780-860 nm."""
    return load_document("evidence/walt_2010", WaltTable)


def walt_row(site: str) -> WaltRow:
    """Recommended joules for one site.

    Raises
    ------
    UnknownNameError
        With the nearest sites of the table.
    """
    return resolve_name("site of the WALT table", site, {row.site: row for row in walt_table().rows})


def joules_per_point(row: WaltRow, points: int | None = None) -> float:
    """Energy on one point [J]: the total over the points treated (the fewest unless given), but at least the least.

    Raises
    ------
    ValueError
        If the table does not recommend that number of points.
    """
    count = row.points[0] if points is None else points
    if not row.points[0] <= count <= row.points[1]:
        raise ValueError(f"the table has {row.points[0]} to {row.points[1]} points for {row.site}, not {count}")
    return max(row.total_j / count, row.least_j_per_point or 0.0)

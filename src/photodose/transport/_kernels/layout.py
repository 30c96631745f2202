"""Where each number stands in the arrays that the packet kernels share; numpy only.

A medium is cut into cells: its layers, cut again at every depth where the fluence is asked for. A face lies above each
cell, and one below the last. All lengths are mm, all coefficients 1/mm.
"""

from __future__ import annotations

LANES = 64
"""Packets that travel side by side. A result depends on it, so it is not a setting."""

# Columns of `cells`, one row per cell. CELL_TALLY is the entry of the output for what its layer absorbs.
Z_TOP, Z_BOTTOM, FREE_PATH, ALBEDO, HG_A, HG_B, HG_K, HG_H, EXTINCTION, CELL_INDEX, CELL_TALLY, CELL_PHASE = range(12)
CELL_COLUMNS = 12

# Columns of `gates`: rows 2 c and 2 c + 1 are the ways out of cell c, up and down. NEAR and FAR are entries of the
# output: the fluence tally of the plane on this side of the face and on the other, or NOWHERE. NEXT_CELL is -1 above
# the first cell and the number of cells below the last.
INDEX_FROM, INDEX_TO, NEAR, FAR, NEXT_CELL = range(5)
GATE_COLUMNS = 5

# Entries of `source`.
DIRECTION, SOURCE_COSINE, SOURCE_ORDER, PROFILE, RADIUS, SOURCE_TABLE_ROWS, OUTSIDE_INDEX, SURFACE_PLANE = range(8)
SOURCE_SIZE = 8
COLLIMATED, COSINE_POWER, ANGLE_TABLE = 0.0, 1.0, 2.0
PENCIL, DISK, GAUSSIAN = 0.0, 1.0, 2.0

# Entries of `settings` (floating point).
WEIGHT_MIN, SURVIVAL, RADIAL_STEP, DEPTH_STEP = range(4)
SETTINGS_SIZE = 4

# Entries of `plan` (integers): what to run and where each tally starts in the output.
PACKETS, WITH_RADIUS, RADIAL_BINS, DEPTH_BINS, ANGLE_BINS, GRID_ABSORBED, GRID_FLUENCE = range(7)
AT_LAYERS, AT_PLANES, AT_TOP, AT_BOTTOM, AT_GRID_ABSORBED, AT_GRID_FLUENCE, OUTPUT_SIZE = range(7, 14)
PLAN_SIZE = 14

# The first entries of the output: sums of weight over the packets of a block.
SPECULAR, REFLECTED, DIRECT, TRANSMITTED, ROULETTE_GAIN, ROULETTE_LOSS, LAUNCHED, EVENTS, NOWHERE = range(9)
SCALARS = 9

# Columns of `tables`: tabulated phase functions and the source's table of angles, stacked. A cell's CELL_PHASE is the
# first row of its table (-1: Henyey-Greenstein); the first row of a phase function holds its kind and its parameters.
TABLE_COSINE, TABLE_VALUE, TABLE_CUMULATIVE = range(3)
TABLE_COLUMNS = 3
PHASE_TABLE, PHASE_MODIFIED_HG = 0.0, 1.0

GRAZING_COSINE = 0.02
"""A plane crossed at a smaller |cosine| scores as if at half of it: 1/|mu| would have no finite variance."""

# xoshiro256++ (Blackman and Vigna 2021, doi 10.1145/3460772): jump polynomials for 2^128 and 2^192 draws.
JUMP = (0x180EC6D33CFD0ABA, 0xD5A61266F0C9392C, 0xA9582618E03FC9AA, 0x39ABDC4529B1661C)
LONG_JUMP = (0x76E15D3EFEFDCBBF, 0xC5004E441C522FB3, 0x77710069854EE241, 0x39109BB02ACBE635)

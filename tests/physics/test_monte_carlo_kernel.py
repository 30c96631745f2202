"""The packet kernels: twin and compiled code packet by packet, the generator, the fast functions, bookkeeping."""

from __future__ import annotations

import math

import numpy as np
import pytest

from photodose.optics import Incidence, LayerStack
from photodose.transport._kernels import cpu, layout, reference
from photodose.transport.monte_carlo import Grid, PhaseFunction, Source
from photodose.transport.monte_carlo.medium import build
from photodose.transport.monte_carlo.run import Stop, run

SKIN = {
    "layers": [
        {"name": "horny", "thickness_mm": 0.02, "absorption_per_mm": 0.02, "scattering_per_mm": 100.0,
         "anisotropy": 0.9, "refractive_index": 1.53},
        {"name": "living", "thickness_mm": 0.08, "absorption_per_mm": 0.3, "scattering_per_mm": 40.0,
         "anisotropy": 0.85, "refractive_index": 1.34},
        {"name": "clear", "thickness_mm": 0.3, "absorption_per_mm": 0.0, "scattering_per_mm": 0.0,
         "anisotropy": 0.0, "refractive_index": 1.34},
        {"name": "deep", "thickness_mm": 1.0, "absorption_per_mm": 0.1, "scattering_per_mm": 20.0,
         "anisotropy": 0.0, "refractive_index": 1.44},
    ]
}  # fmt: skip
STACK = LayerStack.from_mapping(SKIN)
DEPTHS = np.array([0.0, 0.02, 0.1, 0.25, 0.7, 1.4])
GRID = Grid(0.05, 20, 0.05, 20)
TABLE = PhaseFunction("table", cosines=(-1.0, 0.0, 0.5, 1.0), values=(1.0, 0.0, 2.0, 7.0))


def both(source: Source, grid: Grid | None, phases: dict[str, PhaseFunction] | None = None) -> tuple[np.ndarray, ...]:
    problem = build(STACK, source, DEPTHS, phases, grid, weight_min=0.5)
    problem.plan[layout.PACKETS] = 120
    state = np.random.SeedSequence(5).generate_state(4, np.uint64)
    answers = []
    for kernel in (reference.run_block, cpu.run_block):
        out = np.zeros(problem.output_size)
        kernel(problem.cells, problem.gates, problem.source, problem.tables, problem.settings, problem.plan, state, out)
        answers.append(out)
    return answers[0], answers[1]


@pytest.mark.parametrize(
    ("source", "grid", "phases"),
    [
        (Source(), None, None),
        (Source(), GRID, None),
        (Source("disk", 1.0, Incidence("diffuse")), GRID, None),
        (Source("gaussian", 1.0, Incidence("table", cosines=(0.2, 0.6, 1.0), radiances=(1.0, 3.0, 2.0))), GRID, None),
        (Source("pencil", 0.0, Incidence("lambertian", order=3.0)), None, None),
        (
            Source("gaussian", 0.4, Incidence("collimated", 40.0)),
            GRID,
            {"living": PhaseFunction("modified_henyey_greenstein", 0.9, 0.9), "deep": TABLE},
        ),
    ],
    ids=["pencil", "pencil-grid", "disk-diffuse", "gaussian-table", "lambertian", "oblique-phases"],
)
def test_compiled_kernel_walks_like_its_literal_twin(
    source: Source, grid: Grid | None, phases: dict[str, PhaseFunction] | None
) -> None:
    """Why: the fast kernel is hard to read. Set up: 120 packets, the same generator. Expected: every tally alike."""
    plain, fast = both(source, grid, phases)
    assert plain[layout.LAUNCHED] == 120.0
    assert plain[layout.EVENTS] > 1000.0
    assert plain[layout.ROULETTE_GAIN] > 0.0
    np.testing.assert_allclose(fast, plain, rtol=1e-7, atol=1e-8)


def test_radius_does_not_change_what_happens_in_depth() -> None:
    """Why: the planar walk drops x and y. Expected: the same packets, so the same sums, with and without them."""
    flat, full = both(Source(), None)[1], both(Source(), GRID)[1]
    shared = layout.SCALARS + len(STACK.layers) + DEPTHS.size
    np.testing.assert_allclose(flat[:shared], full[:shared], rtol=1e-9, atol=1e-12)


def test_generator_gives_the_published_sequence() -> None:
    """First outputs of xoshiro256++ from the state 1, 2, 3, 4, by the authors' C code."""
    generator = reference.Xoshiro([1, 2, 3, 4])
    drawn = [generator.next_bits() for _ in range(6)]
    assert drawn == [
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205,
        9973669472204895162,
    ]


@pytest.mark.parametrize(("polynomial", "doublings"), [(layout.JUMP, 128), (layout.LONG_JUMP, 192)])
def test_jumps_lead_as_far_as_they_say(polynomial: tuple[int, ...], doublings: int) -> None:
    """Why: streams overlap if a jump constant is wrong. Expected: the step matrix over GF(2), squared, agrees."""
    columns = []
    for bit in range(256):
        words = [(1 << (bit - 64 * k)) if 0 <= bit - 64 * k < 64 else 0 for k in range(4)]
        generator = reference.Xoshiro(words)
        generator.next_bits()
        columns.append(bits_of(generator.state))
    matrix = np.array(columns, dtype=np.float32).T
    for _ in range(doublings):
        matrix = np.mod(matrix @ matrix, 2.0)
    start = [0x0123456789ABCDEF, 0xFEDCBA9876543210, 0xDEADBEEFCAFEF00D, 0x1337C0DE1337C0DE]
    there = np.mod(matrix @ bits_of(start), 2.0)
    jumped = reference.Xoshiro(start).jumped(polynomial).state
    np.testing.assert_array_equal(there, bits_of(jumped))
    if polynomial is layout.LONG_JUMP:
        state = np.array(start, dtype=np.uint64)
        np.testing.assert_array_equal(cpu.next_block(state), np.array(jumped, dtype=np.uint64))
        np.testing.assert_array_equal(reference.next_block(state), np.array(jumped, dtype=np.uint64))


def bits_of(words: list[int]) -> np.ndarray:
    return np.array([word >> bit & 1 for word in words for bit in range(64)], dtype=np.float32)


def test_fast_functions_stay_within_their_stated_errors() -> None:
    """The polynomials against the math module over their whole range, the smallest arguments included."""
    units = [2.0**-53, 1e-12, 1e-3, 0.499999, 0.5, 0.7, 1.0 - 2.0**-53, *np.linspace(1e-6, 1.0 - 1e-6, 2001)]
    assert max(abs(cpu._minus_log(u) + math.log(u)) for u in units) < 3e-11
    turns = np.linspace(-0.5, 0.5, 2001)
    assert max(abs(cpu._sin_pi(p) - math.sin(math.pi * p)) for p in turns) < 1e-12
    assert max(abs(cpu._cos_pi(p) - math.cos(math.pi * p)) for p in turns) < 1e-12
    assert cpu._unit(np.uint64(0)) == 2.0**-53
    assert cpu._unit(np.uint64(2**64 - 1)) == 1.0 - 2.0**-53


def test_energy_closes_to_rounding_and_roulette_is_on_the_books() -> None:
    """Expected: in - out - absorbed - lost + gained is zero to 1e-10, and the grid holds what the layers do."""
    grid = Grid(0.1, 10, 0.1, 10)
    outcome = run(build(STACK, Source(), DEPTHS, grid=grid), Stop(5000), seed=3, threads=1)
    mean = outcome.sums.mean
    problem = build(STACK, Source(), DEPTHS, grid=grid)
    absorbed = mean[problem.part(layout.AT_LAYERS, 4)].sum()
    out = mean[[layout.SPECULAR, layout.REFLECTED, layout.DIRECT, layout.TRANSMITTED, layout.ROULETTE_LOSS]].sum()
    assert mean[layout.ROULETTE_LOSS] > 0.0
    assert mean[layout.LAUNCHED] == 1.0
    assert abs(out + absorbed - mean[layout.ROULETTE_GAIN] - 1.0) < 1e-10
    assert mean[problem.part(layout.AT_GRID_ABSORBED, grid.cells)].sum() == pytest.approx(absorbed, rel=1e-10)
    top = mean[problem.part(layout.AT_TOP, 11 * int(problem.plan[layout.ANGLE_BINS]))].sum()
    assert top == pytest.approx(mean[layout.REFLECTED], rel=1e-12)


@pytest.mark.parametrize(
    "phase", [PhaseFunction("modified_henyey_greenstein", 0.8, 0.7), TABLE], ids=["modified", "table"]
)
def test_phase_functions_are_drawn_as_they_are_defined(phase: PhaseFunction) -> None:
    """Expected: first and second moments of drawn cosines agree with integrals of the function itself."""
    rows = phase.rows()
    assert rows is not None
    cell = np.zeros(layout.CELL_COLUMNS)
    shares = (np.arange(20000) + 0.5) / 20000
    drawn = np.array([reference.scattering_cosine(xi, cell, rows) for xi in shares])
    mu = np.linspace(-1.0, 1.0, 200001)
    if phase.kind == "table":
        density = np.interp(mu, phase.cosines, phase.values)
    else:
        g, share = phase.anisotropy, phase.share
        density = share * 0.5 * (1 - g * g) / (1 + g * g - 2 * g * mu) ** 1.5 + (1 - share) * 1.5 * mu**2
    density /= np.trapezoid(density, mu)
    assert drawn.mean() == pytest.approx(float(np.trapezoid(mu * density, mu)), abs=2e-4)
    assert phase.mean_cosine == pytest.approx(drawn.mean(), abs=2e-4)
    assert (drawn**2).mean() == pytest.approx(float(np.trapezoid(mu**2 * density, mu)), abs=2e-4)


@pytest.mark.parametrize("kind", ["diffuse", "lambertian", "table"])
def test_incident_angles_have_the_right_mean(kind: str) -> None:
    """Why: the cosine is drawn from mu L(mu). Expected: its mean over launched packets, within five standard errors."""
    incidence = Incidence(
        kind,
        order=3.0 if kind == "lambertian" else 1.0,
        cosines=(0.1, 0.5, 1.0) if kind == "table" else (),
        radiances=(1.0, 4.0, 0.5) if kind == "table" else (),
    )
    stack = LayerStack.from_mapping(
        {"layers": [{"name": "void", "thickness_mm": 1.0, "absorption_per_mm": 0.0, "scattering_per_mm": 0.0,
                     "anisotropy": 0.0, "refractive_index": 1.0}]}
    )  # fmt: skip
    problem = build(stack, Source(incidence=incidence), np.array([0.5]))
    outcome = run(problem, Stop(100_000), seed=1, threads=1)
    mu = (np.arange(200000) + 0.5) / 200000
    expected = 2.0 * np.pi * incidence.radiance_per_irradiance(mu).mean()
    entry = int(problem.plan[layout.AT_PLANES])
    error = outcome.sums.standard_error[entry]
    assert 0.0 < error < 0.02
    assert abs(outcome.sums.mean[entry] - expected) < 5.0 * error
    assert outcome.sums.mean[layout.DIRECT] == pytest.approx(1.0)

"""The pages that compute: first loads of devices nobody asked for yet, and the sliders of the dose page in a browser.

python benchmarks/bench_pages.py [--quick]

Wished on a server that has warmed up: a first load of dose or plan below a second, minutes and distances within 100 ms
from the moving of the slider to the changed number on the screen. Without a Chromium the sliders are left out.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bench_app

FIRST_LOADS = (
    "/", "/setup/", "/dose/", "/plan/", "/compare/", "/evidence/", "/claims/",
    "/dose/?device=currentbody-skin-series-2",
    "/dose/?device=theraface-mask", "/dose/?device=joovv-solo-3&assume=1", "/dose/?device=kala-red-light-elite",
    "/dose/?device=platinumled-biomax-900&assume=1",
)  # fmt: skip
SLIDERS = {
    "a panel of two bands": "/dose/?device=joovv-mini-3&assume=1",
    "a panel of seven bands": "/dose/?device=platinumled-biomax-600&assume=1",
}
WISH_FIRST_MS, WISH_SLIDER_MS = 1000.0, 100.0
READING_S = 2.0
"""What a person needs at least to find the slider on a page that has just appeared [s]."""

MOVED = """async ([id, value]) => {
    const slider = document.getElementById(id);
    const places = [...document.querySelectorAll("[data-part=value], [data-part=irradiance], [data-heat]")];
    const shown = () => places.map(place => place.textContent).join();
    const before = shown();
    const began = performance.now();
    slider.value = String(value);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    while (shown() === before && performance.now() - began < 20000) await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""


def first_loads(port: int) -> dict[str, float]:
    """Milliseconds of each page, asked for once."""
    line = http.client.HTTPConnection("localhost", port, timeout=120)
    found = {}
    for path in FIRST_LOADS:
        began = time.perf_counter()
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        assert answer.status == 200, f"{path}: {answer.status}"
        found[path] = round(1000 * (time.perf_counter() - began), 1)
    return found


def sliders(port: int, path: str, browser: Any) -> dict[str, Any]:
    """Milliseconds from moving a slider to the changed numbers: the farthest distance at once, all others a moment
    later, and the minutes."""
    page = browser.new_page()
    page.goto(f"http://localhost:{port}{path}")
    stops = int(page.locator("#distance").get_attribute("max"))
    at = int(page.locator("#distance").input_value())
    at_once = page.evaluate(MOVED, ["distance", 0 if at > stops / 2 else stops])
    page.close()
    page = browser.new_page()
    other = path + "&minutes=9"
    page.goto(f"http://localhost:{port}{other}")
    time.sleep(READING_S)
    order = sorted((i for i in range(stops + 1) if i != at), key=lambda i: abs(i - at))
    distances = [page.evaluate(MOVED, ["distance", i]) for i in order]
    minutes = [page.evaluate(MOVED, ["minutes", value]) for value in range(1, 61, 6)]
    page.close()
    return {
        "farthest_at_once_ms": round(at_once, 1),
        "distances_ms": [round(value, 1) for value in distances],
        "minutes_ms": [round(value, 1) for value in minutes],
    }


def browser_path() -> str | None:
    """The browser that the browser tests drive, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("PHOTODOSE_CHROMIUM") or next((p for n in names if (p := shutil.which(n))), None)


def in_browser(port: int) -> dict[str, dict[str, Any]]:
    """The sliders of each device."""
    path = browser_path()
    if path is None:
        print("no Chromium: the sliders are not measured")
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            return {name: sliders(port, address, browser) for name, address in SLIDERS.items()}
        finally:
            browser.close()


def main(quick: bool = False) -> int:
    """0 if (not in a smoke run) the wishes are met."""
    with tempfile.TemporaryDirectory(prefix="photodose-bench-", ignore_cleanup_errors=True) as folder:
        began = time.perf_counter()
        server, port = bench_app.start(folder, "")
        ready_s = time.perf_counter() - began
        try:
            bench_app.wait_until_warm(Path(folder) / "log")
            warm_s = time.perf_counter() - began
            loads = first_loads(port)
            moved = in_browser(port)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
    load = [round(value, 1) for value in os.getloadavg()[:2]]
    print(json.dumps({"ready_s": round(ready_s, 1), "warm_s": round(warm_s, 1), "first_loads_ms": loads, "load": load}))
    met = max(loads.values()) <= WISH_FIRST_MS
    print(f"first loads: all within {max(loads.values())} ms (wish {WISH_FIRST_MS:g}): {'met' if met else 'MISSED'}")
    for name, found in moved.items():
        print(json.dumps({"device": name, **found}))
        for what in ("distances_ms", "minutes_ms"):
            fine = max(found[what]) <= WISH_SLIDER_MS
            word = "met" if fine else "MISSED"
            print(f"{name}, {what[:-3]}: all within {max(found[what])} ms (wish {WISH_SLIDER_MS:g}): {word}")
            met = met and fine
    return 0 if met or quick else 1


if __name__ == "__main__":
    raise SystemExit(main("--quick" in sys.argv))

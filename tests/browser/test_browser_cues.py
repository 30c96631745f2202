"""Cues for closed eyes and a screen that stays awake: what the player asks of the browser, recorded at its boundary.

The browser's own wake lock, vibration, speech and audio are replaced by recorders; everything of photodose is real.
"""

from __future__ import annotations

import pytest

RECORDER = """
window.asked = {locks: 0, releases: 0, vibrations: [], spoken: [], tones: [], refuse: false};
class Sentinel extends EventTarget {
    released = false;
    async release() { if (!this.released) { this.released = true; window.asked.releases++; } }
}
Object.defineProperty(navigator, 'wakeLock', {value: {request: async kind => {
    if (window.asked.refuse || kind !== 'screen') throw new DOMException('no', 'NotAllowedError');
    window.asked.locks++;
    return window.asked.sentinel = new Sentinel();
}}});
navigator.vibrate = pattern => { window.asked.vibrations.push(pattern); return true; };
const voices = [
    {name: 'far', lang: 'en-US', localService: false}, {name: 'near', lang: 'en-GB', localService: true},
];
const speech = new EventTarget();
speech.getVoices = () => window.voicesAreThere === false ? [] : window.farOnly ? voices.slice(0, 1) : voices;
speech.speak = said => window.asked.spoken.push([said.voice.name, said.text]);
Object.defineProperty(window, 'speechSynthesis', {value: speech});
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
window.AudioContext = class {
    state = 'running'; currentTime = 0; destination = {};
    resume() {}
    createGain() {
        const gain = {setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {}};
        return {gain, connect: next => next};
    }
    createOscillator() {
        const tone = {frequency: {value: 0}, connect: next => next, stop() {}};
        tone.start = () => window.asked.tones.push(tone.frequency.value);
        return tone;
    }
};
"""
HIDE = """hidden => {
    const get = () => hidden ? 'hidden' : 'visible';
    Object.defineProperty(document, 'visibilityState', {configurable: true, get});
    if (hidden) window.asked.sentinel.released = true;  // as browsers do
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def ready(context, give_plan, zones, script: str = ""):
    context.add_init_script(RECORDER + script)
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    give_plan(page, zones)
    page.goto("/session/")
    page.get_by_text("My eye shields are on").wait_for()
    return page


def start(page) -> None:
    page.get_by_text("My eye shields are on").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("button", name="Pause").wait_for()


def asked(page, name: str):
    return page.evaluate(f"window.asked.{name}")


def test_a_session_is_spoken_felt_and_heard_and_keeps_the_screen_awake(open_context, give_plan):
    page = ready(open_context("phone"), give_plan, [("face", 600), ("neck", 300)])
    assert asked(page, "locks") == 0, "nothing is asked for before the start"
    start(page)
    page.wait_for_function("window.asked.locks === 1")
    assert asked(page, "spoken") == [["near", "Light on. Face, 10 minutes."]]
    assert asked(page, "vibrations") == [[120]]
    assert asked(page, "tones") == [440, 660]
    page.clock.run_for(301_000)
    page.wait_for_function("window.asked.spoken.length === 2")
    page.clock.run_for(240_000)
    page.wait_for_function("window.asked.spoken.length === 3")
    page.clock.run_for(60_000)
    page.get_by_role("button", name="Light on the next place: start").wait_for()
    assert [text for _, text in asked(page, "spoken")][1:] == [
        "Half the time is done.", "One minute left.", "Next: Neck.",
    ]  # fmt: skip
    assert asked(page, "vibrations") == [[120], [120], [120], [200, 100, 200]]
    assert asked(page, "releases") == 0, "awake between two places"
    page.get_by_role("button", name="Light on the next place: start").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.clock.run_for(301_000)
    page.get_by_role("heading", name="Done").wait_for()
    spoken = [text for _, text in asked(page, "spoken")]
    assert spoken[4:] == [
        "Light on. Neck, 5 minutes.", "Half the time is done.", "One minute left.", "Done. Take the device off.",
    ]  # fmt: skip
    assert asked(page, "vibrations")[-1] == [300, 150, 300, 150, 300]
    assert asked(page, "tones")[-4:] == [660, 880, 660, 880]
    page.wait_for_function("window.asked.releases === 1")
    assert asked(page, "locks") == 1, "one lock for the whole session"
    assert {voice for voice, _ in asked(page, "spoken")} == {"near"}, "no voice that asks a server"


def test_pause_lets_the_screen_sleep_and_going_on_wakes_it(open_context, give_plan):
    page = ready(open_context("phone"), give_plan, [("face", 600)])
    start(page)
    page.wait_for_function("window.asked.locks === 1")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").wait_for()
    page.wait_for_function("window.asked.releases === 1")
    assert asked(page, "spoken")[-1][1] == "Paused."
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("window.asked.locks === 2")
    page.get_by_role("button", name="End").click()
    page.get_by_role("button", name="End").click()
    page.get_by_role("heading", name="Done").wait_for()
    page.wait_for_function("window.asked.releases === 2")


@pytest.mark.parametrize("away_ms", [1000, 5000])
def test_a_page_that_was_hidden_asks_for_the_screen_again(open_context, give_plan, away_ms):
    """Browsers drop the lock of a hidden page; a glance elsewhere is no gap, five seconds are."""
    page = ready(open_context("phone"), give_plan, [("face", 600)])
    start(page)
    page.wait_for_function("window.asked.locks === 1")
    page.evaluate(HIDE, True)
    page.clock.run_for(away_ms)
    page.evaluate(HIDE, False)
    if away_ms > 2000:
        page.get_by_role("button", name="Yes, the whole time").click()
        page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("window.asked.locks === 2")


def test_what_is_switched_off_stays_silent(open_context, give_plan):
    page = ready(open_context("phone"), give_plan, [("face", 600)])
    for name in ("Sound", "Voice", "Vibration"):
        page.get_by_label(name, exact=True).uncheck()
    start(page)
    page.clock.run_for(301_000)
    page.wait_for_function("document.getElementById('clock').textContent.startsWith('4:')")
    assert asked(page, "spoken") == asked(page, "vibrations") == asked(page, "tones") == []
    page.reload()
    page.get_by_role("heading", name="Did the light stay on?").wait_for()
    assert asked(page, "tones") == [], "the choice is kept"


def test_a_screen_that_may_not_be_kept_awake_is_told_about(open_context, give_plan):
    page = ready(open_context("phone"), give_plan, [("face", 600)], "window.asked.refuse = true;")
    start(page)
    page.get_by_text("This phone may darken its screen").wait_for()
    assert asked(page, "locks") == 0


def test_voices_that_come_late_or_ask_a_server(open_context, give_plan):
    page = ready(open_context("phone"), give_plan, [("face", 600)], "window.voicesAreThere = false;")
    assert page.get_by_text("Voice", exact=True).count() == 0
    page.evaluate("window.voicesAreThere = true; speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    page.get_by_text("Voice", exact=True).wait_for()
    page.evaluate("window.farOnly = true; speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    page.get_by_text("Voice", exact=True).wait_for(state="detached")
    start(page)
    assert asked(page, "spoken") == []
    assert page.locator("#spoken").inner_text() == "Light on. Face, 10 minutes.", "a screen reader still says it"

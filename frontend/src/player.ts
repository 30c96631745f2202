// The session player: ready, running, paused, between places, asking after a gap, done. Events first, screen second:
// what is shown is reckoned from the events that are stored.
import * as cues from "./cues";
import { deliver, total, type Answer, type Delivery, type Kind } from "./delivery";
import * as store from "./store";
import { call, flush, newId, unsentCount, type SyncState } from "./sync";
import { ask, button, choice, clear, fill, h, minutesText, spell, clockText, type Words } from "./view";

const BOOT = newId();
const TICK_MS = 500;
const BEAT_MS = 15_000;
const GAP_MS = 2000;
const STALE_MS = 12 * 3_600_000;
const BREATH_S = 10; // six breaths a minute (Russo et al. 2017, doi 10.1183/20734735.009817)

const root = document.getElementById("player")!;
const words = JSON.parse(document.getElementById("player-words")!.textContent!) as Words;
const language = root.dataset.language ?? "en";
const switches: Record<string, boolean> = { sound: true, voice: true, vibration: true, breathing: false };

let setup: store.Setup | undefined;
let session: store.LocalSession | undefined;
let events: store.LocalEvent[] = [];
let timer: number | undefined;
let last = { wall: 0, mono: 0 };
let lastBeat = 0;
let hiddenAt: number | undefined;
let said = new Set<string>();
let release: (() => void) | undefined;
let network: SyncState = "saved";
let writing: Promise<unknown> = Promise.resolve();

const site = (name: string): string => words.sites[name] ?? name;
const place = (zone: store.Zone): string => (zone.mode ? `${site(zone.site)} · ${zone.mode}` : site(zone.site));
const now = (): { wall: number; mono: number } => ({ wall: Date.now(), mono: performance.now() });

// ---------------------------------------------------------------- events

/** Store one event; it is on the disk when this is done. Sent later, or now if there is a network. */
async function emit(kind: Kind, data: { answer?: Answer; warnings?: string[] } = {}, at?: store.Tick): Promise<void> {
  const t = now();
  const state = current();
  const event: store.LocalEvent = {
    id: newId(), session: session!.id, sent: 0, kind, data,
    sequence: (events.at(-1)?.sequence ?? -1) + 1,
    zone: kind === "start" ? zoneToStart() : at?.zone ?? state.zone,
    wall_ms: at?.wall_ms ?? t.wall, monotonic_ms: at?.monotonic_ms ?? t.mono, boot: at?.boot ?? BOOT,
  };
  events.push(event);
  if (kind === "finish" || kind === "stop") session!.closed = 1;
  const kept = { ...session! };
  await (writing = writing.then(() => store.putEvents([event], kept)));
  void sync();
}

/** The session as its events say, up to now. */
function current(live = false): Delivery {
  const planned = session!.zones.map((z) => z.seconds);
  if (!live) return deliver(events, planned);
  const t = now();
  const tick = { id: "", sequence: 1e9, kind: "tick" as const, zone: 0, wall_ms: t.wall, monotonic_ms: t.mono, boot: BOOT, data: {} };
  return deliver([...events, tick], planned);
}

function zoneToStart(): number {
  const state = current();
  const next = state.zones.findIndex((z) => total(z) < z.planned_s - 0.05);
  return next < 0 ? state.zones.length - 1 : next;
}

async function sync(): Promise<void> {
  network = await flush();
  await showNetwork();
}

async function showNetwork(): Promise<void> {
  const place = document.getElementById("network");
  if (!place) return;
  const unsent = await unsentCount();
  if (network === "sign-in") fill(place, h("a", { href: root.dataset.login ?? "/" }, words.sign_in!));
  else if (network !== "saved" || !navigator.onLine) place.textContent = unsent ? `${words.offline} · ${spell(words.unsent!, { n: unsent })}` : words.offline!;
  else place.textContent = unsent ? words.saving! : words.saved!;
}

// ---------------------------------------------------------------- running

async function start(kind: "start" | "resume"): Promise<void> {
  cues.wakeAudio();
  await emit(kind);
  run();
  if (kind === "start") {
    const zone = session!.zones[current().zone]!;
    cue("start", spell(words.say_start!, { site: place(zone), n: minutesText(zone.seconds) }));
  }
}

function run(): void {
  last = now();
  lastBeat = last.wall;
  document.body.classList.add("busy");
  void cues.keepAwake().then((awake) => { if (!awake) note(words.screen_may_sleep!); });
  stopTimer();
  timer = window.setInterval(() => void tick(), TICK_MS);
  showRunning();
  void tick();
}

function stopTimer(): void {
  if (timer !== undefined) window.clearInterval(timer);
  timer = undefined;
}

async function tick(): Promise<void> {
  if (timer === undefined || document.visibilityState === "hidden") return;
  const t = now();
  const wall = t.wall - last.wall;
  const mono = t.mono - last.mono;
  if (Math.abs(wall - mono) > GAP_MS || mono > 5000) return gap("clock", Math.max(Math.abs(wall - mono), mono));
  last = t;
  const state = current(true);
  const zone = state.zones[state.zone]!;
  drawRunning(state);
  cuesFor(zone.planned_s - total(zone), zone.planned_s, state.zone);
  if (total(zone) >= zone.planned_s) return zoneDone(state);
  const mark: store.Tick = { session: session!.id, wall_ms: t.wall, monotonic_ms: t.mono, boot: BOOT, zone: state.zone };
  writing = writing.then(() => store.putTick(mark)).catch(() => undefined);
  if (t.wall - lastBeat >= BEAT_MS) {
    lastBeat = t.wall;
    await emit("tick");
  }
}

function cuesFor(left: number, planned: number, zone: number): void {
  const once = (name: string, due: boolean, c: cues.Cue, text: string): void => {
    const key = `${zone}:${name}`;
    if (!due || said.has(key)) return;
    said.add(key);
    cue(c, text);
  };
  once("half", planned >= 240 && left <= planned / 2, "half", words.say_half!);
  once("minute", planned >= 150 && left <= 60, "minute", words.say_minute!);
}

function cue(kind: cues.Cue, text: string): void {
  if (switches.sound) cues.play(kind);
  if (switches.vibration) cues.vibrate(kind);
  if (switches.voice) cues.say(text, language);
  const live = document.getElementById("spoken");
  if (live) live.textContent = text;
}

async function zoneDone(state: Delivery): Promise<void> {
  stopTimer();
  const more = state.zones.some((z, i) => i !== state.zone && total(z) < z.planned_s - 0.05);
  await emit("zone_done");
  if (!more) return finish("finish");
  cue("next", spell(words.say_next!, { site: place(session!.zones[zoneToStart()]!) }));
  showPaused();
}

async function pause(): Promise<void> {
  stopTimer();
  await emit("pause");
  cue("pause", words.say_pause!);
  cues.letSleep();
  showPaused();
}

async function finish(kind: "finish" | "stop"): Promise<void> {
  stopTimer();
  await emit(kind);
  if (kind === "finish") cue("done", words.say_done!);
  cues.letSleep();
  release?.();
  release = undefined;
  showDone();
}

// ---------------------------------------------------------------- gaps

async function gap(why: "hidden" | "clock" | "crash", ms: number, mark?: store.Tick): Promise<void> {
  stopTimer();
  const before = mark ?? { session: session!.id, wall_ms: last.wall, monotonic_ms: last.mono, boot: BOOT, zone: current().zone };
  if (why !== "hidden" && before.wall_ms > (events.at(-1)?.wall_ms ?? 0)) await emit("tick", {}, before);
  const text = { hidden: words.gap_hidden!, clock: words.gap_clock!, crash: words.gap_crash! }[why];
  const answered = (answer: Answer) => async (): Promise<void> => {
    cues.wakeAudio();
    await emit("gap", { answer });
    const state = current();
    if (state.zones.every((z) => total(z) >= z.planned_s - 0.05)) return finish("finish");
    if (answer === "off") return showPaused();
    if (total(state.zones[state.zone]!) >= state.zones[state.zone]!.planned_s - 0.05) return zoneDone(state);
    run();
  };
  document.body.classList.add("busy");
  ask(root, words.gap_title!, spell(text, { n: spanText(ms) }), [
    // all three look alike: the question must not push towards an answer
    choice(words.gap_on!, answered("on"), "quiet"), choice(words.gap_unsure!, answered("unsure"), "quiet"),
    choice(words.gap_off!, answered("off"), "quiet"),
  ]);
  if (switches.sound) cues.play("pause");
}

function spanText(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 120) return spell(words.seconds!, { n: s });
  if (s < 7200) return spell(words.minutes!, { n: Math.round(s / 60) });
  return s < 172_800 ? spell(words.hours!, { n: Math.round(s / 3600) }) : spell(words.days!, { n: Math.round(s / 86_400) });
}

document.addEventListener("visibilitychange", () => void (async () => {
  if (!session || session.closed) return;
  if (document.visibilityState === "hidden") {
    if (timer === undefined) return;
    hiddenAt = Date.now();
    await emit("hidden");
  } else if (hiddenAt !== undefined) {
    const away = Date.now() - hiddenAt;
    hiddenAt = undefined;
    if (away > GAP_MS) return gap("hidden", away);
    last = now();
    void cues.keepAwake();
  }
})());
window.addEventListener("online", () => void sync());
window.addEventListener("offline", () => void showNetwork());
window.setInterval(() => void sync(), BEAT_MS);

// ---------------------------------------------------------------- before the start

/** What goes beyond the plan or the limit; codes for the record, sentences for the person. */
function warnings(plan: store.Plan, totals: store.Totals): { code: string; text: string }[] {
  const found: { code: string; text: string }[] = [];
  const minutes = (s: number): string => (s / 60).toLocaleString(language, { maximumFractionDigits: 1 });
  const routine = plan.routine;
  if (plan.paused_because) found.push({ code: "paused", text: spell(words.warn_paused!, { what: words.reactions[plan.paused_because] ?? plan.paused_because }) });
  const today = Math.max(1, Math.ceil(routine.sessions_per_week / 7));
  const planned = new Map<string, number>();
  for (const zone of routine.zones) planned.set(zone.site, (planned.get(zone.site) ?? 0) + zone.seconds);
  for (const [name, seconds] of planned) {
    const done = totals.day_s[name] ?? 0;
    if (done + seconds > today * seconds + 1) found.push({ code: `plan:${name}`, text: spell(words.warn_plan!, { site: site(name), done: minutes(done), planned: minutes(today * seconds) }) });
    if (routine.limit_seconds !== null && done + seconds > routine.limit_seconds) found.push({ code: `limit:${name}`, text: `${spell(words.warn_limit!, { site: site(name), done: minutes(done + seconds), planned: minutes(routine.limit_seconds) })} ${routine.limit_why}` });
  }
  if (totals.week_sessions >= routine.sessions_per_week) found.push({ code: "week", text: spell(words.warn_week!, { done: totals.week_sessions, planned: routine.sessions_per_week }) });
  return found;
}

/** The server's totals, and what this phone has done today and not sent. */
async function totalsNow(): Promise<store.Totals> {
  const totals = structuredClone(setup!.totals);
  const day = new Date().toLocaleDateString("sv-SE");
  if (totals.day !== day) { totals.day = day; totals.day_s = {}; totals.day_sessions = 0; }
  for (const local of await store.sessions()) {
    const own = await store.eventsOf(local.id);
    if (own.every((e) => e.sent) && network === "saved") continue;
    if (new Date(local.begun).toLocaleDateString("sv-SE") !== day) continue;
    deliver(own, local.zones.map((z) => z.seconds)).zones.forEach((z, i) => {
      const name = local.zones[i]!.site;
      totals.day_s[name] = (totals.day_s[name] ?? 0) + total(z);
    });
    totals.week_sessions += local.closed;
  }
  return totals;
}

async function begin(plan: store.Plan): Promise<void> {
  cues.wakeAudio();
  if (!(await takeLock())) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || setup!.person.timezone;
  const found = warnings(plan, await totalsNow());
  const go = async (): Promise<void> => {
    session = {
      id: newId(), person: setup!.person.id, plan: plan.id, device: plan.device, timezone: zone,
      zones: plan.routine.zones.map(({ site: s, seconds, mode }) => ({ site: s, seconds, ...(mode ? { mode } : {}) })), eyes: plan.routine.eyes, begun: Date.now(), closed: 0,
    };
    events = [];
    said = new Set();
    await emit("shield");
    if (found.length) await emit("warned", { warnings: found.map((w) => w.code.slice(0, 60)) });
    await start("start");
  };
  if (!found.length) return go();
  ask(root, words.warn_title!, found.map((w) => w.text), [
    choice(words.warn_back!, () => { release?.(); release = undefined; showReady(); }), choice(words.warn_anyway!, go, "quiet"),
  ]);
}

/** One player at a time in this browser: a second tab must not write into the same session. */
async function takeLock(): Promise<boolean> {
  if (!("locks" in navigator) || release) return true;
  return new Promise((resolve) => {
    void navigator.locks.request("photodose-player", { ifAvailable: true }, (lock) => {
      if (!lock) { note(words.other_tab!); resolve(false); return undefined; }
      resolve(true);
      return new Promise<void>((done) => { release = done; });
    });
  });
}

// ---------------------------------------------------------------- screens

function note(text: string): void {
  const place = document.getElementById("note");
  if (place) place.textContent = text;
}

function statusLine(): HTMLElement {
  return h("div", { class: "status" }, h("span", { id: "network", role: "status" }), h("span", { id: "note" }));
}

/** Why the routine is held, and where to go. */
function held(title: string, lines: string[], address: string, label: string, kind = "notice stop"): HTMLElement {
  return h("section", { class: kind, role: "alert" }, h("h2", {}, title), ...lines.map((line) => h("p", {}, line)),
    h("a", { class: "button quiet", href: address }, label));
}

function showReady(): void {
  document.body.classList.remove("busy");
  const plan = setup?.plans[0];
  root.className = "player ready";
  clear(root);
  const hold = setup?.held;
  if (hold && hold.kind !== "ask") {
    const paused = hold.kind === "paused";
    root.append(statusLine(), held(hold.title, hold.lines, (paused ? root.dataset.home : root.dataset.verdict) ?? "/", paused ? words.today! : words.to_verdict!));
    return void showNetwork();
  }
  if (!plan) {
    root.append(h("section", { class: "empty" }, h("h2", {}, words.no_plan_title!), h("p", {}, setup ? words.no_plan! : words.offline_no_plan!),
      setup ? h("a", { class: "button", href: root.dataset.addDevice ?? "/" }, words.add_device!) : null));
    return;
  }
  if (plan.paused_because) {
    const what = words.reactions[plan.paused_because] ?? plan.paused_because;
    root.append(statusLine(), held(words.paused_title!, [what, words.healed!], root.dataset.home ?? "/", words.today!));
    return void showNetwork();
  }
  const sum = plan.routine.zones.reduce((s, z) => s + z.seconds, 0);
  const startButton = button(words.start!, () => begin(plan), "main-button");
  startButton.disabled = true;
  const eyes = h("input", { type: "checkbox", id: "eyes" }) as HTMLInputElement;
  eyes.addEventListener("change", () => { startButton.disabled = !eyes.checked; });
  const toggles = ["sound", "voice", "vibration", "breathing"].filter((name) =>
    name === "vibration" ? cues.canVibrate() : name === "voice" ? cues.localVoice(language) !== undefined : true);
  root.append(
    statusLine(),
    hold ? held(hold.title, hold.lines, root.dataset.verdict ?? "/", words.to_verdict!, "notice") : "",
    h("p", { class: "eyebrow" }, plan.name),
    dial(clockText(sum), words.ready!),
    h("ul", { class: "zones" }, ...plan.routine.zones.map((z) => h("li", {}, h("span", {}, place(z)), h("span", {}, spell(words.minutes_each!, { n: minutesText(z.seconds) }))))),
    h("div", { class: "switches" }, ...toggles.map((name) => {
      const box = h("input", { type: "checkbox" }) as HTMLInputElement;
      box.checked = switches[name] ?? false;
      box.addEventListener("change", () => { switches[name] = box.checked; void store.putSwitches(switches); });
      return h("label", { class: "chip" }, box, h("span", {}, String(words[name])));
    })),
    h("div", { class: "controls" },
      h("label", { class: "check card" }, eyes, h("span", {}, String(words[plan.routine.eyes]))), startButton),
  );
  void showNetwork();
}

// Some browsers know their voices only a while after the page is there; the switch for the voice appears then.
if (cues.canSpeak()) speechSynthesis.addEventListener("voiceschanged", () => {
  const eyes = document.getElementById("eyes") as HTMLInputElement | null;
  if (eyes && !eyes.checked && !session) showReady();
});

function dial(text: string, below: string): HTMLElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, r] of [["breath", 40], ["track", 46], ["done", 46]] as const) {
    const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    circle.setAttribute("class", name);
    circle.setAttribute("cx", "50");
    circle.setAttribute("cy", "50");
    circle.setAttribute("r", name === "breath" ? "0" : String(r));
    if (name === "done") {
      circle.setAttribute("stroke-dasharray", "289.03");
      circle.setAttribute("stroke-dashoffset", "289.03");
      circle.setAttribute("id", "ring");
    }
    if (name === "breath") circle.setAttribute("id", "breath");
    svg.append(circle);
  }
  return h("div", { class: "dial" }, svg as unknown as HTMLElement, h("div", { class: "clock" }, h("b", { id: "clock", role: "timer" }, text), h("span", { id: "below" }, below)));
}

function zoneTitle(state: Delivery): string {
  const name = place(session!.zones[state.zone]!);
  return state.zones.length > 1 ? spell(words.zone_of!, { site: name, n: state.zone + 1, of: state.zones.length }) : name;
}

function frame(state: Delivery, main: HTMLButtonElement): void {
  root.className = "player busy";
  clear(root);
  const zone = state.zones[state.zone]!;
  root.append(
    statusLine(), h("h2", { id: "zone" }, zoneTitle(state)),
    dial(clockText(zone.planned_s - total(zone)), words.remaining!),
    h("p", { id: "spoken", class: "visually-hidden", "aria-live": "assertive" }),
    h("div", { class: "controls two" }, button(words.stop!, askStop, "quiet"), main),
  );
  drawRing(zone);
  void showNetwork();
  main.focus({ preventScroll: true });
}

const showRunning = (): void => frame(current(true), button(words.pause!, pause, "main-button"));

function showPaused(): void {
  document.body.classList.add("busy");
  const state = current();
  const fresh = total(state.zones[state.zone]!) >= state.zones[state.zone]!.planned_s - 0.05;
  if (fresh) {
    state.zone = zoneToStart();
    frame(state, button(words.next!, () => start("start"), "main-button"));
  } else frame(state, button(words.resume!, () => start("resume"), "main-button"));
}

function askStop(): void {
  const running = timer !== undefined;
  ask(root, words.end_sure!, "", [
    choice(words.keep_going!, () => (running ? showRunning() : showPaused())), choice(words.stop!, () => finish("stop"), "danger"),
  ]);
}

function drawRing(zone: { planned_s: number; confirmed_s: number; assumed_s: number }): void {
  document.getElementById("ring")?.setAttribute("stroke-dashoffset", String(289.03 * (1 - Math.min(1, total(zone as never) / zone.planned_s))));
}

function drawRunning(state: Delivery): void {
  const zone = state.zones[state.zone]!;
  const clock = document.getElementById("clock");
  if (!clock) return;
  clock.textContent = clockText(Math.max(0, zone.planned_s - total(zone)));
  drawRing(zone);
  if (switches.breathing) {
    const phase = (Date.now() / 1000) % BREATH_S;
    const inward = phase < BREATH_S / 2;
    document.getElementById("below")!.textContent = inward ? words.breathe_in! : words.breathe_out!;
    const size = inward ? phase / (BREATH_S / 2) : 2 - phase / (BREATH_S / 2);
    document.getElementById("breath")?.setAttribute("r", String(14 + 26 * size));
  }
}

function showDone(): void {
  document.body.classList.remove("busy");
  root.className = "player";
  const state = current();
  const confirmed = state.zones.reduce((s, z) => s + z.confirmed_s, 0);
  const assumed = state.zones.reduce((s, z) => s + z.assumed_s, 0);
  const id = session!.id;
  const paused = setup?.plans[0];
  const answered = async (kind: string): Promise<void> => {
    await store.putReaction({ id: newId(), session: id, kind });
    void sync();
    if (kind === "fine") return goHome();
    const stops = ["blister", "redness", "eye", "headache"].includes(kind);
    if (stops && paused) paused.paused_because = kind;
    if (stops && setup) await store.putSetup(setup);
    ask(root, words.reactions[kind] ?? kind, [words.advice[kind] ?? "", stops ? words.paused_now! : ""], [choice(words.to_log!, goHome)]);
  };
  const kinds = ["blister", "redness", "eye", "headache", "other"];
  clear(root);
  root.append(...[
    statusLine(), h("h2", { id: "done-title" }, words.done_title!), dial(clockText(confirmed + assumed), spell(words.done_confirmed!, { n: clockText(confirmed) })),
    assumed > 0.5 ? h("p", { class: "center" }, spell(words.done_assumed!, { n: clockText(assumed) })) : null,
    h("h2", {}, words.how!),
    h("div", { class: "controls" }, button(words.fine!, () => answered("fine"), "main-button"),
      button(words.reaction!, () => ask(root, words.which!, "", kinds.map((k) => choice(words.reactions[k] ?? k, () => answered(k), "quiet"))), "quiet")),
  ].filter((part) => part !== null));
  document.getElementById("ring")?.setAttribute("stroke-dashoffset", "0");
  void showNetwork();
}

async function goHome(): Promise<void> {
  await flush();
  location.assign((navigator.onLine ? root.dataset.log : location.pathname) ?? "/");
}

// ---------------------------------------------------------------- opening

async function open(): Promise<void> {
  Object.assign(switches, (await store.getSwitches()) ?? {});
  setup = await store.getSetup();
  const fresh = call("GET", "/player").then(async (answer) => {
    if (answer.status === 401) network = "sign-in";
    if (!answer.ok) return;
    setup = (await answer.json()) as store.Setup;
    await store.putSetup(setup);
    network = "saved";
  }).catch(() => { network = "offline"; });
  const open = (await store.sessions()).filter((s) => !s.closed).sort((a, b) => b.begun - a.begun)[0];
  if (open && (await offer(open))) return void sync();
  if (!setup) await fresh;
  else await Promise.race([fresh, new Promise((done) => setTimeout(done, 1500))]);
  showReady();
  // an answer that came late may hold the routine: unless somebody has begun, the screen follows it
  void fresh.then(() => { if (!session && (document.getElementById("eyes") === null || setup?.held || setup?.plans[0]?.paused_because)) showReady(); });
  void sync();
}

/** A session that a crash or a closed tab left open: say what was done, and offer to go on. */
async function offer(left: store.LocalSession): Promise<boolean> {
  if (!(await takeLock())) return false;
  session = left;
  events = await store.eventsOf(left.id);
  said = new Set();
  const mark = await store.tickOf(left.id);
  const state = current();
  const latest = Math.max(mark?.wall_ms ?? 0, events.at(-1)?.wall_ms ?? left.begun);
  const age = Date.now() - latest;
  if (age > STALE_MS) {
    const end = mark ?? { session: left.id, wall_ms: latest, monotonic_ms: events.at(-1)?.monotonic_ms ?? 0, boot: events.at(-1)?.boot ?? "", zone: state.zone };
    await emit("stop", {}, end);
    session = undefined;
    release?.();
    release = undefined;
    return false;
  }
  if (state.status === "running") {
    const from = mark && mark.wall_ms > (events.at(-1)?.wall_ms ?? 0) ? mark : undefined;
    last = { wall: latest, mono: 0 };
    await gap("crash", age, from ?? { session: left.id, wall_ms: 0, monotonic_ms: 0, boot: "", zone: state.zone });
    return true;
  }
  document.body.classList.add("busy");
  const done = state.zones.reduce((s, z) => s + total(z), 0);
  const planned = state.zones.reduce((s, z) => s + z.planned_s, 0);
  ask(root, words.resume_title!, spell(words.resume_text!, { done: clockText(done), planned: clockText(planned) }), [
    ...(setup?.held && setup.held.kind !== "ask" ? [] : [choice(words.resume_yes!, () => { showPaused(); })]),
    choice(words.resume_end!, () => finish("stop"), "quiet"),
  ]);
  return true;
}

// The reckoning, within reach of the test that holds it to the server's.
Object.assign(root, { deliver });

void open();

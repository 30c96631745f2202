// The dose page: sliders, the cut through the skin, the chart. Fluence is linear in minutes, so the minutes scale what the
// server computed once; another distance is another answer of the server, fetched ahead and remembered.

import { drawSkin } from "./parts/skin";

export type Estimate = { value: number; low: number; high: number };
export type Band = { peak_nm: number; colour: string; irradiance_mw_cm2: Estimate; value: number[]; low: number[]; high: number[] };
export type Target = { name: string; label: string; depth_mm: [number, number]; fluence_j_cm2: Estimate; by_band: Record<string, Estimate> };
export type Picture = {
  minutes: number; distance_cm: number; targets: Target[]; depth_mm: number[]; bands: Band[];
  heat: { time_s: number[]; surface_c: number[]; limit_c: number; limit_s: number | null; careful_limit_s: number | null };
};
export type Island = Picture & {
  layers: { label: string; thickness_mm: number; colour: string }[];
  trial: { minutes: Estimate; target: string; peaks: string[] } | null;
  stops: number[]; mode: string; address: string; words: Record<string, string>;
};

const PARTS: (keyof Estimate)[] = ["value", "low", "high"];
const language = document.documentElement.lang;
const two = new Intl.NumberFormat(language, { maximumSignificantDigits: 2, minimumSignificantDigits: 2, useGrouping: false });
const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const degrees = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const sig = (value: number): string => (value === 0 ? "0" : two.format(value));

const element = document.getElementById("dose-data");
if (element?.textContent) start(JSON.parse(element.textContent) as Island);

function start(data: Island): void {
  const minutes = document.querySelector<HTMLInputElement>("#minutes");
  const distance = document.querySelector<HTMLInputElement>("#distance");
  if (!minutes) return;
  let now: Picture = data;
  const skin = drawSkin(document.getElementById("skin-picture"), data, sig);
  let chart: { show: (picture: Picture, factor: number) => void } | null = null;
  const update = (): void => {
    const length = Number(minutes.value);
    const factor = length / now.minutes;
    numbers(data, now, length, factor);
    skin.show(now, factor);
    chart?.show(now, factor);
  };
  minutes.addEventListener("input", update);
  window.addEventListener("resize", () => { skin.layout(); update(); });
  document.getElementById("chart-fold")?.addEventListener("toggle", async () => {
    const place = document.getElementById("chart");
    if (chart || !place) return;
    const { drawChart } = await import("./parts/chart");
    chart = drawChart(place, data, sig);
    update();
  });
  if (distance) follow(distance, data, (picture) => { now = picture; update(); });
  update();
}

/** The distance slider: stops that the server is asked for one after the other, from where the slider stands outwards. */
function follow(slider: HTMLInputElement, data: Island, show: (picture: Picture) => void): void {
  const known = new Map<number, Promise<Picture>>();
  const at = data.stops.indexOf(data.distance_cm);
  known.set(at, Promise.resolve(data));
  slider.value = String(at);
  slider.setAttribute("aria-valuetext", `${plain.format(data.distance_cm)} cm`);
  const out = document.getElementById("distance-out");
  const ask = (stop: number): Promise<Picture> => {
    const before = known.get(stop);
    if (before) return before;
    const query = new URLSearchParams(location.search);
    query.set("distance_cm", String(data.stops[stop]));
    query.set("minutes", String(data.minutes));
    if (data.mode) query.set("mode", data.mode);
    const answer = fetch(`${data.address}?${query}`, { headers: { Accept: "application/json" } }).then(async (response) => {
      if (!response.ok) throw new Error(String(response.status));
      return (await response.json()) as Picture;
    });
    answer.catch(() => known.delete(stop));
    known.set(stop, answer);
    return answer;
  };
  slider.addEventListener("input", async () => {
    const stop = Number(slider.value);
    const words = `${plain.format(data.stops[stop] ?? 0)} cm`;
    if (out) out.textContent = words;
    slider.setAttribute("aria-valuetext", words);
    document.body.classList.add("waiting");
    try {
      const picture = await ask(stop);
      if (Number(slider.value) === stop) show(picture);
    } catch {
      if (out) out.textContent = data.words.failed ?? "";
    }
    document.body.classList.remove("waiting");
  });
  const ahead = async (): Promise<void> => {
    const order = data.stops.map((_, i) => i).sort((a, b) => Math.abs(a - at) - Math.abs(b - at));
    for (const stop of order) await ask(stop).catch(() => undefined);
  };
  void ahead();
}

/** Every number of the page at these minutes. */
function numbers(data: Island, now: Picture, minutes: number, factor: number): void {
  text("#minutes-out", plain.format(minutes));
  for (const place of document.querySelectorAll<HTMLElement>("[data-target]")) {
    const target = now.targets.find((one) => one.name === place.dataset.target);
    const value = place.dataset.band ? target?.by_band[place.dataset.band] : target?.fluence_j_cm2;
    if (!value) continue;
    for (const part of PARTS) {
      const node = place.querySelector(`[data-part=${part}]`);
      if (node) node.textContent = sig(value[part] * factor);
    }
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-surface]")) {
    const band = now.bands.find((one) => String(one.peak_nm) === place.dataset.surface);
    if (!band) continue;
    const exposure = place.querySelector("[data-part=exposure]");
    const irradiance = place.querySelector("[data-part=irradiance]");
    const range = place.querySelector("[data-part=range]");
    if (exposure) exposure.textContent = sig((band.irradiance_mw_cm2.value * minutes * 60) / 1000);
    if (irradiance) irradiance.textContent = sig(band.irradiance_mw_cm2.value);
    if (range) range.textContent = `${sig(band.irradiance_mw_cm2.low)}–${sig(band.irradiance_mw_cm2.high)}`;
  }
  warmth(data, now, minutes);
  share(data, now, minutes);
}

/** The skin's temperature after these minutes, from the hour that the server followed. */
function warmth(data: Island, now: Picture, minutes: number): void {
  const { time_s: times, surface_c: values, limit_c: limit } = now.heat;
  const seconds = 60 * minutes;
  let i = times.findIndex((time) => time >= seconds);
  if (i < 0) i = times.length - 1;
  const before = Math.max(0, i - 1);
  const span = (times[i] ?? 0) - (times[before] ?? 0);
  const part = span > 0 ? (seconds - (times[before] ?? 0)) / span : 0;
  const value = (values[before] ?? 0) + Math.min(1, part) * ((values[i] ?? 0) - (values[before] ?? 0));
  const after = document.querySelector<HTMLElement>("[data-hot-after]");
  // the sentence holds at the distance that the page came with; elsewhere the mark beside the slider speaks alone
  if (after) after.hidden = now !== data || data.heat.careful_limit_s === null;
  text("[data-heat]", `${degrees.format(value)} °C`);
  const hot = document.querySelector<HTMLElement>("[data-hot]");
  if (hot) {
    const { limit_s: likely, careful_limit_s: claimed } = now.heat;
    const passed = value >= limit || (likely !== null && seconds > likely);
    const may = claimed !== null && seconds > claimed;
    hot.hidden = !passed && !may;
    hot.textContent = passed ? data.words.hot ?? "" : may ? data.words.hot_claimed ?? "" : "";
    document.getElementById("minutes-out")?.classList.toggle("problem", passed || may);
  }
}

/** The share of the trial's dose; at another distance it changes as the matched bands' fluence at the target does. */
function share(data: Island, now: Picture, minutes: number): void {
  if (!data.trial) return;
  const { minutes: trial, target, peaks } = data.trial;
  const at = (picture: Picture, peak: string): number =>
    (picture.targets.find((one) => one.name === target)?.by_band[peak]?.value ?? 0) / picture.minutes;
  const logs = peaks.map((peak) => Math.log(at(now, peak) / at(data, peak))).filter(Number.isFinite);
  const change = logs.length ? Math.exp(logs.reduce((sum, one) => sum + one, 0) / logs.length) : 1;
  text("[data-share]", `${sig((100 * minutes * change) / trial.value)} %`);
  text("[data-share-low]", `${sig((100 * minutes * change) / trial.high)} %`);
  text("[data-share-high]", `${sig((100 * minutes * change) / trial.low)} %`);
}

function text(selector: string, words: string): void {
  const place = document.querySelector(selector);
  if (place) place.textContent = words;
}

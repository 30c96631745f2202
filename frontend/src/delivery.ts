// From the events of a session to seconds of light; the twin of src/photodose/app/delivery.py.
// tests/app/delivery_cases.json holds both to the same answers.

export type Answer = "on" | "unsure" | "off";
export type Kind =
  | "shield" | "start" | "tick" | "pause" | "resume" | "hidden" | "gap" | "zone_done" | "finish" | "stop" | "warned";

export interface SessionEvent {
  id: string;
  sequence: number;
  kind: Kind;
  zone: number;
  wall_ms: number;
  monotonic_ms: number;
  boot: string;
  data: { answer?: Answer; warnings?: string[] };
}

export interface ZoneDelivery { planned_s: number; confirmed_s: number; assumed_s: number }
export interface Delivery { zones: ZoneDelivery[]; zone: number; status: "running" | "paused" | "finished" | "stopped" }

export const CLOCKS_DISAGREE_MS = 2000;

export function deliver(events: readonly SessionEvent[], planned: readonly number[]): Delivery {
  const state: Delivery = {
    zones: planned.map((planned_s) => ({ planned_s, confirmed_s: 0, assumed_s: 0 })),
    zone: 0,
    status: "paused",
  };
  let running = false;
  let before: SessionEvent | undefined;
  const ordered = [...events].sort((a, b) => a.sequence - b.sequence || a.wall_ms - b.wall_ms);
  for (const event of ordered) {
    const zone = state.zones[state.zone];
    if (running && before && zone) credit(zone, before, event);
    if (event.kind === "start" || event.kind === "resume") {
      running = true;
      state.status = "running";
      state.zone = Math.min(event.zone, state.zones.length - 1);
    } else if (
      event.kind === "pause" || event.kind === "zone_done" || event.kind === "finish" || event.kind === "stop" ||
      (event.kind === "gap" && event.data.answer === "off")
    ) {
      running = false;
      state.status = "paused";
    }
    if (event.kind === "finish" || event.kind === "stop") {
      state.status = event.kind === "finish" ? "finished" : "stopped";
      break;
    }
    before = event;
  }
  return state;
}

function credit(zone: ZoneDelivery, before: SessionEvent, event: SessionEvent): void {
  const wall = event.wall_ms - before.wall_ms;
  if (event.kind === "gap") {
    if (event.data.answer === "on") add(zone, wall / 1000, true);
    if (event.data.answer === "unsure") add(zone, wall / 1000, false);
  } else if (event.boot === before.boot) {
    const monotonic = event.monotonic_ms - before.monotonic_ms;
    const agree = Math.abs(wall - monotonic) <= CLOCKS_DISAGREE_MS;
    add(zone, (agree ? monotonic : Math.min(wall, monotonic)) / 1000, agree);
  }
}

function add(zone: ZoneDelivery, seconds: number, confirmed: boolean): void {
  const room = zone.planned_s - zone.confirmed_s - zone.assumed_s;
  const counted = Math.max(0, Math.min(seconds, room));
  if (confirmed) zone.confirmed_s += counted;
  else zone.assumed_s += counted;
}

export const total = (zone: ZoneDelivery): number => zone.confirmed_s + zone.assumed_s;

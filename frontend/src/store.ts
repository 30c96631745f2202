// What the phone keeps: the routine, the sessions under way with their events, and what is not sent yet.
import type { SessionEvent } from "./delivery";

/** `mode`: which of the device's modes lights this place, where it has several. */
export interface Zone { site: string; seconds: number; mode?: string }
export interface Routine {
  zones: Zone[];
  sessions_per_week: number;
  eyes: "open" | "closed" | "shielded";
  limit_seconds: number | null;
  limit_why: string;
}
export interface Plan { id: string; name: string; device: string | null; routine: Routine; paused_because: string }
export interface Totals { day: string; day_s: Record<string, number>; week_s: Record<string, number>; week_sessions: number; day_sessions: number }
export interface Setup { person: { id: string; timezone: string }; plans: Plan[]; totals: Totals; held?: Hold | null }
export interface Hold { kind: "stop" | "paused" | "ask"; title: string; lines: string[] }

export interface LocalSession {
  id: string;
  person: string;
  plan: string | null;
  device: string | null;
  timezone: string;
  zones: Zone[];
  eyes: Routine["eyes"];
  begun: number;
  closed: 0 | 1;
  refused?: string;
}
export interface LocalEvent extends SessionEvent { session: string; sent: 0 | 1 }
export interface Tick { session: string; wall_ms: number; monotonic_ms: number; boot: string; zone: number }
export interface LocalReaction { id: string; session: string; kind: string }

const NAMES = ["kv", "sessions", "events", "ticks", "reactions"] as const;
type Name = (typeof NAMES)[number];
let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("photodose", 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("kv");
      db.createObjectStore("sessions", { keyPath: "id" });
      db.createObjectStore("events", { keyPath: "id" }).createIndex("session", "session");
      db.createObjectStore("ticks", { keyPath: "session" });
      db.createObjectStore("reactions", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });
  return opened;
}

/** One transaction, done only when it is on the disk. */
async function write(names: Name[], work: (t: IDBTransaction) => void): Promise<void> {
  const db = await database();
  await new Promise<void>((resolve, reject) => {
    const t = db.transaction(names, "readwrite", { durability: "strict" });
    t.oncomplete = () => resolve();
    t.onerror = t.onabort = () => reject(t.error ?? new Error("not stored"));
    work(t);
  });
}

async function read<T>(name: Name, ask: (s: IDBObjectStore) => IDBRequest): Promise<T> {
  const db = await database();
  return new Promise<T>((resolve, reject) => {
    const request = ask(db.transaction(name).objectStore(name));
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error ?? new Error("not read"));
  });
}

export const getSetup = (): Promise<Setup | undefined> => read("kv", (s) => s.get("setup"));
export const putSetup = (setup: Setup): Promise<void> => write(["kv"], (t) => t.objectStore("kv").put(setup, "setup"));
export const getSwitches = (): Promise<Record<string, boolean> | undefined> => read("kv", (s) => s.get("switches"));
export const putSwitches = (v: Record<string, boolean>): Promise<void> => write(["kv"], (t) => t.objectStore("kv").put(v, "switches"));
export const sessions = (): Promise<LocalSession[]> => read("sessions", (s) => s.getAll());
export const putSession = (s: LocalSession): Promise<void> => write(["sessions"], (t) => t.objectStore("sessions").put(s));
export const tickOf = (session: string): Promise<Tick | undefined> => read("ticks", (s) => s.get(session));
export const putTick = (tick: Tick): Promise<void> => write(["ticks"], (t) => t.objectStore("ticks").put(tick));
export const reactions = (): Promise<LocalReaction[]> => read("reactions", (s) => s.getAll());
export const putReaction = (r: LocalReaction): Promise<void> => write(["reactions"], (t) => t.objectStore("reactions").put(r));
export const dropReaction = (id: string): Promise<void> => write(["reactions"], (t) => t.objectStore("reactions").delete(id));

export async function eventsOf(session: string): Promise<LocalEvent[]> {
  const found = await read<LocalEvent[]>("events", (s) => s.index("session").getAll(session));
  return found.sort((a, b) => a.sequence - b.sequence);
}

export const putEvents = (events: LocalEvent[], session?: LocalSession): Promise<void> =>
  write(session ? ["events", "sessions"] : ["events"], (t) => {
    for (const event of events) t.objectStore("events").put(event);
    if (session) t.objectStore("sessions").put(session);
  });

/** Forget a session that the server has whole. */
export async function forget(id: string): Promise<void> {
  const events = await eventsOf(id);
  await write(["sessions", "events", "ticks"], (t) => {
    t.objectStore("sessions").delete(id);
    t.objectStore("ticks").delete(id);
    for (const event of events) t.objectStore("events").delete(event.id);
  });
}

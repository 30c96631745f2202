// Sending what the phone keeps; each thing has an id made here, so sending twice stores once.
import * as store from "./store";

export type SyncState = "saved" | "offline" | "sign-in" | "refused";
const TIMEOUT_MS = 8000;

/** A new random id; the plain-HTTP home network has no crypto.randomUUID, so it is put together where it lacks. */
export function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 15) | 64;
  b[8] = (b[8]! & 63) | 128;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function token(): string {
  const found = /(?:^|; )(?:__Host-)?photodose-csrf=([^;]+)/.exec(document.cookie);
  return found?.[1] ?? "";
}

export async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const send = (): Promise<Response> => {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["X-CSRFToken"] = token();
    return fetch(`/api/v1${path}`, {
      method, headers, credentials: "same-origin", redirect: "error", cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
  const answer = await send();
  if (answer.status !== 403 || method === "GET") return answer;
  await fetch("/api/v1/me", { credentials: "same-origin", cache: "no-store" }); // renews the token's cookie
  return send();
}

let under: Promise<SyncState> | undefined;
let again = false;

/** Send all that waits. One at a time; asked for meanwhile, it runs once more. */
export function flush(): Promise<SyncState> {
  if (under) {
    again = true;
    return under;
  }
  under = (async () => {
    try {
      let state = await sendAll();
      while (again) {
        again = false;
        state = await sendAll();
      }
      return state;
    } catch {
      return "offline" as const;
    } finally {
      under = undefined;
      again = false;
    }
  })();
  return under;
}

async function sendAll(): Promise<SyncState> {
  let refused = false;
  for (const session of await store.sessions()) {
    if (session.refused) { refused = true; continue; }
    const unsent = (await store.eventsOf(session.id)).filter((e) => !e.sent);
    for (let i = 0; i < unsent.length; i += 500) {
      const part = unsent.slice(i, i + 500);
      const answer = await call("PUT", `/sessions/${session.id}`, {
        person: session.person, plan: session.plan, device: session.device, timezone: session.timezone,
        zones: session.zones.map(({ site, seconds }) => ({ site, seconds })),
        events: part.map(({ session: _s, sent: _t, ...event }) => event),
      });
      if (answer.status === 401) return "sign-in";
      if (answer.status === 410) { await store.forget(session.id); break; }
      if (answer.status >= 500 || answer.status === 429 || answer.status === 403) return "offline";
      if (!answer.ok) {
        await store.putSession({ ...session, refused: String(answer.status) });
        refused = true;
        break;
      }
      const stored = (await answer.json()) as { acknowledged: string[] };
      const known = new Set(stored.acknowledged);
      await store.putEvents(part.filter((e) => known.has(e.id)).map((e) => ({ ...e, sent: 1 as const })));
    }
  }
  for (const reaction of await store.reactions()) {
    const answer = await call("POST", `/sessions/${reaction.session}/reactions`, { id: reaction.id, kind: reaction.kind });
    if (answer.status === 401) return "sign-in";
    if (answer.ok || answer.status === 404 || answer.status === 409 || answer.status === 422) await store.dropReaction(reaction.id);
    else return "offline";
  }
  for (const session of await store.sessions()) {
    if (!session.closed || session.refused) continue;
    const events = await store.eventsOf(session.id);
    if (events.every((e) => e.sent)) await store.forget(session.id);
  }
  return refused ? "refused" : "saved";
}

export async function unsentCount(): Promise<number> {
  let count = (await store.reactions()).length;
  for (const session of await store.sessions()) {
    count += (await store.eventsOf(session.id)).filter((e) => !e.sent).length;
  }
  return count;
}

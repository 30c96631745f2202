// The service worker: keeps its own shell, so that a session can begin and go on without the network. It keeps no
// personal page and no answer of the API.
interface Kept { shell: string[]; player: string; offline: string }
const worker = self as unknown as ServiceWorkerGlobalScope & { PHOTODOSE: Kept };
const kept = worker.PHOTODOSE;
const CACHE = "photodose-shell-" + kept.shell.join("|").length + "-" + hash(kept.shell.join("|"));

function hash(text: string): string {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return (h >>> 0).toString(16);
}

worker.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([...kept.shell, kept.offline]);
    await keepPlayer(cache).catch(() => undefined);
    await worker.skipWaiting();
  })());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    for (const name of await caches.keys()) {
      if (name === CACHE || !name.startsWith("photodose-shell-")) continue;
      const old = await (await caches.open(name)).match(kept.player);
      if (old && !(await cache.match(kept.player))) await keepPlayer(cache).catch(() => undefined);
      await caches.delete(name);
    }
    await worker.clients.claim();
  })());
});

async function keepPlayer(cache: Cache): Promise<void> {
  const answer = await fetch(kept.player, { credentials: "same-origin" });
  if (answer.ok && !answer.redirected) await cache.put(kept.player, answer);
}

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fromCache(event.request));
  else if (event.request.mode === "navigate") event.respondWith(page(event.request, url.pathname));
});

async function fromCache(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && kept.shell.includes(new URL(request.url).pathname)) await cache.put(request, answer.clone());
  return answer;
}

async function page(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (path === kept.player && answer.ok && !answer.redirected) await cache.put(kept.player, answer.clone());
    return answer;
  } catch {
    const shell = path === kept.player ? await cache.match(kept.player) : undefined;
    return shell ?? (await cache.match(kept.offline)) ?? Response.error();
  }
}

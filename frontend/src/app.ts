// On every page: the service worker, the token for htmx, the time zone of this browser.

if ("serviceWorker" in navigator && window.isSecureContext) {
  void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}

document.addEventListener("htmx:configRequest", (event) => {
  const found = /(?:^|; )(?:__Host-)?photodose-csrf=([^;]+)/.exec(document.cookie);
  const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  if (found?.[1]) detail.headers["X-CSRFToken"] = found[1];
});

// A list of devices that arrives late must not take back what was chosen meanwhile.
let chosen: HTMLElement | null | undefined;
const listOf = (event: Event): HTMLElement | null => {
  const target = (event as CustomEvent<{ target: HTMLElement }>).detail.target;
  return target?.id === "found" ? target : null;
};
document.addEventListener("htmx:beforeSwap", (event) => {
  const list = listOf(event);
  if (list) chosen = list.querySelector<HTMLInputElement>("input[name=device]:checked")?.closest("label");
});
document.addEventListener("htmx:afterSwap", (event) => {
  const list = listOf(event);
  const value = chosen?.querySelector("input")?.value;
  if (!list || !chosen || value === undefined) return;
  const same = [...list.querySelectorAll<HTMLInputElement>("input[name=device]")].find((input) => input.value === value);
  if (same) same.checked = true;
  else list.prepend(chosen);
  chosen = undefined;
});

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`photodose-timezone=${encodeURIComponent(zone)}`)) {
  document.cookie = `photodose-timezone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
}
// Signing out takes the person's data off this browser too, unless something is not sent yet.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!new URL(form.action).pathname.endsWith("/accounts/logout/") || form.dataset.cleared) return;
  event.preventDefault();
  const go = (): void => {
    form.dataset.cleared = "1";
    form.submit();
  };
  const request = indexedDB.open("photodose");
  request.onerror = go;
  request.onsuccess = () => {
    const db = request.result;
    const waiting = [...db.objectStoreNames].filter((name) => name === "sessions" || name === "reactions");
    if (!waiting.length) return drop(db, go);
    const transaction = db.transaction(waiting);
    const counts = waiting.map((name) => transaction.objectStore(name).count());
    transaction.oncomplete = () => (counts.some((count) => count.result > 0) ? go() : drop(db, go));
    transaction.onerror = go;
  };
});

function drop(db: IDBDatabase, then: () => void): void {
  db.close();
  const request = indexedDB.deleteDatabase("photodose");
  request.onsuccess = request.onerror = request.onblocked = then;
}
export {};

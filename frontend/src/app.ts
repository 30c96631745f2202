// On every page: the service worker, the token for htmx, the time zone of this browser.

if ("serviceWorker" in navigator && window.isSecureContext) {
  void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}

document.addEventListener("htmx:configRequest", (event) => {
  const found = /(?:^|; )(?:__Host-)?photodose-csrf=([^;]+)/.exec(document.cookie);
  const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  if (found?.[1]) detail.headers["X-CSRFToken"] = found[1];
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

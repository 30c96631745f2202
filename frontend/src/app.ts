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
export {};

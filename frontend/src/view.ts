// Small helpers that build the screen; text is always set as text, never as markup.

export type Words = Record<string, string> & {
  sites: Record<string, string>; reactions: Record<string, string>; advice: Record<string, string>;
} & { [name: string]: any };

type Child = Node | string | null;

export function h(tag: string, attributes: Record<string, string>, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

export const clear = (element: Element): void => element.replaceChildren();
export const fill = (element: Element, ...children: Node[]): void => element.replaceChildren(...children);
export const spell = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
export const minutesText = (seconds: number): string =>
  (seconds / 60).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds - 0.05));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function button(text: string, act: () => unknown, kind = ""): HTMLButtonElement {
  const element = h("button", { type: "button", class: `button ${kind}` }, text) as HTMLButtonElement;
  let busy = false;
  element.addEventListener("click", () => {
    if (busy) return; // two taps of a wet thumb are one
    busy = true;
    void Promise.resolve(act()).finally(() => { busy = false; });
  });
  return element;
}

export const choice = (text: string, act: () => unknown, kind = ""): HTMLButtonElement => button(text, act, `choice ${kind}`);

/** One question, its sentences, its answers; the question takes the focus, so that a screen reader says it. */
export function ask(root: HTMLElement, title: string, text: string | string[], answers: HTMLButtonElement[]): void {
  const head = h("h2", { tabindex: "-1" }, title);
  const lines = (Array.isArray(text) ? text : [text]).filter(Boolean).map((line) => h("p", { class: "advice" }, line));
  root.className = document.body.classList.contains("busy") ? "player busy" : "player";
  fill(root, h("div", { class: "status" }, h("span", { id: "network", role: "status" })), head, ...lines, h("div", { class: "controls" }, ...answers));
  head.focus({ preventScroll: true });
}

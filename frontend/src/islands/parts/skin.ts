// A cut through the skin: layers in their colours, each band's light fading by depth, the targets with their dose.

import type { Island, Picture } from "../dose";

const SVG = "http://www.w3.org/2000/svg";
const TOP = 34;
const LEFT = 38;
const BEND = 0.4; // depth is drawn to this power, so that a twentieth of a millimetre can be seen beside five
const TICKS = [0.05, 0.2, 0.5, 1, 2, 5, 10, 20];
const SPACING = 37;
const DECADES = 2.2; // from the brightest light down to about a hundred-and-sixtieth of it

type Shape = Record<string, string | number>;

function s(tag: string, attributes: Shape, ...children: (Node | string)[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

export function drawSkin(place: HTMLElement | null, data: Island, sig: (value: number) => string): { show: (now: Picture, factor: number) => void; layout: () => void } {
  if (!place) return { show: () => undefined, layout: () => undefined };
  const deepest = Math.max(...data.targets.map((target) => target.depth_mm[1]));
  const bottom = Math.min(20, Math.max(deepest * 1.12, 1.6));
  const brightest = Math.max(...data.bands.flatMap((band) => band.value)) / data.minutes * 60;
  let stops: { node: SVGElement; band: number; depth: number }[] = [];
  let labels: { node: SVGElement; target: number }[] = [];

  const layout = (): void => {
    const width = Math.max(280, place.clientWidth);
    const height = width < 520 ? 480 : 560;
    const y = (depth: number): number => TOP + (height - TOP - 4) * Math.pow(Math.min(depth, bottom) / bottom, BEND);
    const root = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", focusable: "false" });
    const definitions = s("defs", {});
    root.append(definitions);
    layers(root, data, y, width, bottom);
    stops = light(root, definitions, data, y, width, bottom);
    labels = targets(root, data, y, width, height, bottom);
    place.replaceChildren(root);
  };

  const show = (now: Picture, factor: number): void => {
    for (const { node, band, depth } of stops) {
      const fluence = (now.bands[band]?.value[depth] ?? 0) * factor;
      const strength = fluence > 0 ? 1 + Math.log10(fluence / brightest) / DECADES : 0;
      node.setAttribute("stop-opacity", Math.min(0.95, Math.max(0, strength)).toFixed(3));
    }
    for (const { node, target } of labels) {
      const value = now.targets[target]?.fluence_j_cm2;
      if (value) node.textContent = `${sig(value.value * factor)} J/cm²`;
    }
  };

  layout();
  return { show, layout };
}

function layers(root: SVGElement, data: Island, y: (depth: number) => number, width: number, bottom: number): void {
  let depth = 0;
  for (const layer of data.layers) {
    if (depth >= bottom) break;
    const end = Math.min(depth + layer.thickness_mm, bottom);
    root.append(s("rect", { x: LEFT, y: y(depth), width: width - LEFT, height: Math.max(0.5, y(end) - y(depth)), fill: layer.colour }));
    root.append(s("line", { x1: LEFT, x2: width, y1: y(end), y2: y(end), stroke: "#fff", "stroke-opacity": 0.6 }));
    depth = end;
  }
  for (const tick of TICKS.filter((one) => one < bottom)) {
    root.append(s("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end", class: "tick" }, tick.toLocaleString(document.documentElement.lang)));
  }
  root.append(s("text", { x: LEFT - 6, y: TOP - 12, "text-anchor": "end", class: "tick" }, "mm"));
}

/** One beam a band, wider with depth as light spreads; its gradient has a stop at each depth that was computed. */
function light(root: SVGElement, definitions: SVGElement, data: Island, y: (depth: number) => number, width: number, bottom: number): { node: SVGElement; band: number; depth: number }[] {
  const found: { node: SVGElement; band: number; depth: number }[] = [];
  const space = (width - LEFT) * (width < 520 ? 0.38 : 0.44);
  const step = space / data.bands.length;
  data.bands.forEach((band, i) => {
    const id = `beam-${i}`;
    const gradient = s("linearGradient", { id, x1: 0, x2: 0, y1: y(0), y2: y(bottom), gradientUnits: "userSpaceOnUse" });
    data.depth_mm.forEach((depth, j) => {
      if (depth > bottom) return;
      const offset = (y(depth) - y(0)) / (y(bottom) - y(0));
      const stop = s("stop", { offset: offset.toFixed(4), "stop-color": band.colour, "stop-opacity": 0 });
      gradient.append(stop);
      found.push({ node: stop, band: i, depth: j });
    });
    definitions.append(gradient);
    const centre = LEFT + 8 + step * (i + 0.5);
    const half = Math.min(30, step * 0.3);
    const wide = Math.min(46, step * 0.5);
    root.append(s("path", { d: `M${centre - half} ${y(0)}H${centre + half}L${centre + wide} ${y(bottom)}H${centre - wide}Z`, fill: `url(#${id})` }));
    root.append(s("rect", { x: centre - half, y: y(0) - 9, width: 2 * half, height: 7, rx: 3, fill: band.colour }));
    if (data.bands.length <= 4 || i % 2 === 0) {
      root.append(s("text", { x: centre, y: y(0) - 15, "text-anchor": "middle", class: "tick" }, `${band.peak_nm}${data.bands.length <= 3 ? " nm" : ""}`));
    }
  });
  return found;
}

/** Brackets at the targets' depths, a deeper one further left so that no leader crosses another; labels keep clear. */
function targets(root: SVGElement, data: Island, y: (depth: number) => number, width: number, height: number, bottom: number): { node: SVGElement; target: number }[] {
  const bracket = LEFT + (width - LEFT) * (width < 520 ? 0.41 : 0.5);
  const beside = 2.6 * (data.targets.length - 1);
  const left = bracket + beside + 9;
  const wanted = data.targets
    .map((target, i) => ({ i, upper: y(target.depth_mm[0]), lower: y(Math.min(target.depth_mm[1], bottom)) }))
    .sort((a, b) => a.upper + a.lower - b.upper - b.lower);
  const centres = wanted.map((one) => (one.upper + one.lower) / 2);
  for (let i = 0; i < centres.length; i += 1) centres[i] = Math.max(centres[i]!, i ? centres[i - 1]! + SPACING : TOP + 18);
  const most = height - 20;
  for (let i = centres.length - 1; i >= 0; i -= 1) centres[i] = Math.min(centres[i]!, i === centres.length - 1 ? most : centres[i + 1]! - SPACING);
  return wanted.map((one, i) => {
    const x = bracket + beside - 2.6 * i;
    const centre = centres[i]!;
    const target = data.targets[one.i]!;
    root.append(s("line", { x1: x, x2: x, y1: one.upper, y2: Math.max(one.lower, one.upper + 2), stroke: "#2b1f1b", "stroke-width": 2 }));
    root.append(s("path", { d: `M${x} ${(one.upper + one.lower) / 2}L${left - 4} ${centre}`, stroke: "#2b1f1b", "stroke-opacity": 0.45, fill: "none" }));
    root.append(s("rect", { x: left - 4, y: centre - 17, width: width - left, height: 34, rx: 8, fill: "#fffdfb", "fill-opacity": 0.86 }));
    root.append(s("text", { x: left + 4, y: centre - 3 }, target.label));
    const number = s("text", { x: left + 4, y: centre + 12, class: "number" }, "");
    root.append(number);
    return { node: number, target: one.i };
  });
}

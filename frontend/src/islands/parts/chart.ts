// Fluence by depth as a chart: medians as lines, 90 % intervals as shade.

import uPlot from "uplot";
import type { Island, Picture } from "../dose";

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function drawChart(place: HTMLElement, data: Island, sig: (value: number) => string): { show: (picture: Picture, factor: number) => void } {
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
  const series: uPlot.Series[] = [{ label: data.words.depth ?? "" }];
  const bands: uPlot.Band[] = [];
  for (const band of data.bands) {
    const first = series.length;
    series.push(
      { label: `${band.peak_nm} nm`, stroke: band.colour, width: 2.5, points: { show: false }, value: (_, value) => (value ? sig(value) : "–") },
      { stroke: "transparent", width: 0, points: { show: false } },
      { stroke: "transparent", width: 0, points: { show: false } },
    );
    bands.push({ series: [first + 2, first + 1], fill: `${band.colour}30` });
  }
  const values = (picture: Picture, factor: number): uPlot.AlignedData =>
    [picture.depth_mm, ...picture.bands.flatMap((band) => [band.value, band.low, band.high].map((row) => row.map((v) => v * factor || null)))] as uPlot.AlignedData;
  const height = 320;
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [0, Math.min(10, data.depth_mm[data.depth_mm.length - 1] ?? 10)] }, y: { distr: 3 } },
      axes: [{ ...axis, label: data.words.depth ?? "" }, { ...axis, label: data.words.fluence ?? "", size: 64, values: (_, ticks) => ticks.map((v) => (v === null ? "" : Number.isInteger(Math.log10(v)) || v >= 1 ? sig(v) : "")) }],
      series,
      bands,
    },
    values(data, 1),
    place,
  );
  const key = document.createElement("p");
  key.className = "chart-key";
  for (const band of data.bands) {
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    mark.setAttribute("viewBox", "0 0 20 8");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ width: "20", height: "5", y: "2", rx: "2", fill: band.colour })) line.setAttribute(name, value);
    mark.append(line);
    key.append(mark, ` ${band.peak_nm} nm `);
  }
  place.after(key);
  window.addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height }));
  return { show: (picture, factor) => chart.setData(values(picture, factor)) };
}

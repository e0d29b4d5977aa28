// A chart of curves: axes, a logarithmic scale, values where one points, and
// the same as a table.
import { button, h } from './dom.js';

const ns = 'http://www.w3.org/2000/svg';
const s = (name, attributes = {}, ...children) => {
  const e = document.createElementNS(ns, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
};

// say writes a number with four figures.
export function say(x) {
  if (x === null || x === undefined) return '–';
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return x.toExponential(2);
  return x.toLocaleString(undefined, { maximumSignificantDigits: 4 });
}

// ticks are round numbers that cover a range.
function ticks(low, high, about) {
  const step0 = (high - low) / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(step0));
  const step = [1, 2, 5, 10].find((m) => m * power >= step0) * power;
  const out = [];
  for (let i = Math.ceil(low / step - 1e-9); out.length < 20 && i * step <= high + step * 1e-9; i++) out.push(i * step);
  return out;
}

function logTicks(low, high) {
  const out = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    for (const m of [1, 2, 5]) { const x = m * 10 ** e; if (x >= low && x <= high) out.push(x); }
  }
  return out.length > 7 ? out.filter((x) => Math.abs(Math.log10(x) % 1) < 1e-9) : out;
}

// smooth is a mean over as many neighbours on both sides, so that it lags
// behind nothing and begins and ends where the curve does.
function smooth(points) {
  const reach = Math.max(1.5, points.length / 90);
  const weights = Array.from({ length: Math.ceil(3 * reach) + 1 }, (_, k) => Math.exp(-k * k / (2 * reach * reach)));
  return points.map(([x], i) => {
    const far = Math.min(weights.length - 1, i, points.length - 1 - i);
    let sum = 0, total = 0;
    for (let k = -far; k <= far; k++) {
      const weight = weights[Math.abs(k)];
      sum += weight * points[i + k][1];
      total += weight;
    }
    return [x, sum / total];
  });
}

let charts = 0; // each has a clip of its own name

// Chart draws lines: [{name, points: [[step, value]], look: 's1', dashed}].
// set(lines) draws others in the same place.
export class Chart {
  constructor(title, { first = false, unit = '' } = {}) {
    this.lines = [];
    this.log = false;
    this.soft = true;
    this.at = null;
    this.clip = `chart-${++charts}`;
    this.svg = s('svg', { role: 'img', tabindex: '0' });
    this.keys = h('ul', { class: 'keys', 'aria-hidden': 'true' });
    this.heard = h('p', { class: 'heard', role: 'status' });
    this.logger = button('Log', { label: 'Logarithmic scale', kind: 'quiet', 'aria-pressed': 'false', onclick: () => { this.log = !this.log; this.logger.setAttribute('aria-pressed', String(this.log)); this.draw(); } });
    this.softer = button('Smooth', { kind: 'quiet', 'aria-pressed': 'true', onclick: () => { this.soft = !this.soft; this.softer.setAttribute('aria-pressed', String(this.soft)); this.draw(); } });
    this.table = h('div', { class: 'scrolls', tabindex: '0' });
    const details = h('details', { ontoggle: () => { if (details.open) this.tabulate(); } }, h('summary', { class: 'soft' }, 'As a table'), this.table);
    this.title = title;
    this.details = details;
    this.element = h('figure', { class: `chart panel${first ? ' first' : ''}` },
      h('figcaption', {}, h('h3', {}, title), unit && h('span', { class: 'small soft' }, unit), h('span', { class: 'toggles' }, this.softer, this.logger)),
      this.svg, this.keys, this.heard, details);
    this.height = first ? 260 : 190;
    this.width = 0;
    new ResizeObserver(([seen]) => {
      const width = Math.round(seen.contentRect.width);
      if (width && width !== this.width) { this.width = width; this.draw(); }
    }).observe(this.svg);
    this.svg.addEventListener('pointermove', (e) => this.point(e));
    this.svg.addEventListener('pointerleave', () => { this.at = null; this.mark(); });
    this.svg.addEventListener('keydown', (e) => this.key(e));
    this.svg.addEventListener('blur', () => { this.at = null; this.mark(); });
  }

  set(lines) {
    this.lines = lines.filter((l) => l.points.length);
    this.draw();
    if (this.details.open) this.tabulate();
  }

  // shown are the points that the scale can hold.
  shown(points) { return this.log ? points.filter(([, y]) => y > 0) : points; }

  draw() {
    const all = this.lines.flatMap((l) => this.shown(l.points));
    this.svg.setAttribute('viewBox', `0 0 ${this.width || 300} ${this.height}`);
    this.svg.setAttribute('aria-label', `${this.title}: ${this.lines.map((l) => `${l.name} ${say(l.points.at(-1)?.[1])}`).join(', ')}. Arrow keys read values.`);
    if (!this.width || !all.length) { this.svg.replaceChildren(s('text', { x: 8, y: 24 }, this.width ? (this.log && this.lines.length ? 'Nothing above zero' : 'Nothing yet') : '')); this.mark(); return; }
    let [left, right] = extent(all.map((p) => p[0]));
    let [low, high] = robust(all.map((p) => p[1]));
    if (left === right) { left -= 1; right += 1; }
    if (this.log) {
      low = Math.max(low, high * 1e-9, Number.MIN_VALUE);
      if (low === high) { low /= 2; high *= 2; }
    } else {
      // What differs by rounding alone is flat.
      if (high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))) low = high;
      const room = (high - low) * .06 || Math.abs(high) * .1 || 1;
      low = low >= 0 && low - room < 0 ? 0 : low - room;
      high += room;
    }
    const marks = this.log ? logTicks(low, high) : ticks(low, high, this.height / 48);
    const labels = marks.map(say);
    const margin = { left: 10 + 6.3 * Math.max(3, ...labels.map((l) => l.length)), right: 12, top: 8, bottom: 26 };
    const x = (v) => margin.left + (v - left) / (right - left) * (this.width - margin.left - margin.right);
    const height = this.height - margin.top - margin.bottom;
    const share = this.log ? (v) => Math.log(v / low) / Math.log(high / low) : (v) => (v - low) / (high - low);
    const y = (v) => margin.top + (1 - Math.min(4, Math.max(-4, share(v)))) * height;
    const parts = [];
    marks.forEach((v, i) => parts.push(
      s('line', { class: 'rule', x1: margin.left, x2: this.width - margin.right, y1: y(v), y2: y(v) }),
      s('text', { x: margin.left - 8, y: y(v) + 4, 'text-anchor': 'end' }, labels[i])));
    const bottom = margin.top + height;
    parts.push(s('line', { class: 'base', x1: margin.left, x2: this.width - margin.right, y1: bottom, y2: bottom }));
    for (const v of ticks(left, right, this.width / 110)) {
      parts.push(s('text', { x: x(v), y: bottom + 18, 'text-anchor': x(v) > this.width - 30 ? 'end' : 'middle' }, v.toLocaleString()));
    }
    const path = (points) => points.map(([a, b], i) => `${i ? 'L' : 'M'}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join('');
    // What lies above the scale runs out of it.
    const clip = s('clipPath', { id: this.clip }, s('rect', { x: margin.left - 4, y: 0, width: this.width - margin.left - margin.right + 8, height: bottom + 2 }));
    const curves = s('g', { 'clip-path': `url(#${this.clip})` });
    parts.push(clip, curves);
    for (const l of this.lines) {
      const points = this.shown(l.points);
      const softened = this.soft && points.length > 40;
      if (softened) curves.append(s('path', { class: `raw ${l.look}`, d: path(points) }));
      curves.append(s('path', { class: `${l.look}${l.dashed ? ' dashed' : ''}`, d: path(softened ? smooth(points) : points) }));
      if (points.length === 1) curves.append(s('circle', { class: l.look, cx: x(points[0][0]), cy: y(points[0][1]), r: 3 }));
    }
    this.cross = s('g', {});
    parts.push(this.cross);
    this.scale = { x, y, left, right, margin, bottom };
    this.svg.replaceChildren(...parts);
    this.mark();
  }

  point(e) {
    if (!this.scale) return;
    const box = this.svg.getBoundingClientRect();
    const { margin, left, right } = this.scale;
    const px = (e.clientX - box.left) * this.width / box.width;
    this.at = left + (px - margin.left) / (this.width - margin.left - margin.right) * (right - left);
    this.mark();
  }

  key(e) {
    const steps = [...new Set(this.lines.flatMap((l) => l.points.map((p) => p[0])))].sort((a, b) => a - b);
    if (!steps.length || !['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(e.key)) return;
    e.preventDefault();
    let i = this.at === null ? steps.length - 1 : nearest(steps, this.at);
    const jump = e.shiftKey ? Math.max(1, Math.round(steps.length / 20)) : 1;
    if (e.key === 'ArrowLeft' && this.at !== null) i -= jump;
    if (e.key === 'ArrowRight') i += jump;
    if (e.key === 'Home') i = 0;
    if (e.key === 'End') i = steps.length - 1;
    this.at = steps[Math.min(Math.max(i, 0), steps.length - 1)];
    this.mark();
    this.heard.textContent = `Step ${this.at}: ` + this.lines.map((l) => `${l.name} ${say(value(l, this.at))}`).join(', ');
  }

  // mark shows the values where one points, or the last ones.
  mark() {
    const at = this.at;
    const step = at === null ? null : value({ points: this.lines[0]?.points.map(([x]) => [x, x]) ?? [] }, at);
    this.keys.replaceChildren(...this.lines.map((l) => h('li', {}, h('i', { class: l.look }), h('span', {}, l.name), h('span', { class: 'value' }, say(at === null ? l.points.at(-1)[1] : value(l, at))))),
      step === null ? '' : h('li', { class: 'soft' }, `step ${step.toLocaleString()}`));
    if (!this.cross) return;
    this.cross.replaceChildren();
    if (at === null || !this.scale) return;
    const { x, y, margin, bottom, left, right } = this.scale;
    const here = x(Math.min(right, Math.max(left, step ?? at)));
    this.cross.append(s('line', { class: 'cross', x1: here, x2: here, y1: margin.top, y2: bottom }),
      ...this.lines.map((l) => [l, value(l, at)]).filter(([, v]) => v !== null && (!this.log || v > 0)).map(([l, v]) => s('circle', { class: l.look, cx: here, cy: Math.max(4, y(v)), r: 3.5 })));
  }

  tabulate() {
    const steps = [...new Set(this.lines.flatMap((l) => l.points.map((p) => p[0])))].sort((a, b) => a - b);
    const every = Math.max(1, Math.ceil(steps.length / 200));
    const maps = this.lines.map((l) => new Map(l.points));
    this.table.replaceChildren(h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Step'), this.lines.map((l) => h('th', { scope: 'col' }, l.name)))),
      h('tbody', {}, steps.filter((_, i) => (steps.length - 1 - i) % every === 0).map((step) => h('tr', {}, h('th', { scope: 'row' }, step.toLocaleString()), maps.map((m) => h('td', {}, say(m.get(step)))))))));
  }
}

function extent(list) { let low = Infinity, high = -Infinity; for (const v of list) { if (v < low) low = v; if (v > high) high = v; } return [low, high]; }

// robust leaves out the highest hundredth, which a run's first steps often are.
function robust(list) {
  const sorted = Float64Array.from(list).sort();
  const low = sorted[0], high = sorted[sorted.length - 1];
  const most = sorted[Math.floor((sorted.length - 1) * .98)];
  return [low, sorted.length > 50 && high - low > 3 * (most - low) ? most : high];
}

function nearest(sorted, at) {
  let best = 0;
  sorted.forEach((v, i) => { if (Math.abs(v - at) < Math.abs(sorted[best] - at)) best = i; });
  return best;
}

function value(line, at) {
  if (!line.points.length) return null;
  return line.points[nearest(line.points.map((p) => p[0]), at)][1];
}

// Pictures along two axes: each cell is a job, the whole a table that can be
// saved as one picture.
import { cancel, object, submit, watch } from './api.js';
import { $, button, complain, h, later, say } from './dom.js';
import { frame } from './picture.js';

const most = 64; // cells

// axes are what can be varied: how it is called, what it is at first, and how a
// value is read.
const number = (s) => { if (!Number.isFinite(Number(s))) throw new Error(`“${s}” is no number.`); return Number(s); };
const text = (s) => s;
const axes = {
  seed: { name: 'Seed', first: '1..4', read: (s) => String(number(s)) },
  guidance: { name: 'Guidance', first: '1, 2, 4', read: number },
  steps: { name: 'Steps', first: '1, 2, 4, 8', read: number },
  sampler: { name: 'Sampler', first: 'euler, heun', read: text },
  strength: { name: 'How much changes', first: '0.2, 0.4, 0.6, 0.8', read: number },
  truncation: { name: 'Truncation', first: '0.5, 0.75, 1', read: number },
  model: { name: 'Model', first: '', read: text },
  class: { name: 'Class', first: '', read: text },
  prompt: { name: 'Words', first: '', read: text },
};

// values reads "1, 2, 4" or "1..4"; words are parted by bars.
export function values(axis, line) {
  const parts = line.split(axis === 'prompt' ? '|' : ',').map((s) => s.trim()).filter(Boolean);
  return parts.flatMap((part) => {
    const range = /^(-?\d+)\.\.(-?\d+)$/.exec(part);
    if (!range || axis === 'prompt') return [axes[axis].read(part)];
    const [from, to] = range.slice(1).map(Number);
    return Array.from({ length: Math.min(Math.abs(to - from), most) + 1 }, (_, i) => axes[axis].read(String(from + i * Math.sign(to - from))));
  });
}

// offerGrid makes the part of the form that asks for a grid.
export function offerGrid(settings, stage) {
  const part = (id) => ({ axis: $(`#${id}-axis`), values: $(`#${id}-values`) });
  const x = part('x');
  const y = part('y');
  const usual = (p) => {
    const m = settings.model;
    p.values.value = { model: [...settings.models.keys()].join(', '), class: (m.classes ?? []).join(', '), prompt: $('#prompt').value }[p.axis.value] ?? axes[p.axis.value].first;
    count();
  };
  const count = () => {
    try {
      const cells = values(x.axis.value, x.values.value).length * values(y.axis.value, y.values.value).length;
      $('#cells').textContent = `${cells} pictures`;
    } catch (error) { $('#cells').textContent = error.message; }
  };
  const fit = () => {
    const { takes, offers, classes = [] } = settings.model;
    const can = ['seed', takes.sampling && 'guidance', takes.sampling && 'steps', takes.sampling && 'sampler', offers.includes('variation') && 'strength', takes.truncation && 'truncation', 'model', classes.length && 'class', takes.words && 'prompt'].filter(Boolean);
    for (const [p, first] of [[x, 'seed'], [y, takes.sampling ? 'guidance' : 'model']]) {
      const was = p.axis.value || first;
      p.axis.replaceChildren(...can.map((key) => h('option', { value: key, selected: key === (can.includes(was) ? was : first) }, axes[key].name)));
      usual(p);
    }
  };
  for (const p of [x, y]) {
    p.axis.addEventListener('change', () => usual(p));
    p.values.addEventListener('input', later(count, 150));
  }
  document.addEventListener('fitted', fit);
  fit();
  $('#compare').addEventListener('click', () => {
    try {
      if (x.axis.value === y.axis.value) throw new Error('Choose two different axes.');
      const across = values(x.axis.value, x.values.value);
      const down = values(y.axis.value, y.values.value);
      const cells = across.length * down.length;
      if (cells < 2 || cells > most) throw new Error(`A grid has 2 to ${most} pictures, not ${cells}.`);
      const base = { ...settings.spec(), n: 1 };
      for (const key of [x.axis.value, y.axis.value]) delete base[key];
      const g = new Grid(base, x.axis.value, across, y.axis.value, down, (name) => settings.models.get(name));
      $('.invitation', stage)?.remove();
      stage.prepend(g.element);
      g.paint();
    } catch (error) { say(error.message, { problem: true }); }
  });
}

class Grid {
  constructor(base, xAxis, across, yAxis, down, modelOf) {
    Object.assign(this, { base, xAxis, across, yAxis, down, modelOf, ids: [], stopped: false, left: across.length * down.length });
    this.status = h('p', { class: 'small soft number grow', role: 'status' }, `${this.left} pictures to go`);
    this.saver = button('Save as one picture', { drawing: 'download', disabled: true, onclick: () => this.save() });
    this.stopper = button('Cancel', { kind: 'quiet', onclick: () => this.stop() });
    this.cells = down.map(() => across.map(() => h('div', { class: 'frame waiting' })));
    this.title = base.prompt || base.class || 'Without words';
    this.element = h('article', { class: 'run' },
      h('header', { class: 'row apart' }, h('h2', {}, this.title), h('span', { class: 'chip' }, `${axes[xAxis].name} × ${axes[yAxis].name}`)),
      h('div', { class: 'row' }, this.status, this.stopper, this.saver),
      h('div', { class: 'scrolls', tabIndex: 0, role: 'region', 'aria-label': 'The grid' }, h('table', { class: 'compared' },
        h('caption', { class: 'heard' }, `${axes[xAxis].name} across, ${axes[yAxis].name} down`),
        h('thead', {}, h('tr', {}, h('td'), across.map((v) => h('th', { scope: 'col' }, label(xAxis, v))))),
        h('tbody', {}, down.map((v, j) => h('tr', {}, h('th', { scope: 'row' }, label(yAxis, v)), this.cells[j].map((c) => h('td', {}, c))))))));
  }

  // spec is that of a cell. What the cell's model cannot be told is left out.
  spec(x, y) {
    const s = { ...this.base, [this.xAxis]: x, [this.yAxis]: y };
    const m = this.modelOf(s.model);
    if (!m) throw new Error(`There is no model ${s.model}.`);
    if (!m.takes.words) for (const key of ['prompt', 'negative']) delete s[key];
    if (!m.takes.sampling) for (const key of ['steps', 'guidance', 'sampler', 'negative']) delete s[key];
    if (!m.takes.truncation) delete s.truncation;
    if (!m.classes?.includes(s.class)) delete s.class;
    if (m.classes?.length && !s.class && !s.image) s.class = m.classes[0];
    if (!s.image) delete s.strength;
    return s;
  }

  paint() {
    this.down.forEach((y, j) => this.across.forEach((x, i) => this.cell(x, y, this.cells[j][i])));
  }

  async cell(x, y, place) {
    try {
      if (this.stopped) return;
      const job = await submit('paint', this.spec(x, y), { priority: -1 });
      this.ids.push(job.id);
      if (this.stopped) await cancel(job.id);
      const done = await watch(job.id, { preview: ({ url }) => {
        const image = $('img', place) ?? place.appendChild(h('img', { alt: '' }));
        image.src = url;
      } });
      if (done.state !== 'done') throw new Error(done.error || 'It was cancelled.');
      const result = done.results[0];
      const f = frame(result.digest, { ...result.meta, prompt: `${axes[this.xAxis].name} ${x}, ${axes[this.yAxis].name} ${y}` });
      place.replaceChildren(...f.childNodes);
      place.dataset.digest = result.digest;
    } catch (error) {
      place.replaceChildren(h('p', { class: 'small problem' }, error.message));
    } finally {
      place.classList.remove('waiting');
      this.left--;
      this.status.textContent = this.left ? `${this.left} pictures to go` : 'All are there.';
      this.stopper.hidden = this.left === 0;
      this.saver.disabled = this.left > 0;
    }
  }

  stop() {
    this.stopped = true;
    for (const id of this.ids) cancel(id).catch(() => { /* it has ended by itself */ });
  }

  // save draws the table as one picture, on white, with its labels.
  async save() {
    try {
      const cell = 160;
      const gap = 8;
      const head = 34;
      const c = h('canvas').getContext('2d');
      const font = (size, weight = 400) => `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
      c.font = font(14);
      const side = Math.min(240, 20 + Math.max(...this.down.map((v) => c.measureText(label(this.yAxis, v)).width)));
      c.canvas.width = side + this.across.length * (cell + gap) + gap;
      c.canvas.height = 2 * head + this.down.length * (cell + gap) + gap;
      c.fillStyle = '#fff';
      c.fillRect(0, 0, c.canvas.width, c.canvas.height);
      c.fillStyle = '#17201c';
      c.textBaseline = 'middle';
      c.font = font(15, 600);
      c.fillText(`${this.title} · ${axes[this.xAxis].name} × ${axes[this.yAxis].name}`, gap, head / 2 + 4, c.canvas.width - 2 * gap);
      c.font = font(14);
      this.down.forEach((v, j) => c.fillText(label(this.yAxis, v), gap, 2 * head + j * (cell + gap) + cell / 2, side - 2 * gap));
      c.textAlign = 'center';
      this.across.forEach((v, i) => c.fillText(label(this.xAxis, v), side + i * (cell + gap) + cell / 2, 1.5 * head, cell));
      c.imageSmoothingEnabled = document.documentElement.dataset.enlarge !== 'pixels';
      for (const [j, row] of this.cells.entries()) {
        for (const [i, place] of row.entries()) {
          if (!place.dataset.digest) continue;
          const image = new Image();
          image.src = object(place.dataset.digest);
          await image.decode();
          c.drawImage(image, side + i * (cell + gap), 2 * head + j * (cell + gap), cell, cell);
        }
      }
      const url = URL.createObjectURL(await new Promise((resolve) => c.canvas.toBlob(resolve, 'image/png')));
      const a = h('a', { href: url, download: 'limner-grid.png' });
      document.body.append(a);
      a.click();
      a.remove();
      setTimeout(URL.revokeObjectURL, 10000, url);
    } catch (error) { complain(error); }
  }
}

const label = (axis, value) => ['prompt', 'model', 'class', 'sampler'].includes(axis) ? String(value) : `${axes[axis].name} ${value}`;

// What runs drew on their way, by a slider through time.
import { $, button, h, later } from './dom.js';

const address = (run, file) => `/api/v1/runs/${encodeURIComponent(run)}/samples/${encodeURIComponent(file)}`;
const kinds = { step: 'Made from nothing', reconstructions: 'Given back' };

// Through is the element for some runs; set(runs) brings it up to date. It stays
// at the newest drawing until somebody moves the slider.
export class Through {
  constructor() {
    this.kind = 'step';
    this.newest = true;
    this.slider = h('input', { type: 'range', min: '0', step: '1', class: 'grow', 'aria-label': 'Step' });
    this.output = h('output', {});
    this.figures = h('div', { class: 'through' });
    this.player = button('', { drawing: 'play', label: 'Play', kind: 'quiet square', onclick: () => this.play() });
    this.choice = h('fieldset', { class: 'choices' }, h('legend', { class: 'heard' }, 'Which drawings'));
    this.element = h('section', { class: 'panel stack', 'aria-labelledby': 'through-title' },
      h('div', { class: 'row apart' }, h('h3', { id: 'through-title' }, 'What it draws'), this.choice),
      this.figures, h('div', { class: 'row timeline' }, this.player, this.slider, this.output));
    this.slider.addEventListener('input', () => { this.newest = this.slider.value === this.slider.max; this.show(); });
    this.preload = later(() => this.steps.slice(0, 60).forEach((step) => this.runs.forEach((r) => { new Image().src = this.at(r, step); })), 800);
    this.runs = [];
  }

  set(runs) {
    this.runs = runs;
    const has = Object.keys(kinds).filter((k) => runs.some((r) => r.samples.some((x) => x.kind === k)));
    // An autoencoder makes nothing of noise; it gives back.
    if (!this.chosen && runs.every((r) => r.family === 'autoencoder') && has.includes('reconstructions')) this.kind = 'reconstructions';
    if (!has.includes(this.kind)) this.kind = has[0] ?? 'step';
    if (this.choice.dataset.has !== has.join()) {
      this.choice.dataset.has = has.join();
      this.choice.replaceChildren(h('legend', { class: 'heard' }, 'Which drawings'), ...has.map((k) => h('label', {}, h('input', { type: 'radio', name: 'drawings', value: k, checked: k === this.kind, onchange: () => { this.kind = k; this.chosen = true; this.fill(); } }), kinds[k])));
    }
    this.choice.hidden = has.length < 2;
    this.element.hidden = !has.length;
    this.fill();
  }

  fill() {
    this.steps = [...new Set(this.runs.flatMap((r) => r.samples.filter((x) => x.kind === this.kind).map((x) => x.step)))].sort((a, b) => a - b);
    this.slider.max = String(Math.max(0, this.steps.length - 1));
    if (this.newest) this.slider.value = this.slider.max;
    this.slider.disabled = this.player.disabled = this.steps.length < 2;
    this.show();
  }

  // at is the drawing that a run had at a step: the last until then.
  at(run, step) {
    const own = run.samples.filter((x) => x.kind === this.kind);
    const x = own.findLast((x) => x.step <= step) ?? own[0];
    return x && address(run.name, x.file);
  }

  show() {
    const step = this.steps[Number(this.slider.value)] ?? 0;
    this.output.textContent = `step ${step.toLocaleString()}`;
    this.slider.setAttribute('aria-valuetext', `step ${step}`);
    while (this.figures.children.length > this.runs.length) this.figures.lastChild.remove();
    this.runs.forEach((run, i) => {
      let f = this.figures.children[i];
      if (!f) this.figures.append(f = h('figure', {}, h('div', { class: 'frame' }, h('img', { decoding: 'async' })), h('figcaption', {})));
      const source = this.at(run, step);
      const image = $('img', f);
      f.hidden = !source;
      if (source && image.getAttribute('src') !== source) image.src = source;
      image.alt = `${kinds[this.kind]} by ${run.name}, step ${step}`;
      $('figcaption', f).textContent = this.runs.length > 1 ? run.name : '';
    });
  }

  play() {
    if (this.timer) { clearInterval(this.timer); this.timer = 0; return; }
    this.preload();
    if (this.slider.value === this.slider.max) this.slider.value = '0';
    this.newest = false;
    this.show();
    this.timer = setInterval(() => {
      this.slider.value = String(Number(this.slider.value) + 1);
      this.show();
      if (this.slider.value === this.slider.max) { clearInterval(this.timer); this.timer = 0; this.newest = true; }
    }, 450);
  }
}

// The settings of Make: between its form and what the API is asked for.
import { $, h } from './dom.js';

const field = (id) => $('#' + id);
const optional = (id) => field(id).value.trim() === '' ? undefined : Number(field(id).value);

// Settings is the form. Models are those of the API; input is what the picture
// part of the form holds (see input.js).
export class Settings {
  constructor(models, input) {
    this.models = new Map(models.map((m) => [m.name, m]));
    this.input = input;
    this.locked = field('seed').value !== '';
    this.last = null;
    field('model').replaceChildren(...models.map((m) => h('option', { value: m.name, selected: m.name === field('model').value }, `${m.name} · ${m.family}`)));
    field('model').addEventListener('change', () => this.fit());
    field('dice').addEventListener('click', () => { field('seed').value = draw(); });
    field('lock').addEventListener('click', () => this.lock(!this.locked));
    field('seed').addEventListener('input', () => this.lock(field('seed').value !== ''));
    this.lock(this.locked);
    this.fit();
  }

  get model() { return this.models.get(field('model').value); }

  // lock keeps the seed from one picture to the next, or lets it go.
  lock(on) {
    this.locked = on;
    if (on && field('seed').value === '') field('seed').value = this.last ?? draw();
    const button = field('lock');
    button.setAttribute('aria-pressed', String(on));
    button.title = on ? 'The seed is kept' : 'A new seed each time';
  }

  // fit shows what the chosen model can be told, and hides the rest.
  fit() {
    const m = this.model;
    if (!m) return;
    const { words, sampling, truncation } = m.takes;
    const classes = m.classes ?? [];
    field('prompt').hidden = !words;
    field('class-field').hidden = classes.length === 0;
    const chosen = field('class').value;
    field('class').replaceChildren(h('option', { value: '' }, 'each of them'), ...classes.map((c) => h('option', { selected: c === chosen }, c)));
    field('negative-field').hidden = !(words && sampling);
    field('sampling').hidden = !sampling;
    field('truncation-field').hidden = !truncation;
    field('finer').hidden = !sampling && !truncation;
    field('steps').placeholder = m.sampling?.steps ?? '';
    field('guidance').placeholder = m.sampling?.guidance ?? '';
    field('choose').hidden = !m.offers.includes('variation');
    this.input.fit(m);
    document.dispatchEvent(new CustomEvent('fitted', { detail: m }));
  }

  // spec is what the form asks for; a seed is drawn if none is kept.
  spec() {
    const m = this.model;
    const { words, sampling, truncation } = m.takes;
    const seed = this.locked && field('seed').value !== '' ? field('seed').value : String(draw());
    this.last = seed;
    const s = { model: m.name, n: Number(field('n').value), seed };
    if (words) s.prompt = field('prompt').value.trim();
    if (m.classes?.length && field('class').value) s.class = field('class').value;
    if (words && sampling && field('negative').value.trim()) s.negative = field('negative').value.trim();
    if (sampling) Object.assign(s, { steps: optional('steps'), guidance: optional('guidance'), sampler: field('sampler').value || undefined });
    if (truncation) s.truncation = optional('truncation');
    return Object.assign(s, this.input.spec());
  }

  // show notes the seed that was used where none is kept.
  show(spec) { if (!this.locked) field('seed').placeholder = `drawn anew (was ${spec.seed})`; }

  // apply fills the form in. What a specification does not say is as usual.
  apply(s) {
    if (s.model && this.models.has(s.model)) field('model').value = s.model;
    this.fit();
    for (const id of ['prompt', 'negative', 'steps', 'guidance', 'sampler', 'truncation']) field(id).value = s[id] || '';
    field('class').value = (this.model.classes ?? []).includes(s.class) ? s.class : '';
    if (s.n) {
      if (![...field('n').options].some((o) => o.value === String(s.n))) field('n').append(h('option', { value: String(s.n) }, `${s.n} ×`));
      field('n').value = String(s.n);
    }
    field('seed').value = s.seed ?? '';
    this.lock(s.seed !== undefined && s.seed !== '');
    if (s.negative || s.steps || s.guidance || s.sampler) field('finer').open = true;
    this.input.apply(s);
  }
}

// draw gives a seed that is short enough to be read out.
export function draw() { return crypto.getRandomValues(new Uint32Array(1))[0]; }

// one is the specification that makes one picture of a job once more.
export function one(picture) {
  const s = { ...picture.spec, n: 1 };
  if (picture.meta?.seed !== undefined) s.seed = String(picture.meta.seed);
  if (picture.meta?.index) s.first = picture.meta.index; else delete s.first;
  if (picture.meta?.class) s.class = picture.meta.class;
  return s;
}

// address is where Make has these settings in its form.
export function address(s) {
  const q = new URLSearchParams();
  for (const key of ['model', 'prompt', 'negative', 'class', 'n', 'seed', 'first', 'steps', 'guidance', 'sampler', 'truncation', 'image', 'strength', 'mask']) {
    if (s[key] !== undefined && s[key] !== '' && s[key] !== 0) q.set(key, s[key]);
  }
  return '/?' + q;
}

// given are the settings in the address of this page, null if there are none.
export function given() {
  const q = new URLSearchParams(location.search);
  const s = {};
  for (const [key, value] of q) {
    s[key] = ['n', 'first', 'steps', 'guidance', 'truncation', 'strength'].includes(key) ? Number(value) : value;
  }
  return Object.keys(s).some((key) => !['job', 'problem', 'go'].includes(key)) ? s : null;
}

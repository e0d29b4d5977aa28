// Pictures of several runs from the same seed.
import { models, submit, watch } from './api.js';
import { $, button, complain, h } from './dom.js';
import { follower } from './job.js';
import { frame } from './picture.js';

// twins is the element for some runs that have models to paint with.
export function twins(runs) {
  const seed = h('input', { id: 'twin-seed', type: 'number', min: '0', step: '1', value: '7', class: 'number' });
  const words = h('input', { id: 'twin-words', maxlength: '400', placeholder: 'a red apple, 3d' });
  const wordsField = h('div', { class: 'field grow', hidden: true }, h('label', { for: 'twin-words' }, 'Words'), words);
  const rows = h('div', { class: 'stack' });
  const go = button(runs.length > 1 ? 'Paint all from this seed' : 'Paint from this seed', { kind: 'primary', onclick: paint });
  let known = new Map();
  models().then((list) => {
    known = new Map(list.map((m) => [m.name, m]));
    const some = runs.filter((r) => known.has(r.name));
    wordsField.hidden = !some.some((r) => known.get(r.name).takes.words);
    go.disabled = !some.length;
    if (!some.length) rows.replaceChildren(h('p', { class: 'soft small' }, 'None of these has a model that paints by itself.'));
  }, complain);

  async function paint() {
    go.disabled = true;
    const painting = runs.filter((r) => known.has(r.name)).map(async (r) => {
      const strip = h('div', { class: 'strip', tabindex: '0', 'aria-label': `Pictures of ${r.name}` });
      const f = follower({ stop: false });
      const row = h('div', { class: 'twins' }, h('div', {}, h('strong', {}, r.name), h('p', { class: 'small soft' }, r.family)), h('div', {}, strip, f.element));
      rows.append(row);
      const m = known.get(r.name);
      const spec = { model: r.name, n: 8, seed: String(seed.value || 0) };
      if (m.takes.words) spec.prompt = words.value.trim();
      if (m.classes?.length) spec.n = 1; // one of each class
      try {
        const job = await submit('paint', spec);
        const done = await watch(job.id, { job: f.show });
        f.element.hidden = done.state === 'done';
        strip.replaceChildren(...(done.results ?? []).map((x) => frame(x.digest, x.meta)));
      } catch (error) { row.remove(); complain(error); }
    });
    rows.replaceChildren();
    await Promise.all(painting);
    go.disabled = false;
  }

  return h('section', { class: 'panel stack', 'aria-labelledby': 'twins-title' },
    h('div', {}, h('h3', { id: 'twins-title' }, 'From the same seed'), h('p', { class: 'small soft' }, runs.length > 1 ? 'The same noise through each model, as it is saved now.' : 'What the model makes as it is saved now. Tick another run to compare them.')),
    h('div', { class: 'row' }, h('div', { class: 'field' }, h('label', { for: 'twin-seed' }, 'Seed'), seed), wordsField, h('div', { class: 'field' }, h('span', { class: 'label', 'aria-hidden': 'true' }, '\u00a0'), go)),
    rows);
}

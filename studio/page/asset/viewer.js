// One picture, large, with all that is known of it.
import { buttons } from './actions.js';
import { button, h } from './dom.js';
import { compare } from './compare.js';
import { findings } from './findings.js';
import { describe, frame, rights } from './picture.js';

const facts = [
  ['Without', 'negative'], ['Class', 'class'], ['Model', 'model'], ['Family', 'family'], ['Seed', 'seed'], ['Number', 'index'], ['Made by', 'how'],
  ['Steps', 'steps'], ['Sampler', 'sampler'], ['Guidance', 'guidance'], ['Strength', 'strength'], ['Truncation', 'truncation'], ['Rights', 'rights'], ['Too near to', 'near'], ['Mark', 'id'],
];

// view shows one of some pictures; the arrow keys leaf among them. extra(picture)
// may give more elements.
export function view(pictures, at, on = {}) {
  const place = h('div', { class: 'viewer' });
  const close = () => dialog.close();
  const leaving = (f) => f && ((value) => { close(); f(value); });
  function show() {
    const p = pictures[at];
    const m = p.meta ?? {};
    const stage = h('div', { class: 'large' }, m.repaired ? compare(m.repaired.from, p.digest, m) : frame(p.digest, m));
    place.replaceChildren(
      stage,
      h('div', { class: 'stack about' },
        h('div', { class: 'row apart nowrap' }, h('h2', { id: 'viewer-title' }, describe(m)), button('', { drawing: 'close', label: 'Close', kind: 'quiet square', onclick: close })),
        h('div', { class: 'tools' }, buttons(p, {
          go: leaving(on.go), use: leaving(on.use), fill: leaving(on.fill),
          deleted: on.deleted && (() => { close(); on.deleted(p); }),
        })),
        findings(p, stage, on.repaired),
        h('dl', { class: 'facts' }, facts.filter(([, key]) => m[key] !== undefined && m[key] !== '' && !(key === 'index' && m[key] === 0)).map(([name, key]) => [h('dt', {}, name), h('dd', {}, rights(String(m[key])))]),
          m.width ? [h('dt', {}, 'Size'), h('dd', {}, `${m.width} × ${m.height}`)] : null),
        on.extra?.(p, close),
        pictures.length > 1 && h('div', { class: 'row' },
          button('Before', { kind: 'quiet', disabled: at === 0, onclick: () => leaf(-1) }),
          h('span', { class: 'small soft number' }, `${at + 1} of ${pictures.length}`),
          button('Next', { kind: 'quiet', disabled: at === pictures.length - 1, onclick: () => leaf(1) }))));
  }
  function leaf(by) {
    const to = at + by;
    if (to < 0 || to >= pictures.length) return;
    at = to;
    show();
  }
  const dialog = h('dialog', {
    class: 'broad viewing', 'aria-labelledby': 'viewer-title', onclose: () => dialog.remove(),
    onkeydown: (e) => {
      if (e.target.matches('input, select, textarea')) return;
      if (e.key === 'ArrowLeft') leaf(-1);
      if (e.key === 'ArrowRight') leaf(1);
    },
  }, place);
  show();
  document.body.append(dialog);
  dialog.showModal();
}

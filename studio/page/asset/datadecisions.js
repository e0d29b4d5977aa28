// The decision on every copy, and why.
import { get } from './api.js';
import { $, button, h, icon, later } from './dom.js';
import { many, outcomes, reason, rules, share, verdict } from './datawords.js';

export const pictureOf = (content) => `/api/v1/data/pictures/${encodeURIComponent(content)}/picture`;

// thumb is a picture on a chessboard that is told apart from a broken one.
export function thumb(content, words, { lazy = true } = {}) {
  const f = h('div', { class: 'frame' });
  const image = h('img', { alt: words, loading: lazy ? 'lazy' : 'eager', decoding: 'async' });
  image.addEventListener('error', () => { f.classList.add('missing'); f.replaceChildren('not kept, or no picture'); });
  image.src = pictureOf(content);
  f.append(image);
  return f;
}

export async function decisions(put, query, here) {
  const page = async (from) => {
    const q = new URLSearchParams(query);
    if (from) q.set('from', from);
    for (;;) {
      const answer = await get('/data/decisions?' + q);
      if (!answer.deciding) return answer;
      if (!put(h('p', { role: 'status' }, `Deciding on each copy: ${answer.counted.toLocaleString()} so far …`))) return null;
    }
  };
  const first = await page(0);
  if (!first || !here()) return;
  const go = (change) => {
    const q = new URLSearchParams(query);
    for (const [k, v] of Object.entries(change)) if (v) q.set(k, v); else q.delete(k);
    location.hash = 'decisions' + (q.size ? '?' + q : '');
  };
  const words = h('input', { type: 'search', id: 'words', placeholder: 'Path, licence or digest', value: query.get('words') ?? '', autocomplete: 'off' });
  words.addEventListener('input', later(() => go({ words: words.value.trim() }), 350));
  const source = h('select', { id: 'source', onchange: () => go({ source: source.value }) }, h('option', { value: '' }, 'Every source'),
    Object.keys(first.sources).sort().map((s) => h('option', { value: s, selected: s === query.get('source') }, s)));
  const list = h('ul', { class: 'decisions' }, first.decisions.map(row));
  const found = h('p', { class: 'soft number', role: 'status' }, `${many(first.found, 'copy', 'copies')}${first.found === first.total ? '' : ` of ${first.total.toLocaleString()}`}`);
  const more = h('div', { class: 'row' });
  let shown = first.decisions.length;
  const offer = () => more.replaceChildren(shown < first.found ? button('Show more', { onclick: async () => {
    const next = await page(shown);
    if (!next) return;
    list.append(...next.decisions.map(row));
    shown += next.decisions.length;
    offer();
  } }) : '');
  offer();
  const tallies = first.tallies.filter((t) => !query.get('outcome') || t.outcome === query.get('outcome'));
  const focused = document.activeElement?.id === 'words';
  put(
    h('div', { class: 'row filters' }, h('label', { class: 'heard', for: 'words' }, 'Words'), h('div', { class: 'grow seek' }, icon('search'), words),
      h('label', { class: 'heard', for: 'source' }, 'Source'), source,
      h('fieldset', { class: 'choices' }, h('legend', { class: 'heard' }, 'Outcome'), [['', 'All'], ...Object.entries(outcomes)].map(([value, name]) =>
        h('label', {}, h('input', { type: 'radio', name: 'outcome', checked: value === (query.get('outcome') ?? ''), onchange: () => go({ outcome: value, code: '' }) }), name)))),
    h('div', { class: 'split' },
      h('aside', { class: 'stack' },
        h('div', { class: 'panel stack' }, h('h2', {}, 'Of all copies'), share(first.outcomes),
          h('dl', { class: 'facts' }, Object.keys(outcomes).filter((o) => first.outcomes[o]).map((o) => [h('dt', {}, verdict(o)), h('dd', {}, first.outcomes[o].toLocaleString())])),
          h('p', { class: 'small soft' }, `For training, anywhere, today; by the rules ${rules(first.ruleset)}.`)),
        h('div', { class: 'stack tight' }, h('h2', {}, 'Reasons'), h('ul', { class: 'tallies' }, tallies.map((t) => h('li', {}, h('button', { type: 'button', 'aria-pressed': String(query.get('code') === t.codes[0] && query.get('outcome') === t.outcome),
          onclick: () => go(query.get('code') === t.codes[0] && query.get('outcome') === t.outcome ? { code: '', outcome: '' } : { code: t.codes[0], outcome: t.outcome }) },
        h('span', { class: `verdict ${t.outcome}` }, h('span', { class: 'heard' }, outcomes[t.outcome])), h('span', { class: 'why' }, t.codes.map(reason).join('; ')), h('span', { class: 'soft number small' }, t.copies.toLocaleString()))))))),
      h('section', { class: 'stack', 'aria-label': 'Copies' }, found, first.found ? list : h('div', { class: 'empty' }, h('h2', {}, 'No copy is like that')), more,
        first.listed < first.total ? h('p', { class: 'small soft' }, `The list holds the first ${first.listed.toLocaleString()}; the counts are of all.`) : '')));
  if (focused || query.get('words')) { const w = $('#words'); if (focused) { w.focus(); w.setSelectionRange(w.value.length, w.value.length); } }
}

function row(d) {
  const name = d.path.split('/').at(-1);
  return h('li', {}, h('a', { href: '#picture?content=' + d.content, title: `${d.source}/${d.path}` }, thumb(d.content, ''),
    h('span', { class: 'path' }, h('bdi', {}, name)), verdict(d.outcome, d.outcome === 'allow' ? d.licence || 'Allowed' : reason(d.codes[0] ?? ''))));
}

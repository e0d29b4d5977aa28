// The frozen data sets, what is in them, and each as one archive.
import { get } from './api.js';
import { h, time } from './dom.js';

export async function sets(put) {
  const { sets: list } = await get('/sets');
  put(list.length ? h('ul', { class: 'sources' }, list.map(card)) : h('div', { class: 'empty' }, h('h2', {}, 'No set was frozen yet'),
    h('p', {}, 'A frozen set does not change any more and proves which pictures it holds. One is made of a curated set:'),
    h('code', { class: 'command', tabindex: '0' }, 'limner dataset freeze curated/NAME -o sets/NAME')));
}

function card(s) {
  const counts = (c) => Object.entries(c).sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} (${n.toLocaleString()})`).join(', ');
  const facts = [['Root', s.root], ['For', s.purpose + (s.territory ? ` in ${s.territory}` : '')], ['Licences', counts(s.licences)], ['Sources', counts(s.sources)], ['Left out', counts(s.left_out)], ['Frozen', s.frozen ? time(s.frozen) : '']].filter(([, v]) => v);
  return h('li', { class: 'panel', data: { set: s.name } },
    h('div', { class: 'row apart' }, h('h2', {}, s.name), h('span', { class: 'chip' }, `${s.side} × ${s.side}`)),
    h('p', {}, h('span', { class: 'big' }, s.pictures.toLocaleString()), ' ', h('span', { class: 'soft' }, `${s.pictures === 1 ? 'picture' : 'pictures'}, ${(s.splits.test ?? 0).toLocaleString()} held out`)),
    h('dl', { class: 'facts' }, facts.map(([k, v]) => [h('dt', {}, k), h('dd', {}, v)])),
    h('div', { class: 'row' },
      h('a', { class: 'button', href: '/train?set=' + encodeURIComponent(s.name) }, 'Train on it'),
      h('a', { class: 'button quiet', href: `/api/v1/sets/${encodeURIComponent(s.name)}/webdataset`, download: s.name + '.tar' }, 'Download as WebDataset')));
}

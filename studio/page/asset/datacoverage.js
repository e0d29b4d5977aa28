// What a curated set has much of and little.
import { get } from './api.js';
import { h } from './dom.js';
import { many } from './datawords.js';

const rowsShown = 14;
const rareShown = 8;

export async function coverage(put, query) {
  const { curated } = await get('/data/coverage');
  if (!curated.length) {
    put(h('div', { class: 'empty' }, h('h2', {}, 'No set was curated yet'), h('p', {}, 'A recipe makes one of what was taken in: see Sources, or'), h('code', { class: 'command', tabindex: '0' }, 'limner curate RECIPE.yaml')));
    return;
  }
  const name = curated.some((c) => c.name === query.get('set')) ? query.get('set') : curated[0].name;
  const report = await get('/data/coverage/' + encodeURIComponent(name));
  const image = (d) => h('img', { alt: '', loading: 'lazy', decoding: 'async', src: `/api/v1/data/coverage/${encodeURIComponent(name)}/pictures/${encodeURIComponent(d)}` });
  const s = report.summary;
  const chooser = h('select', { id: 'set', onchange: () => { location.hash = 'coverage?set=' + encodeURIComponent(chooser.value); } }, curated.map((c) => h('option', { selected: c.name === name }, c.name)));
  const rare = (report.rare ?? []).map((r) => ({ ...r, name: `${r.dimension}: ${r.name}` }));
  const none = rare.filter((r) => !r.pictures).slice(0, 12).map((r) => r.name).join('; ');
  const total = (n, words) => h('div', {}, h('span', { class: 'big' }, n.toLocaleString()), h('span', { class: 'small soft' }, words));
  put(
    h('div', { class: 'row apart' }, h('div', { class: 'totals' }, total(s.pictures, `pictures of ${many(s.copies, 'copy', 'copies')}`), total(s.train, 'to learn from'), total(s.test, 'held out'), total(s.concepts, 'concepts'), total(s.near_duplicate_clusters, 'groups that look alike')),
      h('div', { class: 'field' }, h('label', { for: 'set' }, 'Set'), chooser)),
    rare.length ? h('section', { class: 'panel rare' }, h('h2', {}, 'There is little of'), h('p', { class: 'small soft' }, 'What is rare in the pictures that a model learns from is what it will draw badly.'),
      bars(rare.filter((r) => r.pictures).slice(0, rareShown), image, Math.max(...rare.map((r) => r.even_share))),
      none ? h('p', { class: 'small soft none' }, `And none at all of ${none}.`) : '') : '',
    h('div', { class: 'dimensions' }, report.dimensions.map((d) => h('section', { class: 'panel' }, h('div', { class: 'row apart' }, h('h2', {}, sentence(d.name)), h('span', { class: 'small soft' }, many(d.of, 'picture'))), d.note ? h('p', { class: 'small soft' }, d.note) : '',
      bars(d.rows.slice(0, rowsShown), d.rows.length <= 8 ? image : null), d.rows.length > rowsShown ? h('details', {}, h('summary', { class: 'small' }, `${d.rows.length - rowsShown} more`), bars(d.rows.slice(rowsShown), null, Math.max(...d.rows.map((r) => r.pictures)))) : ''))),
    concepts('Concepts with the most pictures', report.most_frequent_concepts, image), concepts('Concepts with the fewest', report.least_frequent_concepts, image),
    Object.keys(s.rejected ?? {}).length ? h('section', { class: 'panel' }, h('h2', {}, 'Left out'), bars(Object.entries(s.rejected).sort((a, b) => b[1] - a[1]).map(([why, n]) => ({ name: why, pictures: n })), null)) : '');
}

const sentence = (t) => t.charAt(0).toUpperCase() + t.slice(1);

function bars(rows, image, of = 0) {
  const most = Math.max(1, of, ...rows.map((r) => r.pictures));
  return h('ul', { class: 'bars' }, rows.map((r) => {
    const bar = h('i', {});
    bar.style.width = `${100 * r.pictures / most}%`;
    return h('li', {}, h('span', { class: 'of' }, r.name), h('span', { class: 'track', 'aria-hidden': 'true' }, r.pictures ? bar : ''), h('span', { class: 'count' }, r.pictures.toLocaleString()),
      image && r.sample?.length ? h('span', { class: 'samples' }, r.sample.slice(0, 6).map(image)) : '');
  }));
}

function concepts(title, rows, image) {
  if (!rows?.length) return '';
  return h('section', { class: 'panel' }, h('h2', {}, title), h('ul', { class: 'concepts' }, rows.slice(0, 12).map((r) => h('li', { class: 'stack tight' }, h('span', { class: 'samples' }, (r.sample ?? []).map(image)), h('span', { class: 'small' }, r.caption || r.name, h('span', { class: 'soft' }, ` ${r.pictures}`))))));
}

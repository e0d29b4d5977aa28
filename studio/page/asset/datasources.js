// The sources of the catalogue, what was taken from them, and what is done with
// them: taking in what is new, and curating.
import { get, submit } from './api.js';
import { button, complain, h, say, time } from './dom.js';
import { follow } from './job.js';
import { many, share, size, verdict } from './datawords.js';

const types = { internal: 'one\u2019s own', vendor: 'delivered under an agreement', open: 'published under a licence', crawl: 'crawled', usage: 'kept by users' };

export async function sources(put, _, here) {
  const answer = await get('/data/sources');
  const decided = new Map();
  const list = h('ul', { class: 'sources' }, answer.sources.map((s) => card(s, decided)));
  const kept = put(
    answer.sources.length ? list : h('div', { class: 'empty' }, h('h2', {}, 'The catalogue is empty'), h('p', {}, 'Sources are added on the command line, by whoever runs this studio.')),
    recipes(answer.recipes),
    h('details', {}, h('summary', {}, 'Adding a source'), h('code', { class: 'command', tabindex: '0' }, 'limner source add --id icons --kind npm --set package=NAME --set version=1.0.0\nlimner source refresh icons')));
  if (!kept || !answer.ledger) return;
  // What is decided comes when it has been counted.
  for (;;) {
    const d = await get('/data/decisions?limit=1');
    if (!here()) return;
    if (!d.deciding) {
      for (const [id, place] of decided) outcome(place, d.sources?.[id]);
      return;
    }
    for (const place of decided.values()) place.replaceChildren(h('p', { class: 'small soft' }, `Deciding: ${d.counted.toLocaleString()} copies so far …`));
  }
}

function outcome(place, counts) {
  if (!counts) { place.replaceChildren(h('p', { class: 'small soft' }, 'No copy of it is decided on.')); return; }
  place.replaceChildren(share(counts), h('p', { class: 'row small' }, Object.entries(counts).sort().map(([o, n]) => verdict(o, `${n.toLocaleString()} ${{ allow: 'allowed', deny: 'denied', quarantine: 'to be looked at' }[o]}`))));
}

function card(s, decided) {
  const place = h('div', { class: 'stack tight' });
  decided.set(s.id, place);
  const progress = h('div', {});
  const facts = [['Name', s.name === s.id ? '' : s.name], ['From', s.location], ['Version', s.version], ['Ground', s.basis || types[s.type]], ['It says it holds', s.works ? many(s.works, 'work') : ''], ['Last taken', s.last ? time(s.last) : 'never']].filter(([, v]) => v);
  return h('li', { class: 'panel', data: { source: s.id } },
    h('div', { class: 'row apart' }, h('h2', {}, s.id), h('span', { class: 'chip' }, s.kind)),
    h('p', {}, h('span', { class: 'big' }, s.taken.toLocaleString()), ' ', h('span', { class: 'soft' }, `${s.taken === 1 ? 'file' : 'files'} taken in, ${size(s.bytes)}`)),
    place,
    h('dl', { class: 'facts' }, facts.map(([k, v]) => [h('dt', {}, k), h('dd', {}, v)])),
    h('div', { class: 'row' },
      h('a', { class: 'button', href: '#decisions?source=' + encodeURIComponent(s.id) }, 'See its pictures'),
      button('Take in what is new', { onclick: async (e) => {
        const b = e.currentTarget;
        b.disabled = true;
        await run('refresh', { sources: [s.id] }, progress, (j) => {
          const r = j.results?.[0]?.meta?.sources?.[s.id] ?? {};
          say(`${s.id}: ${many(r.new ?? 0, 'new file')}, ${(r.changed ?? 0).toLocaleString()} changed, ${(r.unchanged ?? 0).toLocaleString()} as before.`);
        });
        b.disabled = false;
      } })),
    progress);
}

function recipes(list) {
  if (!list.length) return '';
  const progress = h('div', {});
  return h('section', { class: 'panel stack', 'aria-labelledby': 'recipes-title' },
    h('div', {}, h('h2', { id: 'recipes-title' }, 'Recipes of curation'), h('p', { class: 'small soft' }, 'They make a set of what may be used: decoded, measured, captioned, near copies found. What was done before is not done again.')),
    h('ul', { class: 'stack tight' }, list.map((r) => h('li', { class: 'row' },
      h('div', { class: 'grow' }, h('strong', {}, r.name), h('span', { class: 'small soft' }, ` ${r.size} × ${r.size}, from ${r.sources.join(', ')}`)),
      button('Curate', { onclick: async (e) => {
        const b = e.currentTarget;
        b.disabled = true;
        await run('curate', { recipe: r.name }, progress, (j) => say(`${j.results[0].meta.set}: ${many(j.results[0].meta.pictures, 'picture')}.`));
        b.disabled = false;
      } })))),
    progress,
    h('p', { class: 'small soft' }, 'A curated set is frozen on the command line:'), h('code', { class: 'command', tabindex: '0' }, 'limner dataset freeze curated/NAME -o sets/NAME'));
}

async function run(kind, spec, place, done) {
  place.replaceChildren();
  try {
    const j = await follow(await submit(kind, spec), place);
    if (j.state === 'done') done(j);
  } catch (error) { complain(error); }
}

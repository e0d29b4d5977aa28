// The report on a model: which faults, how often, with examples, and what its
// training set has to do with them.
import { final, get, models, object, submit, watch } from './api.js';
import { $, button, complain, h, time } from './dom.js';
import { follower } from './job.js';

const which = $('#which');
const again = $('#again');
const place = $('#report');
const share = (a, of) => of ? `${Math.round(100 * a / of)} %` : '–';
let turn = 0;

async function show() {
  const mine = ++turn;
  const name = which.value;
  history.replaceState(null, '', '?' + new URLSearchParams({ model: name }));
  place.replaceChildren(h('p', { class: 'soft', role: 'status' }, 'Reading …'));
  again.replaceChildren();
  try {
    const { jobs } = await get('/jobs?kind=diagnose&limit=100');
    if (mine !== turn) return;
    const own = jobs.filter((j) => j.spec.model === name);
    const live = own.find((j) => !final(j));
    const done = own.find((j) => j.state === 'done' && j.results?.length);
    if (live) follow(live, mine);
    if (!done) {
      place.replaceChildren(live ? '' : h('div', { class: 'empty' }, h('h2', {}, 'Nobody has looked yet'),
        h('p', {}, 'The model makes pictures from the words of its training set, inspectors look at them, and what they find is held against what the set has.'), form()));
      return;
    }
    const report = await fetch(object(done.results[0].digest)).then((r) => { if (!r.ok) throw new Error('The report is not there any more.'); return r.json(); });
    if (mine !== turn) return;
    draw(report, done);
    if (!live) again.replaceChildren(h('div', { class: 'row apart panel' }, h('p', { class: 'small soft' }, `Looked at ${time(done.ended)}: ${report.n} pictures, seed ${report.seed}.`), form()));
  } catch (error) { place.replaceChildren(); complain(error); }
}

function form() {
  const n = h('input', { id: 'n', type: 'number', min: '4', max: '400', step: '1', value: '60', class: 'number', 'aria-label': 'Pictures to make' });
  n.style.width = '6rem';
  return h('div', { class: 'row' }, h('label', { class: 'small soft', for: 'n' }, 'Pictures'), n, button('Look', { kind: 'primary', drawing: 'inspect', onclick: async (e) => {
    e.currentTarget.disabled = true;
    try {
      follow(await submit('diagnose', { model: which.value, n: Number(n.value), seed: 1 }), turn);
    } catch (error) { complain(error); e.currentTarget && (e.currentTarget.disabled = false); show(); }
  } }));
}

async function follow(job, mine) {
  const f = follower();
  again.replaceChildren(h('div', { class: 'panel' }, f.element));
  f.show(job);
  try {
    const end = await watch(job.id, { job: f.show });
    if (mine === turn && end.state === 'done') show();
  } catch (error) { complain(error); }
}

const row = (name, a, of, bad = true, said) => {
  const bar = h('i');
  bar.style.width = of ? `${100 * a / of}%` : '0';
  bar.hidden = !a;
  return h('li', {}, h('span', {}, name), h('div', { class: bad ? 'track bad' : 'track', 'aria-hidden': 'true' }, bar), h('span', { class: 'count' }, said ?? `${share(a, of)} of ${of.toLocaleString()}`));
};
const title = (s) => s.charAt(0).toUpperCase() + s.slice(1);

function draw(r, job) {
  const total = (big, words) => h('div', {}, h('span', { class: 'big' }, big), h('span', { class: 'small soft' }, words));
  place.replaceChildren(
    h('div', { class: 'totals' }, total(`${Math.round(100 * r.faulty)} %`, 'of its pictures have a fault'), total(r.n.toLocaleString(), 'were made and looked at'), r.training_pictures ? total(r.training_pictures.toLocaleString(), `are in its training set, ${(r.looked ?? 0).toLocaleString()} were looked at`) : ''),
    r.advice?.length ? h('section', { class: 'panel stack', data: { part: 'advice' } }, h('h2', {}, 'What to do'), h('ul', { class: 'advice' }, r.advice.map((a) => h('li', {}, a)))) : '',
    h('div', { class: 'inspectors' }, r.inspectors.map((x, i) => inspector(x, r.pictures?.[i] ?? [], Boolean(r.training_pictures)))),
    r.familiar?.length ? h('section', { class: 'panel stack' }, h('div', {}, h('h2', {}, 'How familiar the model is with it'), h('p', { class: 'small soft' }, 'Faulty pictures by how many training pictures there are of what was asked for.')),
      h('ul', { class: 'rates' }, r.familiar.map((b) => row(b.name, b.faulty, b.prompts)))) : '',
    r.notes?.length ? h('section', { class: 'panel stack' }, h('h2', {}, 'To be known'), h('ul', { class: 'advice small soft' }, r.notes.map((n) => h('li', {}, n)))) : '',
    h('p', { class: 'small soft' }, `Made by Limner ${r.code}. `, h('a', { href: object(job.results[0].digest), download: `${r.model}-report.json` }, 'The report as JSON')));
}

function inspector(x, pictures, trained) {
  const subjects = (x.subjects ?? []).filter((s) => s.prompts);
  return h('section', { class: 'panel stack', data: { inspector: x.name } }, h('div', { class: 'row apart' }, h('h2', {}, title(x.name)), h('span', { class: 'small soft number' }, `${x.judged.toLocaleString()} could be judged`)),
    h('ul', { class: 'rates' }, row('Its pictures', x.faulty, x.judged), x.training_judged ? row('Training pictures', x.training_faulty ?? 0, x.training_judged, false) : ''),
    x.faults?.length ? h('div', { class: 'stack' }, x.faults.map((f, j) => h('details', { open: j === 0 }, h('summary', {}, `${title(f.name)}: ${f.n.toLocaleString()}`),
      h('ul', { class: 'examples' }, (f.examples ?? []).map((e, k) => h('li', { class: 'stack tight' }, pictures[j]?.[k] ? h('img', { alt: e.sentence, loading: 'lazy', src: pictures[j][k] }) : '', h('p', { class: 'small' }, h('strong', {}, e.prompt || 'Without words'), ' ', h('span', { class: 'soft' }, e.sentence)))))))) : h('p', { class: 'small soft' }, 'No fault of the kind was found.'),
    subjects.length ? h('div', { class: 'scrolls', tabindex: '0', role: 'group', 'aria-label': `What goes wrong most, ${x.name}` }, h('table', {}, h('thead', {}, h('tr', {}, ['What it shows', ...(trained ? ['In training'] : []), 'Went wrong'].map((t) => h('th', { scope: 'col' }, t)))),
      h('tbody', {}, subjects.map((s) => h('tr', {}, h('th', { scope: 'row' }, s.name), trained && h('td', { class: 'number' }, `${s.pictures.toLocaleString()} (${(100 * s.share).toFixed(1)} %)`), h('td', { class: 'number' }, `${s.faulty} of ${s.prompts}`)))))) : '');
}

try {
  const list = await models();
  const wanted = new URLSearchParams(location.search).get('model');
  which.replaceChildren(...list.map((m) => h('option', { value: m.name, selected: m.name === wanted }, m.name)));
  which.addEventListener('change', show);
  await show();
} catch (error) { complain(error); }

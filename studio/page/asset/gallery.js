// Gallery: pictures that were made, found by words, by model, by likeness.
import { get } from './api.js';
import { offerBetween } from './between.js';
import { $, $$, button, complain, h, later } from './dom.js';
import { frame } from './picture.js';
import { card } from './result.js';

const found = $('#found');
const more = $('#more');
const above = $('#above');
let pictures = []; // that are shown
let asked = 0; // number of the newest query: older answers are dropped

const between = offerBetween(above, (seek) => { document.body.classList.toggle('choosing', seek); });

const on = {
  deleted: (picture) => { $$(`[data-digest="${picture.digest}"]`, found).forEach((e) => e.remove()); },
  extra: (picture, close) => h('div', { class: 'row' },
    button('Similar', { drawing: 'similar', onclick: () => { close(); similar(picture); } }),
    button('Go from here to …', { drawing: 'play', onclick: () => { close(); between.from(picture); } })),
};

function query(after) {
  const q = new URLSearchParams();
  const mark = $('input[name=mark]:checked').value;
  for (const [key, value] of [['q', $('#words').value.trim()], ['model', $('#by').value], ['mark', mark], ['after', after]]) if (value) q.set(key, value);
  return q;
}

// show asks for the first page, or for the one after it.
async function show(after) {
  const mine = ++asked;
  try {
    const page = await get('/gallery?' + query(after));
    if (mine !== asked) return;
    if (!after) {
      pictures = [];
      found.replaceChildren();
      above.replaceChildren(...between.kept());
    }
    add(page.pictures);
    if (!after) {
      const n = page.total ?? 0;
      $('#total').textContent = n === 1 ? '1 picture' : `${n.toLocaleString()} pictures`;
      choose(page.models ?? []);
    }
    more.replaceChildren();
    if (page.next) {
      const b = button('Show more', { onclick: () => show(page.next) });
      more.append(b);
      watcher.observe(b);
    }
    if (!pictures.length) empty();
  } catch (error) { complain(error); }
}

const watcher = new IntersectionObserver((seen) => {
  for (const s of seen) if (s.isIntersecting) { watcher.unobserve(s.target); s.target.click(); }
}, { rootMargin: '600px' });

function add(list) {
  for (const p of list) {
    pictures.push(p);
    found.append(card(p, on, pictures, pictures.length - 1));
  }
}

function choose(models) {
  const now = $('#by').value;
  $('#by').replaceChildren(h('option', { value: '' }, 'Every model'), ...models.map((m) => h('option', { value: m.name, selected: m.name === now }, `${m.name} (${m.pictures})`)));
}

function empty() {
  const filtered = [...query().keys()].length > 0;
  above.replaceChildren(h('div', { class: 'empty' },
    h('h2', {}, filtered ? 'No picture is like that' : 'Nothing is here yet'),
    h('p', {}, filtered ? 'Try fewer words, or another model.' : 'Every picture that you make comes here.'),
    filtered ? null : h('a', { class: 'button primary', href: '/' }, 'Make a picture')));
}

// similar shows what looks like a picture, by what the server says.
async function similar(picture) {
  const mine = ++asked;
  above.replaceChildren(h('p', { class: 'soft', role: 'status' }, 'Looking at pictures …'));
  try {
    const answer = await get(`/gallery/pictures/${encodeURIComponent(picture.digest)}/similar`);
    if (mine !== asked) return;
    above.replaceChildren(h('div', { class: 'panel row like' },
      frame(picture.digest, picture.meta),
      h('div', { class: 'grow' }, h('h2', {}, 'What looks like this'),
        h('p', { class: 'small soft' }, `Compared by ${answer.way}.`, answer.unseen ? ` ${answer.unseen} older pictures were not looked at yet; ask again for them.` : '')),
      button('Back', { onclick: () => show() })));
    pictures = [];
    found.replaceChildren();
    more.replaceChildren();
    add(answer.pictures);
    $('#total').textContent = `${answer.pictures.length} of the likest`;
    scrollTo({ top: 0, behavior: 'smooth' });
  } catch (error) {
    complain(error);
    show();
  }
}

// While a second picture is chosen, a press on one chooses it.
found.addEventListener('click', (e) => {
  if (!between.seeks()) return;
  const item = e.target.closest('.opens')?.closest('.picture');
  if (!item) return;
  e.stopPropagation();
  between.to(pictures.find((p) => p.digest === item.dataset.digest));
}, true);

$('#search').addEventListener('submit', (e) => { e.preventDefault(); show(); });
$('#words').addEventListener('input', later(() => show(), 200));
$('#by').addEventListener('change', () => show());
for (const radio of $$('input[name=mark]')) radio.addEventListener('change', () => show());
show();

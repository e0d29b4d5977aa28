// Station: one picture after another. Each is kept or skipped, and the next
// ones are chosen by that.
import { ask, get, object, post, remove, watch } from './api.js';
import { $, button, complain, h, icon, say, sure } from './dom.js';
import { swipe } from './swipe.js';
import { taste } from './taste.js';
import { address } from './settings.js';

const place = $('#picture');
const card = $('#card');
let view = null; // the stream as it stands
let busy = false;
let waiting = null; // stops following the job of a picture that is still made
const liking = taste((a, words) => forget(a, words));
const swiping = swipe(card, judge);

// look asks how the stream stands.
async function look() {
  try { show(await get('/station')); } catch (error) { trouble(error.message); }
}

function show(v) {
  const before = view?.now?.number;
  view = v;
  $('#tally').textContent = v.judged ? `${v.kept} of ${v.judged} kept` : '';
  if (document.activeElement !== $('#explore')) surprise(Math.round(100 * v.explore));
  past(v.past);
  for (const id of ['keep', 'skip']) $('#' + id).disabled = !v.now;
  swiping.on = Boolean(v.now);
  if (v.now) {
    leave();
    if (v.now.number !== before) painted(v.now);
    return;
  }
  if (v.problem) return trouble(v.problem);
  if (v.next) follow(v.next);
}

// painted puts a picture before the person.
function painted(x) {
  swiping.reset();
  place.className = 'frame';
  place.replaceChildren(h('img', { src: object(x.picture), alt: x.prompt, draggable: false }));
  told(x);
  $('#heard').textContent = `${x.prompt}. ${x.why.words}`;
}

function told(x) {
  $('#prompt').textContent = x.prompt;
  $('#why').textContent = x.why.words;
  const word = x.why.attribute?.split(':')[1];
  $('#about').replaceChildren(
    x.why.attribute && x.why.shown ? button(`Forget “${word}”`, { kind: 'quiet', onclick: () => forget(x.why.attribute, word) }) : '',
    x.picture ? h('a', { class: 'button quiet', href: address({ prompt: x.prompt, seed: String(x.seed), n: 1 }) }, 'Open in Make') : '');
}

// follow shows a picture while it is made.
function follow(x) {
  if (waiting?.job === x.job) return;
  leave();
  const stop = new AbortController();
  waiting = { job: x.job, stop };
  swiping.reset();
  place.className = 'frame waiting';
  place.replaceChildren();
  told(x);
  $('#heard').textContent = 'The next picture is being painted.';
  watch(x.job, {
    signal: stop.signal,
    preview: ({ url }) => {
      if (waiting?.job !== x.job) return;
      place.classList.add('preview');
      if (!$('img', place)) place.append(h('img', { alt: `Preview: ${x.prompt}` }));
      $('img', place).src = url;
    },
  }).then(() => { if (waiting?.job === x.job) { leave(); look(); } }, (error) => { if (error?.name !== 'AbortError') trouble(error.message); });
}

function leave() {
  waiting?.stop.abort();
  waiting = null;
}

function trouble(words) {
  leave();
  place.className = 'frame';
  place.replaceChildren();
  $('#prompt').textContent = 'No picture comes';
  $('#why').textContent = words;
  $('#about').replaceChildren(button('Try again', { onclick: look }));
  $('#heard').textContent = words;
}

// judge says of the picture that is shown whether it is kept.
async function judge(keep) {
  if (busy || !view?.now) return;
  busy = true;
  for (const id of ['keep', 'skip']) $('#' + id).disabled = true;
  const gone = swiping.away(keep);
  try {
    const v = await post(`/station/pictures/${view.now.number}`, { verdict: keep ? 'keep' : 'skip' });
    await gone;
    show(v);
    liking.refresh();
  } catch (error) {
    complain(error);
    swiping.reset();
    view = null;
    await look();
  } finally { busy = false; }
}

// past are the pictures before; a press says of one the opposite.
function past(pictures) {
  $('#history').hidden = !pictures.length;
  const focus = document.activeElement?.closest?.('#past button')?.dataset.number;
  $('#past').replaceChildren(...pictures.map((x) => h('li', {}, h('button', {
    type: 'button', title: x.prompt, 'aria-label': `${x.prompt}: kept`, 'aria-pressed': String(x.state === 'kept'), data: { number: x.number },
    onclick: () => post(`/station/pictures/${x.number}`, { verdict: x.state === 'kept' ? 'skip' : 'keep' }).then((v) => { show(v); liking.refresh(); }, complain),
  }, h('div', { class: 'frame' }, h('img', { src: object(x.picture), alt: '', loading: 'lazy' })), icon('heart')))));
  if (focus) $(`#past [data-number="${focus}"]`)?.focus();
}

// forget makes what was said so far not count, of one thing or of all.
async function forget(attribute, word) {
  try {
    await remove('/station/taste' + (attribute ? '?' + new URLSearchParams({ attribute }) : ''));
    say(attribute ? `What you said of “${word}” does not count any more.` : 'All of it is forgotten. What you kept is still in the gallery.');
    if (!attribute) view = null;
    liking.refresh();
    await look();
  } catch (error) { complain(error); }
}

function surprise(percent) {
  $('#explore').value = percent;
  $('#explore-said').textContent = percent === 0 ? 'nothing' : percent === 100 ? 'everything' : `${percent} of 100`;
}

$('#explore').addEventListener('input', (e) => surprise(Number(e.target.value)));
$('#explore').addEventListener('change', (e) => ask('PUT', '/station/settings', { explore: Number(e.target.value) / 100 }).catch(complain));
$('#keep').addEventListener('click', () => judge(true));
$('#skip').addEventListener('click', () => judge(false));
$('#forget').addEventListener('click', async () => { if (await sure('Forget all that you kept and skipped here? A new stream begins.', 'Forget it')) forget(); });
document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.target.closest('input, select, textarea, dialog, .strip')) return;
  if (e.key === 'ArrowRight') judge(true);
  else if (e.key === 'ArrowLeft') judge(false);
  else return;
  e.preventDefault();
});
liking.refresh();
look();

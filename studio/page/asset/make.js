// Make: words, and what else is told, to pictures.
import { get, models, submit } from './api.js';
import { $, complain, h, say } from './dom.js';
import { Input } from './input.js';
import { run } from './result.js';
import { Settings, given } from './settings.js';
import { offerGrid } from './grid.js';

const stage = $('#stage');
const go = $('#go');

const input = new Input({ onsettings: (s) => settings.apply({ ...s, n: 1, strength: undefined }) });
let settings = null;

// What the buttons of pictures do here.
const on = {
  go: (spec) => make({ ...spec, seed: spec.seed ?? String(crypto.getRandomValues(new Uint32Array(1))[0]) }),
  use: (digest) => { input.use({ digest }); $('#prompt').focus(); scrollTo({ top: 0, behavior: 'smooth' }); },
  fill: (spec) => { settings.apply(spec); $('#prompt').focus(); scrollTo({ top: 0, behavior: 'smooth' }); },
};

try {
  settings = new Settings(await models(), input);
  const asked = given();
  if (asked) settings.apply(asked);
  offerGrid(settings, stage);
  $('#make').addEventListener('submit', (e) => { e.preventDefault(); make(settings.spec()); });
  $('#prompt').addEventListener('keydown', (e) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) $('#make').requestSubmit();
  });
  $('#make').classList.add('ready');
  await before();
  if (new URLSearchParams(location.search).has('go')) make(settings.spec());
  if (location.search) history.replaceState(null, '', '/');
} catch (error) { complain(error); }

// make asks for a job and puts what it makes on the stage.
async function make(spec) {
  go.disabled = true;
  try {
    const job = await submit('paint', spec, { onwait: (seconds) => say(`Many are waiting. It is asked again in ${seconds} s.`) });
    settings.show(spec);
    $('.invitation', stage)?.remove();
    const r = run(job, options());
    stage.prepend(r.element);
    if (matchMedia('(max-width: 46rem)').matches) r.element.scrollIntoView({ behavior: 'smooth' });
  } catch (error) { complain(error); }
  go.disabled = false;
}

// options are what the pictures on the stage can do. A job without a class
// makes pictures of each.
function options() {
  return { ...on, classes: (spec) => spec.class || spec.image ? 1 : settings.models.get(spec.model)?.classes?.length || 1 };
}

// before shows the last things that were made, or an invitation if there are
// none yet.
async function before() {
  const { jobs } = await get('/jobs?kind=paint&limit=48');
  // What a station makes ahead is its own.
  const shown = jobs.filter((j) => (j.priority ?? 0) >= 0 && !['failed', 'cancelled'].includes(j.state) && !j.spec.from).slice(0, 4);
  stage.replaceChildren(...shown.map((j) => run(j, options()).element));
  if (shown.length) return;
  const tries = settings.model?.takes.words ? ['a red apple, 3d', 'a cat face, flat', 'a full moon', 'a green car'] : [];
  stage.append(h('div', { class: 'empty invitation' },
    h('h2', {}, tries.length ? 'Say what you would like to see' : 'Make the first picture'),
    h('p', {}, 'Pictures come up here while they are painted.'),
    h('p', { class: 'row' }, tries.map((t) => h('button', { type: 'button', onclick: () => { $('#prompt').value = t; $('#make').requestSubmit(); } }, t)))));
}

// Train: runs, their curves and drawings as they come.
import { cancel, final, get, submit, watch } from './api.js';
import { $, button, complain, h, say, time } from './dom.js';
import { follower } from './job.js';
import { Curves, History } from './curves.js';
import { Through } from './through.js';
import { bringIn, takeAway } from './exchange.js';
import { form } from './trainform.js';
import { twins } from './twins.js';

const list = $('#runs');
const stage = $('#stage');
let runs = [];
let jobs = new Map(); // that are not final, by run
let chosen = []; // names, the first is that which is looked at
const histories = new Map();
const watched = new Set();
const ends = new Map(); // how the last job of a run ended, if badly

const address = new URLSearchParams(location.search);
chosen = (address.get('runs') ?? '').split(' ').filter(Boolean);

// refresh asks for the runs and for the trainings under way.
async function refresh() {
  const [answer, queued, running] = await Promise.all([get('/runs'), get('/jobs?kind=train&state=queued'), get('/jobs?kind=train&state=running')]);
  runs = answer.runs;
  jobs = new Map([...queued.jobs, ...running.jobs].map((j) => [j.spec.run, j]));
  // A run that waits for its turn, or has only just begun, has no folder yet.
  for (const [run, job] of jobs) {
    if (!runs.some((r) => r.name === run)) runs.unshift({ name: run, family: job.spec.recipe ?? '', set: job.spec.set ?? '', step: 0, samples: [], changed: job.created });
    follow(job);
  }
  chosen = chosen.filter((name) => runs.some((r) => r.name === name));
  if (!chosen.length && runs.length) chosen = [(runs.find((r) => jobs.has(r.name)) ?? runs[0]).name];
  listed();
}

function listed() {
  $('#runs-count').textContent = runs.length > 1 ? 'tick to compare' : '';
  const focus = document.activeElement?.closest?.('#runs [data-focus]')?.dataset.focus;
  list.replaceChildren(...runs.map((r) => {
    const sample = r.samples.findLast((x) => x.kind === (r.family === 'autoencoder' ? 'reconstructions' : 'step')) ?? r.samples.at(-1);
    const live = jobs.has(r.name);
    return h('li', { class: chosen.includes(r.name) ? 'here' : '' },
      h('button', { type: 'button', class: 'opens-run', 'aria-current': chosen[0] === r.name ? 'true' : undefined, data: { run: r.name, focus: 'run ' + r.name }, onclick: () => choose([r.name]) },
        sample ? h('img', { class: 'thumb', alt: '', loading: 'lazy', src: `/api/v1/runs/${encodeURIComponent(r.name)}/samples/${sample.file}` }) : h('span', { class: 'thumb' }),
        h('span', {}, h('span', { class: 'name' }, live && h('span', { class: 'live' }), r.name),
          h('span', { class: 'what' }, [r.family, r.set, live ? 'training' : time(r.changed)].filter(Boolean).join(' · ')))),
      h('label', { class: 'compare' }, h('span', { class: 'heard' }, `Compare ${r.name}`),
        h('input', { type: 'checkbox', checked: chosen.includes(r.name), data: { focus: 'tick ' + r.name }, onchange: (e) => choose(e.target.checked ? [...chosen, r.name] : chosen.filter((n) => n !== r.name)) })));
  }));
  if (focus) $(`#runs [data-focus="${CSS.escape(focus)}"]`)?.focus();
  if (!runs.length) list.append(h('li', { class: 'soft small' }, 'No run yet.'));
}

function choose(names) {
  chosen = names.length ? names.slice(0, 6) : chosen;
  history.replaceState(null, '', '?' + new URLSearchParams({ runs: chosen.join(' ') }));
  listed();
  build();
}

let shown = null; // what is on the stage

// build puts the chosen runs on the stage.
function build() {
  shown = null;
  if (!chosen.length) {
    stage.replaceChildren(h('div', { class: 'empty' }, h('h2', {}, 'Nothing was trained yet'), h('p', {}, 'Shapes need no files: a small autoencoder learns them in minutes, and its curves come up here.'),
      button('Begin a run', { kind: 'primary', onclick: () => { $('#begin').open = true; $('#name').focus(); } })));
    return;
  }
  const curves = new Curves();
  const through = new Through();
  const head = h('header', { class: 'stack tight' });
  const place = h('div', {});
  shown = { names: chosen, curves, through, head, place, job: null, painters: '' };
  shown.twins = h('div', {});
  stage.replaceChildren(head, place, curves.lead, through.element, curves.element, shown.twins);
  update(true).catch(complain);
}

// update brings what is on the stage up to date.
async function update(all) {
  const now = shown;
  if (!now) return;
  const own = now.names.map((name) => runs.find((r) => r.name === name)).filter(Boolean);
  header(now, own);
  const lines = await Promise.all(own.map(async (r) => {
    if (!histories.has(r.name)) histories.set(r.name, new History(r.name));
    const x = histories.get(r.name);
    if (r.family && r.changed && (all || jobs.has(r.name) || x.step < r.step)) await x.more().catch((error) => { if (error.status !== 404) throw error; });
    return x;
  }));
  if (now !== shown || !lines.length) return;
  now.curves.draw(lines);
  now.through.set(own);
  const painters = own.filter((r) => r.model).map((r) => r.name).join();
  if (painters !== now.painters) {
    now.painters = painters;
    now.twins.replaceChildren(painters ? twins(own.filter((r) => r.model)) : '');
  }
}

function header(now, own) {
  if (own.length > 1) {
    now.head.replaceChildren(h('h2', {}, own.map((r) => r.name).join(' and ')), h('p', { class: 'soft' }, 'Their curves over each other; what they drew, at the same step.'));
    now.place.replaceChildren();
    return;
  }
  const r = own[0];
  if (!r) return;
  const job = jobs.get(r.name);
  const facts = [r.family, r.set && `on ${r.set}`, r.size && `${r.size} × ${r.size}${r.channels ? ` × ${r.channels}` : ''}`, r.batch && `batch ${r.batch}`, r.rate && `rate ${r.rate}`, r.seed && `seed ${r.seed}`, r.step && `step ${r.step.toLocaleString()}`].filter(Boolean);
  const tools = h('div', { class: 'row' });
  if (job) tools.append(button('Stop', { drawing: 'stop', data: { does: 'stop' }, onclick: (e) => { e.currentTarget.disabled = true; cancel(job.id).then(() => say('Stopping after this step; everything is saved.'), complain); } }));
  else if (r.checkpoint && !(r.images && r.step * r.batch >= r.images)) tools.append(button('Resume', { drawing: 'play', data: { does: 'resume' }, onclick: (e) => { e.currentTarget.disabled = true; resume(r.name); } }));
  if (r.model && ['vae', 'gan', 'flow', 'autoencoder'].includes(r.family)) tools.append(h('a', { class: 'button quiet', href: '/?model=' + encodeURIComponent(r.name) }, 'Make pictures with it'));
  if (r.model && ['vae', 'gan', 'flow', 'autoencoder'].includes(r.family)) tools.append(h('a', { class: 'button quiet', href: '/report?model=' + encodeURIComponent(r.name) }, 'What goes wrong'));
  if (r.model) tools.append(takeAway(r.name));
  const key = [facts, Boolean(job), r.checkpoint, r.model].join();
  if (now.key !== key) {
    now.key = key;
    now.head.replaceChildren(h('div', { class: 'row apart' }, h('h2', {}, r.name), tools), h('p', { class: 'row' }, facts.map((f) => h('span', { class: 'chip' }, f))),
      r.broken ? h('p', { class: 'problem' }, r.broken) : '', ends.has(r.name) && !job ? h('p', { class: 'problem', role: 'alert' }, ends.get(r.name)) : '');
  }
  if (job && now.job !== job.id) {
    now.job = job.id;
    now.follow = follower({ stop: false });
    now.place.replaceChildren(now.follow.element);
  }
  if (job) now.follow.show(job);
  else { now.place.replaceChildren(); now.job = null; }
}

async function resume(run) {
  try { begun(await submit('train', { run, resume: true })); } catch (error) { complain(error); now(); }
}

function begun(job) {
  ends.delete(job.spec.run);
  $('#begin').open = false;
  chosen = [job.spec.run];
  histories.delete(job.spec.run);
  now(true);
  $('#stage').scrollIntoView({ block: 'nearest' });
}

// follow hears of a training until it ends.
function follow(job) {
  if (watched.has(job.id)) return;
  watched.add(job.id);
  watch(job.id, { job: (j) => {
    if (!final(j)) jobs.set(j.spec.run, j);
    if (shown?.names.length === 1 && shown.names[0] === j.spec.run && !final(j)) shown.follow?.show(j);
  } }).then((j) => {
    jobs.delete(j.spec.run);
    if (j.state === 'failed') ends.set(j.spec.run, j.error);
    now();
  }, complain);
}

let busy = false;

// now refreshes once; with build, the stage is put up anew.
async function now(anew) {
  if (busy) return;
  busy = true;
  try {
    await refresh();
    if (anew || !shown || chosen.join() !== shown.names.join()) build();
    else await update(false);
  } catch (error) { complain(error); } finally { busy = false; }
}

// Curves come every two seconds while something is trained here, and seldom
// else: a run may have been begun on the command line.
let turn = 0;
setInterval(() => {
  if (document.hidden) return;
  turn++;
  if (jobs.size || turn % 8 === 0) now();
}, 2000);

form(begun);
$('#bring').append(bringIn(() => { $('#bring').open = false; }));
now(true);

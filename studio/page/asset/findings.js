// What inspectors find in a picture, drawn over it, and a repair.
import { models, post, submit } from './api.js';
import { $, $$, button, complain, h, say } from './dom.js';
import { compare } from './compare.js';
import { follow } from './job.js';

const percent = (p) => p < 0.005 ? '< 1 %' : p > 0.995 ? '> 99 %' : `${Math.round(100 * p)} %`;
const title = (f) => f.inspector.charAt(0).toUpperCase() + f.inspector.slice(1);
const tone = (f) => !f.applies ? '' : f.faulty ? 'deny' : f.probability > 0.5 ? 'quarantine' : 'allow';

// findings is a part of the viewer; the stage is where the picture is seen
// large. repaired(picture) hears of a new one.
export function findings(picture, stage, repaired) {
  const place = h('div', { class: 'stack tight' });
  const look = button('Look for faults', { drawing: 'inspect', onclick: inspect });
  const element = h('section', { class: 'findings stack tight', 'aria-label': 'What inspectors find' },
    h('div', { class: 'row' }, look, h('a', { class: 'button', href: '/trace?picture=' + encodeURIComponent(picture.digest) }, 'Where is it from?')), place);
  if (picture.meta?.repaired) place.append(...gained(picture.meta.repaired));

  async function inspect() {
    look.disabled = true;
    place.replaceChildren(h('p', { class: 'soft small', role: 'status' }, 'Looking …'));
    try {
      const report = await post('/inspections', { picture: picture.digest });
      show(report);
      look.hidden = true;
    } catch (error) { place.replaceChildren(); complain(error); look.disabled = false; }
  }

  function show(report) {
    const list = report.findings.map((f) => {
      const b = h('button', { type: 'button', class: 'finding', 'aria-pressed': 'false', disabled: !f.heat && !f.regions?.length, data: { inspector: f.inspector }, onclick: () => choose(f, b) },
        h('span', { class: `verdict ${tone(f)}` }, title(f)), h('span', { class: 'small number' }, f.applies ? percent(f.probability) : 'not judged'), h('span', { class: 'small soft words' }, f.sentence));
      return b;
    });
    function choose(f, b) {
      const on = b.getAttribute('aria-pressed') !== 'true';
      for (const other of list) other.setAttribute('aria-pressed', 'false');
      clear(stage);
      if (!on) return;
      b.setAttribute('aria-pressed', 'true');
      draw(stage, report, f);
      stage.scrollIntoView({ block: 'nearest' });
    }
    const faulty = report.findings.some((f) => f.faulty);
    const mend = faulty && button('Repair it', { kind: 'primary', drawing: 'brush', onclick: (e) => repair(e.currentTarget) });
    place.replaceChildren(
      h('p', { role: 'status' }, faulty ? 'Something is probably wrong.' : report.findings.some((f) => f.applies) ? 'No fault is sure enough to be called one.' : 'There is nothing here that inspectors can judge.'),
      h('div', { class: 'stack tight' }, list), ...(mend ? [mend] : []),
      h('p', { class: 'hint' }, 'How probable a fault is, on pictures half of which have it. Press one to see where.'));
    const worst = report.findings.filter((f) => f.faulty && (f.heat || f.regions?.length)).sort((a, b) => b.probability - a.probability)[0];
    if (worst) choose(worst, list[report.findings.indexOf(worst)]);
  }

  async function repair(b) {
    b.disabled = true;
    try {
      const known = await models();
      const can = known.filter((m) => m.offers.includes('inpainting'));
      const model = can.find((m) => m.name === picture.meta?.model) ?? can[0];
      if (!model) throw new Error('No model here can paint inside a mask.');
      const spec = { model: model.name, image: picture.digest, repair: {} };
      if (model.takes.words) spec.prompt = picture.meta?.prompt ?? '';
      const job = await follow(await submit('paint', spec), place);
      if (job.state !== 'done') return;
      const [r] = job.results;
      say('Repaired. Both are in the gallery.');
      clear(stage);
      stage.replaceChildren(compare(picture.digest, r.digest, r.meta));
      place.replaceChildren(...gained(r.meta.repaired));
      repaired?.({ digest: r.digest, job: job.id, spec: job.spec, meta: r.meta });
    } catch (error) { complain(error); } finally { b.disabled = false; }
  }
  return element;
}

// gained says what a repair has changed.
function gained(r) {
  return [h('p', {}, `${percent(r.share)} of the picture was painted anew, the best of ${r.tries} tries.`),
    h('table', { class: 'gained' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Fault'), h('th', { scope: 'col' }, 'Before'), h('th', { scope: 'col' }, 'After'))),
      h('tbody', {}, r.before.findings.map((f, i) => [f, r.after.findings[i]]).filter(([b, a]) => b.applies || a.applies)
        .map(([b, a]) => h('tr', {}, h('th', { scope: 'row' }, title(b)), h('td', { class: 'number' }, b.applies ? percent(b.probability) : '–'), h('td', { class: 'number' }, a.applies ? percent(a.probability) : '–')))))];
}

function clear(stage) { for (const e of $$('.heat, .region', stage)) e.remove(); }

// draw lays a heat map and the worst places over the picture.
function draw(stage, report, f) {
  const frame = $('.frame', stage);
  if (!frame) return;
  if (f.heat) {
    const { width, height, values } = f.heat;
    const canvas = h('canvas', { class: 'heat', width, height, 'aria-hidden': 'true' });
    const image = new ImageData(width, height);
    const bytes = atob(values);
    for (let i = 0; i < bytes.length; i++) {
      const v = bytes.charCodeAt(i);
      image.data.set([226, Math.max(30, 150 - v / 2), 30, Math.min(205, v * 1.05)], 4 * i);
    }
    canvas.getContext('2d').putImageData(image, 0, 0);
    frame.append(canvas);
  }
  for (const r of f.regions ?? []) {
    const box = h('div', { class: 'region', title: r.what ?? '', 'aria-hidden': 'true' });
    const { Min, Max } = r.box;
    Object.assign(box.style, { left: `${100 * Min.X / report.width}%`, top: `${100 * Min.Y / report.height}%`, width: `${100 * (Max.X - Min.X) / report.width}%`, height: `${100 * (Max.Y - Min.Y) / report.height}%` });
    frame.append(box);
  }
}

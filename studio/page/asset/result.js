// What a job makes, as it comes to be: frames with previews, then pictures.
import { final, watch } from './api.js';
import { buttons } from './actions.js';
import { $, button, complain, h } from './dom.js';
import { follower } from './job.js';
import { describe, frame } from './picture.js';
import { view } from './viewer.js';

// run is the element of a job; it follows the job to its end. on are what the
// buttons of its pictures do.
export function run(job, on = {}) {
  const spec = job.spec;
  const follow = follower();
  const list = h('ul', { class: 'pictures' });
  const facts = [spec.model, spec.steps && `${spec.steps} steps`, spec.guidance && `guidance ${spec.guidance}`, spec.image && (spec.mask ? 'inside a mask' : 'from a picture')].filter(Boolean);
  const element = h('article', { class: 'run', data: { job: job.id } },
    h('header', { class: 'row apart' },
      h('h2', {}, spec.prompt || spec.class || 'Without words'),
      h('p', { class: 'row small soft' }, facts.map((f) => h('span', { class: 'chip' }, f)),
        button('', { drawing: 'copy', label: 'Use these settings', kind: 'quiet square', onclick: () => on.fill?.({ ...spec, seed: spec.seed === undefined ? undefined : String(spec.seed) }) }))),
    follow.element, list);
  const frames = [];
  const count = Math.max(1, spec.n || 1) * (on.classes?.(spec) ?? 1);
  list.dataset.count = String(Math.min(count, 9));
  for (let i = 0; i < count && !final(job); i++) {
    const f = h('div', { class: 'frame waiting' });
    frames.push(f);
    list.append(h('li', { class: 'picture' }, f));
  }
  const previews = ({ number, url }) => {
    const f = frames[number];
    if (!f) return;
    let image = $('img', f);
    if (!image) f.append(image = h('img', { alt: `Preview of picture ${number + 1}` }));
    image.src = url;
    f.classList.add('preview');
  };
  const show = (state) => {
    follow.show(state);
    element.dataset.state = state.state;
    if (!final(state)) return;
    follow.element.hidden = state.state === 'done';
    const made = (state.results ?? []).filter((r) => r.type.startsWith('image/')).map((r) => ({ digest: r.digest, job: state.id, spec: state.spec, meta: r.meta ?? {} }));
    list.dataset.count = String(Math.min(made.length, 9));
    list.replaceChildren(...made.map((p, i) => card(p, on, made, i)));
  };
  show(job);
  const done = final(job) ? Promise.resolve(job) : watch(job.id, { job: show, preview: previews });
  done.catch(complain);
  return { element, done };
}

// card is one picture with its buttons. Together are those among which one can
// leaf when it is seen large.
export function card(picture, on = {}, together = [picture], at = 0) {
  const open = h('button', { type: 'button', class: 'opens', 'aria-label': `${describe(picture.meta)}: see it large`, onclick: () => view(together, at, on) }, frame(picture.digest, picture.meta, { lazy: true }));
  $('img', open).alt = '';
  const element = h('li', { class: 'picture', data: { digest: picture.digest } }, open, h('div', { class: 'tools' }, buttons(picture, { ...on, deleted: undefined }))); // that is asked for where it is large
  const show = () => { element.dataset.mark = picture.mark ?? ''; };
  const before = picture.onmark;
  picture.onmark = () => { before?.(); show(); };
  show();
  return element;
}

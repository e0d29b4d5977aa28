// From one picture to another: a job of frames, shown as a strip and as a moving
// picture.
import { models, object, submit, watch } from './api.js';
import { $, button, complain, h } from './dom.js';
import { follower } from './job.js';
import { frame } from './picture.js';

const frames = 12;

// offerBetween lets two pictures be chosen one after the other; seeking(bool)
// hears when the second one is wanted.
export function offerBetween(place, seeking) {
  let first = null;
  let shown = [];
  function end() {
    first = null;
    seeking(false);
  }
  return {
    seeks: () => first !== null,
    kept: () => shown,
    from(picture) {
      first = picture;
      seeking(true);
      const bar = h('div', { class: 'panel row like' }, frame(picture.digest, picture.meta),
        h('p', { class: 'grow', role: 'status' }, 'Now choose the picture to go to.'),
        button('Cancel', { onclick: () => { end(); bar.remove(); shown = []; } }));
      shown = [bar];
      place.replaceChildren(bar);
      $('#found .opens')?.focus();
    },
    async to(picture) {
      const from = first;
      end();
      try {
        const model = await fitting(from, picture);
        const job = await submit('paint', { model, n: frames, prompt: '', from: { image: from.digest }, to: { image: picture.digest } });
        const m = new Movie(job, () => { shown = []; m.element.remove(); });
        shown = [m.element];
        place.replaceChildren(m.element);
        m.element.scrollIntoView({ block: 'nearest' });
        await m.play();
      } catch (error) { complain(error); }
    },
  };
}

// fitting is a model that can go between two pictures: the one of the first if
// it can.
async function fitting(a, b) {
  const can = (await models()).filter((m) => m.offers.includes('interpolation'));
  const names = can.map((m) => m.name);
  const name = [a.meta.model, b.meta.model, ...names].find((n) => names.includes(n));
  if (!name) throw new Error('No model here goes between two pictures: that wants a VAE, a GAN or a flow.');
  return name;
}

class Movie {
  constructor(job, closed) {
    this.job = job;
    this.follow = follower();
    this.stage = h('div', { class: 'frame waiting' });
    this.strip = h('div', { class: 'strip', tabIndex: 0, role: 'group', 'aria-label': 'Frames' });
    this.at = 0;
    this.playing = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.toggle = button('', { drawing: 'pause', label: 'Play or pause', kind: 'square', hidden: true, onclick: () => { this.playing = !this.playing; this.toggle.setAttribute('aria-pressed', String(this.playing)); } });
    this.element = h('section', { class: 'panel movie', 'aria-label': 'From one picture to the other' },
      this.stage,
      h('div', { class: 'stack grow' }, h('div', { class: 'row apart' }, h('h2', {}, 'From one to the other'), h('div', { class: 'row' }, this.toggle, button('', { drawing: 'close', label: 'Close', kind: 'quiet square', onclick: () => { clearInterval(this.timer); closed(); } }))), this.follow.element, this.strip));
    this.follow.show(job);
  }

  async play() {
    const done = await watch(this.job.id, { job: this.follow.show });
    this.stage.classList.remove('waiting');
    if (done.state !== 'done') return;
    this.follow.element.hidden = true;
    this.frames = done.results.map((r) => r.digest);
    this.frames.forEach((d, i) => this.strip.append(h('button', { type: 'button', class: 'opens', 'aria-label': `Frame ${i + 1}`, onclick: () => { this.playing = false; this.show(i); } }, frame(d, {}))));
    this.image = h('img', { alt: 'A frame on the way' });
    this.stage.replaceChildren(this.image);
    this.toggle.hidden = false;
    this.toggle.setAttribute('aria-pressed', String(this.playing));
    this.show(0);
    this.timer = setInterval(() => { if (this.playing) this.show(this.at + 1); }, 160);
  }

  // show counts forth and back.
  show(i) {
    const n = this.frames.length;
    this.at = i % (2 * n - 2);
    const j = this.at < n ? this.at : 2 * n - 2 - this.at;
    this.image.src = object(this.frames[j]);
    [...this.strip.children].forEach((e, k) => e.toggleAttribute('data-here', k === j));
  }
}

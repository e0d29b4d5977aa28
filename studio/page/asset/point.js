// A point of a map, large: what lies there, and what can be done with it.
import { upload } from './api.js';
import { button, complain, h, later } from './dom.js';
import { address, draw } from './settings.js';

// tile is the address of a square of a map.
export function tile(model, at) {
  const q = new URLSearchParams({ model: model.name, v: model.digest.slice(-12) });
  for (const [key, value] of Object.entries(at)) {
    if (key === 'corners') for (const c of value) q.append('corner', `${c.seed}:${c.prompt}`);
    else if (value !== undefined && value !== '') q.set(key, typeof value === 'number' ? String(+value.toFixed(5)) : value);
  }
  return '/api/v1/explore/tile?' + q;
}

// Point shows the picture at an address.
export class Point {
  constructor(model, title) {
    this.model = model;
    this.image = h('img', { alt: title });
    this.frame = h('div', { class: 'frame large-point' }, this.image);
    this.where = h('p', { class: 'small soft number' });
    this.element = h('aside', { class: 'stack point' }, this.frame, this.where, h('div', { class: 'row' },
      button('Start from it', { drawing: 'input', onclick: () => this.start() }),
      button('Download', { drawing: 'download', kind: 'quiet', onclick: () => h('a', { href: this.image.src, download: 'limner-point.png' }).click() })));
    // What is passed by on the way is not asked for.
    this.show = later((url, where) => {
      this.frame.classList.add('waiting');
      this.image.onload = () => this.frame.classList.remove('waiting');
      this.image.src = url;
      this.where.textContent = where;
    }, 120);
  }

  async start() {
    try {
      const up = await upload(await (await fetch(this.image.src)).blob());
      location.href = address({ model: this.model.name, image: up.digest });
    } catch (error) { complain(error); }
  }
}

// Loader asks for pictures two at a time, the most wanted first, and forgets
// those that are no longer wanted.
export class Loader {
  constructor() { this.waiting = []; this.busy = 0; }

  want(image, url, worth) {
    this.waiting.push({ image, url, worth });
    queueMicrotask(() => this.next());
  }

  drop(test) { this.waiting = this.waiting.filter((w) => !test(w.image)); }

  next() {
    while (this.busy < 2 && this.waiting.length) {
      this.waiting.sort((a, b) => a.worth() - b.worth());
      const { image, url } = this.waiting.shift();
      this.busy++;
      const done = () => { this.busy--; image.parentElement?.classList.remove('waiting'); this.next(); };
      image.onload = image.onerror = done;
      image.src = url;
    }
  }
}

export { draw };

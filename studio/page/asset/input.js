// The picture that Make starts from: by file, paste, or drag, from here or from
// elsewhere; how strongly it is changed, and where.
import { upload, object } from './api.js';
import { $, button, complain, h, say } from './dom.js';
import { paintMask } from './mask.js';

// Input is that part of the form. onsettings hears the settings of a picture
// that says how it was made.
export class Input {
  constructor({ onsettings }) {
    this.onsettings = onsettings;
    this.place = $('#input');
    this.image = null; // {digest, width, height}
    this.mask = null; // {digest, url}
    this.first = undefined; // number of a picture whose settings came back
    this.offers = [];
    this.listen();
  }

  fit(model) {
    this.offers = model.offers;
    this.draw();
  }

  spec() {
    const s = this.first ? { first: this.first } : {};
    if (!this.image || !this.offers.includes('variation')) return s;
    Object.assign(s, { image: this.image.digest, strength: this.strength });
    if (this.mask) s.mask = this.mask.digest;
    return s;
  }

  apply(s) {
    this.first = s.first || undefined;
    this.image = s.image ? { digest: s.image } : null;
    this.mask = s.mask ? { digest: s.mask, url: object(s.mask) } : null;
    this.chosen = s.strength;
    this.draw();
  }

  // take uploads a picture; one that says how it was made gives its settings
  // back instead, unless it is wanted as it is.
  async take(blob, { asIs = false } = {}) {
    try {
      const up = await upload(blob);
      if (up.settings && !asIs) {
        this.onsettings(up.settings);
        say('The settings of the picture are back.', { label: 'Start from it instead', action: () => this.use(up) });
      } else this.use(up);
    } catch (error) { complain(error); }
  }

  // use starts from a picture that the studio has: {digest}.
  use(image) {
    this.image = image;
    this.mask = null;
    this.first = undefined;
    this.draw();
    if (!this.offers.includes('variation')) say('This model takes no picture; another one does.', { problem: true });
  }

  get strength() { return this.chosen ?? (this.mask ? 1 : 0.6); }

  draw() {
    const shown = this.image && this.offers.includes('variation');
    this.place.hidden = !shown;
    if (!shown) return this.place.replaceChildren();
    const said = h('output', { for: 'strength' }, this.strength.toFixed(2));
    const range = h('input', {
      type: 'range', id: 'strength', min: '0', max: '1', step: '0.05', value: String(this.strength),
      oninput: (e) => { this.chosen = Number(e.target.value); said.textContent = this.chosen.toFixed(2); },
    });
    const picture = h('div', { class: 'frame' }, h('img', { src: object(this.image.digest), alt: 'The picture to start from' }),
      this.mask && h('img', { class: 'over', src: this.mask.url, alt: 'Light where it is painted anew' }));
    this.place.replaceChildren(picture, h('div', { class: 'stack tight grow' },
      h('div', { class: 'field' }, h('label', { for: 'strength' }, 'How much changes', said), range),
      h('div', { class: 'row' },
        this.offers.includes('inpainting') && button(this.mask ? 'Mask' : 'Paint a mask', { drawing: 'brush', kind: 'quiet', id: 'mask', onclick: () => this.edit() }),
        this.mask && button('', { drawing: 'eraser', label: 'Without the mask', kind: 'quiet square', onclick: () => { this.mask = null; this.draw(); } }),
        button('', { drawing: 'close', label: 'Without the picture', kind: 'quiet square', onclick: () => { this.image = null; this.mask = null; this.draw(); $('#choose').focus(); } }))));
  }

  async edit() {
    try {
      const blob = await paintMask(object(this.image.digest), this.mask?.url);
      if (blob) {
        const up = await upload(blob);
        this.mask = { digest: up.digest, url: object(up.digest) };
      }
      this.draw();
      $('#mask')?.focus();
    } catch (error) { complain(error); }
  }

  listen() {
    const zone = $('#drop');
    const file = $('#file');
    $('#choose').addEventListener('click', () => file.click());
    file.addEventListener('change', () => {
      if (file.files.length) this.take(file.files[0]);
      file.value = '';
    });
    document.addEventListener('paste', (e) => {
      const item = [...(e.clipboardData?.items ?? [])].find((i) => i.kind === 'file' && i.type.startsWith('image/'));
      if (!item) return;
      e.preventDefault();
      this.take(item.getAsFile());
    });
    let depth = 0; // of elements that the pointer is over
    document.addEventListener('dragenter', (e) => { e.preventDefault(); zone.classList.toggle('over', ++depth > 0); });
    document.addEventListener('dragleave', () => { zone.classList.toggle('over', --depth > 0); });
    document.addEventListener('dragover', (e) => e.preventDefault());
    document.addEventListener('drop', (e) => {
      e.preventDefault();
      depth = 0;
      zone.classList.remove('over');
      const digest = e.dataTransfer.getData('application/x-limner-digest');
      const dropped = [...e.dataTransfer.files].find((f) => f.type.startsWith('image/'));
      if (digest) this.use({ digest });
      else if (dropped) this.take(dropped);
      else say('That is no picture. Drop a PNG, JPEG, WebP, GIF or SVG file.', { problem: true });
    });
  }
}

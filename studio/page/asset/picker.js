// A place for a picture: chosen out of the gallery, from a file, or dropped.
import { get, object, upload } from './api.js';
import { button, complain, h } from './dom.js';
import { frame } from './picture.js';

// Picker holds a picture's digest; onpick hears of a new one.
export class Picker {
  constructor(title, onpick) {
    this.title = title;
    this.onpick = onpick;
    this.digest = null;
    this.frame = h('div', { class: 'frame slot' }, h('span', { class: 'soft small' }, 'No picture yet'));
    this.element = h('div', {
      class: 'stack tight picker',
      ondragover: (e) => e.preventDefault(),
      ondrop: (e) => { e.preventDefault(); this.dropped(e.dataTransfer); },
    }, h('h2', {}, title), this.frame, button('Choose', { drawing: 'image', onclick: () => this.choose() }));
  }

  set(digest) {
    this.digest = digest;
    this.frame.replaceChildren(h('img', { src: object(digest), alt: this.title }));
    this.onpick?.(digest);
  }

  async file(blob) {
    try { this.set((await upload(blob)).digest); } catch (error) { complain(error); }
  }

  dropped(data) {
    const digest = data.getData('application/x-limner-digest');
    if (digest) this.set(digest);
    else if (data.files.length) this.file(data.files[0]);
  }

  // choose shows what was made last, and takes a file.
  async choose() {
    let pictures = [];
    try { ({ pictures } = await get('/gallery?limit=48')); } catch (error) { complain(error); }
    const take = (f) => (value) => { dialog.close(); f(value); };
    const file = h('input', { type: 'file', accept: 'image/*', id: 'picker-file', onchange: (e) => take((b) => this.file(b))(e.target.files[0]) });
    const dialog = h('dialog', { class: 'broad', 'aria-labelledby': 'picker-title', onclose: () => dialog.remove() },
      h('div', { class: 'stack' },
        h('div', { class: 'row apart' }, h('h2', { id: 'picker-title' }, this.title), button('', { drawing: 'close', label: 'Close', kind: 'quiet square', onclick: () => dialog.close() })),
        h('div', { class: 'field' }, h('label', { for: 'picker-file' }, 'A file'), file),
        h('ul', { class: 'pictures small-pictures' }, pictures.map((p) => h('li', {}, h('button', { type: 'button', class: 'opens', onclick: () => take((d) => this.set(d))(p.digest) }, frame(p.digest, p.meta, { lazy: true })))))));
    document.body.append(dialog);
    dialog.showModal();
  }
}

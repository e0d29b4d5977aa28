// Sliders that move a picture along the attributes of a VAE's data set.
import { get } from './api.js';
import { button, complain, h, later } from './dom.js';
import { Picker } from './picker.js';

// showSlide puts the sliders into a place.
export function showSlide(place, model) {
  const amounts = new Map();
  const image = h('img', { alt: 'The picture, moved' });
  const frame = h('div', { class: 'frame' }, image);
  const list = h('div', { class: 'sliders' }, h('p', { class: 'soft' }, 'Looking for attributes in the data set …'));
  const show = later(() => {
    if (!picker.digest) return;
    const q = new URLSearchParams({ model: model.name, v: model.digest.slice(-12), image: picker.digest });
    for (const [name, amount] of amounts) if (amount) q.append('toward', `${name}:${amount}`);
    frame.classList.add('waiting');
    image.onload = () => frame.classList.remove('waiting');
    image.onerror = () => { frame.classList.remove('waiting'); complain(new Error('The picture cannot be moved that way.')); };
    image.src = '/api/v1/explore/move?' + q;
  }, 150);
  const picker = new Picker('The picture to move', show);
  place.append(h('div', { class: 'exploring sliding' },
    h('div', { class: 'pair two' }, picker.element, h('div', { class: 'stack tight' }, h('h2', {}, 'Moved'), frame)),
    h('div', { class: 'stack' }, h('div', { class: 'row apart' }, h('h2', {}, 'Toward'), button('All to the middle', { kind: 'quiet', onclick: reset })), list)));

  function reset() {
    for (const input of list.querySelectorAll('input')) {
      input.value = '0';
      input.dispatchEvent(new Event('input'));
    }
  }

  get('/explore/attributes?' + new URLSearchParams({ model: model.name })).then(({ attributes }) => {
    if (!attributes.length) {
      list.replaceChildren(h('p', { class: 'soft' }, 'This data set tells nothing apart: it has neither classes that the model was not told, nor captions with words in common.'));
      return;
    }
    list.replaceChildren(...attributes.map((name, i) => {
      const said = h('output', { for: `toward-${i}` }, '0');
      return h('div', { class: 'field' }, h('label', { for: `toward-${i}` }, name, said), h('input', {
        type: 'range', id: `toward-${i}`, min: '-3', max: '3', step: '0.25', value: '0',
        oninput: (e) => { amounts.set(name, Number(e.target.value)); said.textContent = e.target.value; show(); },
      }));
    }));
  }, (error) => list.replaceChildren(h('p', { class: 'problem' }, error.message)));
}

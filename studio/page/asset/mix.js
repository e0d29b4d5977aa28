// Style mixing: what is in one picture, as another one is.
import { submit, watch } from './api.js';
import { button, complain, h } from './dom.js';
import { follower } from './job.js';
import { frame } from './picture.js';
import { Picker } from './picker.js';

// showMix puts two pictures and their mixture into a place.
export function showMix(place, model) {
  const content = new Picker('What is in it', ready);
  const style = new Picker('As what it is', ready);
  const out = h('div', { class: 'frame slot' }, h('span', { class: 'soft small' }, 'Choose two pictures'));
  const status = h('div', {});
  const go = button('Mix', { kind: 'primary', disabled: true, onclick: mix });
  place.append(h('div', { class: 'mixing' }, content.element, style.element, h('div', { class: 'stack tight picker' }, h('h2', {}, 'The mixture'), out, go, status)),
    h('p', { class: 'hint' }, 'The first picture keeps its shape and pose; it becomes one of the class of the second.'));

  function ready() { go.disabled = !(content.digest && style.digest); }

  async function mix() {
    go.disabled = true;
    const f = follower();
    status.replaceChildren(f.element);
    out.classList.add('waiting');
    try {
      const job = await submit('paint', { model: model.name, n: 1, image: content.digest, style: style.digest });
      f.show(job);
      const done = await watch(job.id, { job: f.show });
      if (done.state === 'done') {
        status.replaceChildren();
        out.replaceChildren(...frame(done.results[0].digest, done.results[0].meta).childNodes);
      }
    } catch (error) { complain(error); }
    out.classList.remove('waiting');
    ready();
  }
}

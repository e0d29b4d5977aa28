// What a station has learnt: what is thought of each thing, and a button that
// forgets it.
import { get } from './api.js';
import { $, button, complain, h } from './dom.js';

const most = 14; // things that are listed

// taste keeps the list up to date; forget(attribute, word) hears what is to be
// forgotten.
export function taste(forget) {
  const list = $('#taste');
  async function refresh() {
    let all;
    try { ({ taste: all } = await get('/station/taste')); } catch (error) { return complain(error); }
    $('#forget').hidden = !all.length;
    if (!all.length) {
      list.replaceChildren(h('li', { class: 'nothing soft' }, 'Nothing yet. Keep what you like and skip what you do not; the next pictures go by it.'));
      return;
    }
    // What it is surest of, and the dearest first.
    const sure = all.toSorted((a, b) => Math.abs(b.worth) - Math.abs(a.worth)).slice(0, most).sort((a, b) => b.worth - a.worth);
    list.replaceChildren(...sure.map(line));
  }

  function line(x) {
    const bar = h('i', { class: x.worth < 0 ? 'less' : '' });
    const size = Math.min(50, 100 * Math.abs(x.worth));
    bar.style.width = size + '%';
    bar.style.left = (x.worth < 0 ? 50 - size : 50) + '%';
    return h('li', {},
      h('span', {}, x.word, h('span', { class: 'kind' }, `${x.kind}, kept ${x.kept} of ${x.shown}`)),
      h('span', { class: 'balance', role: 'img', 'aria-label': x.worth < 0 ? 'rather not' : 'gladly' }, bar),
      button('', { drawing: 'close', label: `Forget ${x.word}`, kind: 'quiet square', onclick: () => forget(x.attribute, x.word) }));
  }
  return { refresh };
}

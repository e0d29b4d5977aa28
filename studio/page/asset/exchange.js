// Models that are brought in as files.
import { ask } from './api.js';
import { $, complain, h, say } from './dom.js';

const plain = (name) => name.replace(/\.safetensors$/i, '').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 63);

// bringIn is a form that takes a model file; taken() hears of a new one.
export function bringIn(taken) {
  const file = h('input', { id: 'model-file', type: 'file', accept: '.safetensors', required: true, onchange: () => { if (file.files[0] && !name.value) name.value = plain(file.files[0].name); } });
  const name = h('input', { id: 'model-name', required: true, maxlength: '63', pattern: '[A-Za-z0-9][A-Za-z0-9._\\-]*', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' });
  const form = h('form', { class: 'stack', onsubmit: async (e) => {
    e.preventDefault();
    const go = $('.primary', form);
    go.disabled = true;
    try {
      const m = await ask('POST', '/models?' + new URLSearchParams({ name: name.value }), file.files[0]);
      say(m.paints ? `${m.name} is here: a ${m.family} that makes pictures of ${m.pictures}.` : `${m.name} is here: a ${m.family}, a part that other models are built on.`);
      form.reset();
      taken(m);
    } catch (error) { complain(error); } finally { go.disabled = false; }
  } },
  h('div', { class: 'field' }, h('label', { for: 'model-file' }, 'Model file (safetensors)'), file, h('p', { class: 'hint' }, 'One of Limner\u2019s, at most 1 GiB. It is verified before it is kept.')),
  h('div', { class: 'field' }, h('label', { for: 'model-name' }, 'Name'), name),
  h('div', { class: 'row end' }, h('button', { class: 'primary' }, 'Bring it in')));
  return form;
}

// takeAway is a link to the file of a model.
export const takeAway = (name) => h('a', { class: 'button quiet', href: `/api/v1/models/${encodeURIComponent(name)}/file`, download: name + '.safetensors' }, 'Download');

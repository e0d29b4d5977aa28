// The claims of rights holders, and a form for a new one.
import { get, post } from './api.js';
import { $, complain, h, say } from './dom.js';
import { thumb } from './datadecisions.js';
import { many } from './datawords.js';

const standings = { held: ['quarantine', 'Open: what it names is held'], upheld: ['deny', 'Upheld: what it names is out'], released: ['allow', 'Rejected: what it names is free'] };

export async function claims(put, query) {
  const { claims: list } = await get('/data/claims');
  put(h('div', { class: 'split' },
    form(query),
    h('section', { class: 'stack', 'aria-labelledby': 'claims-title' }, h('h2', { id: 'claims-title' }, list.length ? many(list.length, 'claim') : 'No claim was made'),
      list.length ? '' : h('p', { class: 'soft' }, 'A claim holds at once all that it names and all that looks like it: nothing of it is let into a data set until somebody has judged.'),
      list.map((c) => {
        const [tone, words] = standings[c.standing] ?? ['quarantine', c.state];
        return h('article', { class: 'panel stack' },
          h('div', { class: 'row apart' }, h('h3', {}, c.holder || 'Somebody'), h('span', { class: `verdict ${tone}` }, words)),
          h('dl', { class: 'facts' }, h('dt', {}, 'Claim'), h('dd', {}, c.id), h('dt', {}, 'Names'), h('dd', {}, (c.names ?? []).join(', ') || '–'), h('dt', {}, 'Matches'), h('dd', {}, many(c.copies, 'copy', 'copies')),
            c.reasons?.length ? [h('dt', {}, 'Reasons'), h('dd', {}, c.reasons.join(' '))] : ''),
          c.matches.length ? h('div', { class: 'strip', tabindex: '0', 'aria-label': 'Pictures that it matches' }, c.matches.map((d) => h('a', { href: '#picture?content=sha256:' + d.replace('sha256:', '') }, thumb('sha256:' + d.replace('sha256:', ''), 'A claimed picture')))) : '',
          c.standing === 'held' ? h('div', { class: 'stack tight' }, h('p', { class: 'small soft' }, 'It is judged on the command line, since that erases files:'), h('code', { class: 'command', tabindex: '0' }, `limner rights claim uphold ${c.id} --reason "…"\nlimner rights claim reject ${c.id} --reason "…"`)) : '');
      }))));
}

function form(query) {
  const lines = (id) => $('#' + id).value.split('\n').map((s) => s.trim()).filter(Boolean);
  const f = h('form', { class: 'panel stack' },
    h('h2', {}, 'Make a claim'),
    h('div', { class: 'field' }, h('label', { for: 'holder' }, 'Who holds the rights'), h('input', { id: 'holder', required: true, maxlength: '400', autocomplete: 'name' })),
    h('div', { class: 'field' }, h('label', { for: 'contact' }, 'How to reach them'), h('input', { id: 'contact', maxlength: '400', autocomplete: 'email' }), h('p', { class: 'hint' }, 'Kept with the claim; not shown on this page.')),
    h('div', { class: 'field' }, h('label', { for: 'words' }, 'In their own words'), h('textarea', { id: 'words', rows: '3', maxlength: '4000' })),
    h('div', { class: 'field' }, h('label', { for: 'shown' }, 'A picture of theirs'), h('input', { id: 'shown', type: 'file', accept: 'image/*' }), h('p', { class: 'hint' }, 'This file and all that look like it, turned and mirrored too.')),
    h('details', { open: query.has('digest') }, h('summary', {}, 'Or by name'), h('div', { class: 'stack' },
      h('div', { class: 'field' }, h('label', { for: 'digests' }, 'SHA-256 of files, one a line'), h('textarea', { id: 'digests', rows: '2', class: 'code', spellcheck: 'false' }, query.get('digest') ?? '')),
      h('div', { class: 'field' }, h('label', { for: 'creators' }, 'Creators'), h('textarea', { id: 'creators', rows: '2' })),
      h('div', { class: 'field' }, h('label', { for: 'urls' }, 'Addresses; ending in / or *, all that begin so'), h('textarea', { id: 'urls', rows: '2' })),
      h('div', { class: 'field' }, h('label', { for: 'paths' }, 'SOURCE/PATH; * stands for anything'), h('textarea', { id: 'paths', rows: '2' })))),
    h('div', { class: 'row end' }, h('button', { class: 'primary' }, 'Claim')));
  f.addEventListener('submit', async (e) => {
    e.preventDefault();
    const go = $('.primary', f);
    go.disabled = true;
    try {
      const file = $('#shown').files[0];
      const claim = { holder: $('#holder').value, contact: $('#contact').value, words: $('#words').value, digests: lines('digests'), creators: lines('creators'), urls: lines('urls'), paths: lines('paths') };
      if (file) Object.assign(claim, { name: file.name, picture: await base64(file) });
      const answer = await post('/data/claims', claim);
      say(`The claim ${answer.id} holds ${many(answer.held, 'copy', 'copies')}. ${answer.note}`);
      location.hash = 'claims?made=' + answer.id;
    } catch (error) { complain(error); } finally { go.disabled = false; }
  });
  return f;
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

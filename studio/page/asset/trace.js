// Trace: where a picture came from, as far as that can be told here.
import { ask, post } from './api.js';
import { $, complain, h } from './dom.js';
import { Picker } from './picker.js';
import { rights } from './picture.js';

const answer = $('#answer');
let asked = 0; // number of the newest question: older answers are dropped

// Source is the place of the picture. A file is sent as it is, since what it
// says of itself would be lost on the way through the studio's own form.
class Source extends Picker {
  async file(blob) {
    const url = URL.createObjectURL(blob);
    this.frame.replaceChildren(h('img', { src: url, alt: blob.name || 'The picture', onload: () => URL.revokeObjectURL(url), onerror: () => this.frame.replaceChildren(h('span', { class: 'soft small' }, 'It cannot be shown here')) }));
    history.replaceState(null, '', location.pathname);
    await find(() => ask('POST', '/traces', blob));
  }
}

const source = new Source('The picture', (digest) => {
  history.replaceState(null, '', '?' + new URLSearchParams({ picture: digest }));
  find(() => post('/traces', { picture: digest }));
});
$('#source').append(source.element, h('p', { class: 'hint' }, 'A file is looked at and not kept.'));
for (const [event, on] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  document.body.addEventListener(event, (e) => {
    e.preventDefault();
    $('#source').classList.toggle('dropping', on);
    if (event === 'drop' && !e.target.closest('.picker')) source.dropped(e.dataTransfer);
  });
}

async function find(send) {
  const mine = ++asked;
  answer.replaceChildren(h('p', { class: 'soft', role: 'status' }, 'Looking …'));
  try {
    const report = await send();
    if (mine === asked) show(report);
  } catch (error) {
    if (mine === asked) answer.replaceChildren(intro());
    complain(error);
  }
}

const intro = () => h('div', { class: 'empty' }, h('h2', {}, 'Nothing was asked yet'),
  h('p', {}, 'Choose a picture of the gallery or a file. Its credentials are checked, a watermark is looked for, and it is held against the pictures that models learnt from.'));

const states = { trusted: ['allow', 'Whole, and signed by somebody whom this studio trusts'], valid: ['quarantine', 'Whole, but this studio does not know who signed'], invalid: ['deny', 'Broken: what they say cannot be relied on'] };
const verdict = (tone, words) => h('p', { class: `verdict ${tone}` }, words);
const facts = (pairs) => h('dl', { class: 'facts' }, pairs.filter(([, v]) => v !== undefined && v !== null && v !== '' && v !== 0).map(([k, v]) => [h('dt', {}, k), h('dd', {}, String(v))]));
// signer is a distinguished name (RFC 4514) as people say it.
const signer = (name) => name && ['CN', 'O'].map((key) => name.match(new RegExp(`(?:^|,)${key}=((?:\\\\.|[^,\\\\])+)`))?.[1].replaceAll(/\\(.)/g, '$1')).filter(Boolean).join(' · ');
const short = (text) => text?.length > 30 ? `${text.slice(0, 19)}…` : text;
const panel = (name, title, ...children) => h('section', { class: 'panel stack', data: { part: name } }, h('h2', {}, title), ...children.filter(Boolean));

function show(r) {
  answer.replaceChildren(h('p', { class: 'headline' }, headline(r)),
    h('div', { class: 'verdicts' }, credentials(r), watermark(r), model(r), data(r)), ...[neighbours(r), claims(r), problems(r)].filter(Boolean));
}

function headline(r) {
  const copy = r.nearest?.copy;
  const made = r.model ? `Made by the model ${r.model.name}, as ${r.model.by === 'looks' ? 'its looks say' : r.model.by + (r.model.by.endsWith('s') ? ' say' : ' says')}.` : r.watermark?.found ? 'It has a watermark of this studio.' : 'Nothing says which model made it.';
  if (!copy?.nearest) return made;
  if (copy.extent === 'whole') return `${made} It shows the whole of a training picture.`;
  if (copy.extent === 'part') return `${made} It shows a part of a training picture.`;
  return `${made} No copy of a training picture was found in it.`;
}

function credentials(r) {
  const c = r.marks?.credentials;
  if (!c) return panel('credentials', 'Content Credentials', verdict('', 'There are none'), r.marks?.xmp ? h('p', { class: 'small soft' }, 'There is XMP, which anybody may have written.') : '', facts([['It says', r.marks?.xmp?.description], ['Made with', r.marks?.xmp?.creatorTool]]));
  const [tone, words] = states[c.state] ?? ['', c.state];
  const failures = [...new Set(c.manifests.flatMap((m) => m.statuses.filter((s) => s.kind === 'failure').map((s) => s.explanation || s.code)))];
  return panel('credentials', 'Content Credentials', verdict(tone, words),
    failures.length ? h('ul', { class: 'small problem licences' }, failures.map((f) => h('li', {}, f))) : '',
    h('ul', { class: 'chain' }, c.manifests.map((m, i) => h('li', {}, h('strong', {}, m.title || (i ? 'An ingredient' : 'This picture')),
      facts([['Signed by', signer(m.signer?.name)], ['Made with', [m.generator, m.version].filter(Boolean).join(' ')], ['What was done', (m.actions ?? []).map((a) => a.name.replace('c2pa.', '').replaceAll(/[._]/g, ' ')).join(', ')], ['When', m.actions?.[0]?.when ? new Date(m.actions[0].when).toLocaleString() : '']])))));
}

function watermark(r) {
  const w = r.watermark;
  if (!w) return panel('watermark', 'Watermark', verdict('', 'It was not looked for'));
  if (!w.found) return panel('watermark', 'Watermark', verdict('', 'None of this studio\u2019s was found'), h('p', { class: 'small soft' }, 'One that was there may have been destroyed.'));
  return panel('watermark', 'Watermark', verdict('allow', 'There is one of this studio\u2019s'), facts([['Number', w.id], ['By chance at most', w.p ? w.p.toExponential(0) : '']]));
}

function model(r) {
  const m = r.model;
  if (!m) return panel('model', 'Model', verdict('', 'Not known'));
  return panel('model', 'Model', facts([['Name', m.name], ['Known by', m.by], ['Family', m.family], ['File', short(m.digest)], ['Here as', m.path], ['Pictures seen', m.images?.toLocaleString()], ['Prompt', r.said?.prompt], ['Seed', r.said?.seed]]),
    m.path ? h('div', { class: 'row' }, h('a', { class: 'button', href: '/report?model=' + encodeURIComponent(m.path) }, 'What goes wrong with it')) : '');
}

function data(r) {
  const d = r.data;
  if (!d) return panel('data', 'What it learnt from', verdict('', 'Not known'));
  const licences = Object.entries(d.licences ?? {}).sort((a, b) => b[1] - a[1]);
  return panel('data', 'What it learnt from', facts([['Set', d.name], ['Root', short(d.root)], ['Pictures', d.pictures?.toLocaleString()], ['Known by', d.by], ['Rights', rights(d.rights)]]),
    licences.length ? h('div', {}, h('h3', {}, 'Licences'), h('ul', { class: 'licences' }, licences.map(([name, n]) => h('li', {}, `${name}: ${n.toLocaleString()}`)))) : '');
}

function neighbours(r) {
  const n = r.nearest;
  if (!n?.nearest?.length) return null;
  const copied = n.copy?.extent && n.copy.extent !== 'none' ? n.copy.nearest?.index : -1;
  return panel('nearest', 'The nearest training pictures', h('p', { class: 'small soft' }, n.copy?.sentence ?? '', ' ', n.thumbs ? 'It was held against small copies of them, since the pictures themselves are not here.' : ''),
    h('ul', { class: 'neighbours' }, n.nearest.map((m) => {
      const p = m.picture;
      return h('li', { class: m.index === copied ? 'copy' : '' },
        h('div', { class: 'frame' }, h('img', { alt: p.caption || p.path, src: `/api/v1/traces/sets/${encodeURIComponent(n.set.root)}/${m.index}` })),
        h('p', {}, h('strong', {}, p.caption || p.path)),
        h('p', { class: 'small' }, `${(100 * m.distance).toFixed(1)} % away`, m.mirrored ? ', mirrored' : '', p.trained ? '' : ', held out'),
        h('p', { class: 'small soft' }, [p.holders, p.licence].filter(Boolean).join(' · ')),
        h('p', { class: 'small soft' }, `${p.source}/${p.path}`),
        h('a', { class: 'small', href: '/data#picture?content=' + encodeURIComponent(p.content) }, 'Its decision'));
    })),
    n.parts?.length ? h('div', {}, h('h3', {}, 'Parts of it'), h('ul', { class: 'licences' }, n.parts.map((p) => h('li', {}, p.sentence)))) : '');
}

function claims(r) {
  if (!r.claims?.length) return null;
  return panel('claims', 'Claims that touch it', h('ul', { class: 'chain' }, r.claims.map((c) => h('li', {}, verdict(c.standing === 'upheld' ? 'deny' : 'quarantine', c.standing === 'upheld' ? 'Upheld' : 'Open'), facts([['Holder', c.holder], ['Claim', c.id], ['About', c.touches?.join('; ')]])))));
}

function problems(r) {
  return r.problems?.length ? panel('problems', 'What could not be looked into', h('ul', { class: 'licences' }, r.problems.map((p) => h('li', {}, p)))) : null;
}

answer.replaceChildren(intro());
const wanted = new URLSearchParams(location.search).get('picture');
if (wanted) source.set(wanted);

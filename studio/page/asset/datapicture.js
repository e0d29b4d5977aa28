// All that is known of one copy, and what the decision on it rests on.
import { get } from './api.js';
import { button, complain, h } from './dom.js';
import { thumb } from './datadecisions.js';
import { reason, rules, verdict } from './datawords.js';

export async function picture(put, query) {
  const content = query.get('content') ?? '';
  const base = `/data/pictures/${encodeURIComponent(content)}`;
  const { facts, ruling } = await get(base);
  const place = facts.places[0] ?? { path: '', source: { id: '' } };
  const papers = (list) => (list ?? []).map((d, i) => h('button', { type: 'button', class: 'link', onclick: () => paper(base, d) }, list.length > 1 ? `evidence ${i + 1}` : 'evidence'));
  const statements = facts.statements ?? [];
  const signals = facts.reservations ?? [];
  put(
    h('p', {}, h('a', { href: '#decisions' }, '← Decisions')),
    h('div', { class: 'evidence' },
      h('div', { class: 'stack' }, thumb(content, place.path, { lazy: false }),
        h('dl', { class: 'facts' }, h('dt', {}, 'SHA-256'), h('dd', {}, content.replace('sha256:', '')),
          facts.copy.format ? [h('dt', {}, 'Format'), h('dd', {}, facts.copy.format)] : '',
          facts.copy.creator ? [h('dt', {}, 'Made by'), h('dd', {}, facts.copy.creator)] : '')),
      h('div', { class: 'stack' },
        h('header', {}, h('h1', {}, place.path.split('/').at(-1)), h('p', { class: 'soft small' }, `${place.source.id}/${place.path}`)),
        h('section', { class: 'stack tight', 'aria-label': 'Decision' }, h('p', { class: 'row' }, verdict(ruling.outcome), ruling.licence ? h('span', { class: 'chip' }, ruling.licence) : '', ruling.attribution ? h('span', { class: 'chip' }, 'its makers must be named') : '',
          ruling.expires ? h('span', { class: 'chip' }, `until ${new Date(ruling.expires).toLocaleDateString()}`) : ''),
        h('ul', { class: 'reasons' }, ruling.reasons.map((r) => h('li', { class: r.outcome }, h('strong', {}, sentence(reason(r.code))), h('p', {}, r.text), r.evidence?.length ? h('p', { class: 'row' }, papers(r.evidence)) : ''))),
        h('p', { class: 'small soft' }, `For training, by the rules ${rules(ruling.ruleset)}. `, facts.claims?.length ? '' : 'Nobody has claimed it.')),
        table('What is stated about rights', ['About', 'Stated', 'Where', ''], statements.map((s) => [s.scope, [s.expression || short(s.written), s.flag ? h('span', { class: 'small problem' }, ` ${s.flag}`) : ''], `${s.source}: ${s.where}`, papers(s.evidence)])),
        table('Signals', ['Protocol', 'Says', 'Where', ''], signals.map((s) => [s.protocol, s.value, s.where, papers(s.evidence)])),
        table('Where it came from', ['Source', 'Path', 'Ground', 'Recorded'], facts.places.map((p) => [p.source.id, p.path, p.basis || 'not known', `${new Date(p.recorded).toLocaleString()} (event ${p.event})`])),
        table('Agreements', ['Agreement', 'State', 'For'], (facts.agreements ?? []).map((a) => [a.id, a.state, (a.purposes ?? []).join(', ')])),
        table('Claims', ['Claim', 'Standing'], [...(facts.claims ?? []), ...(facts.near ?? []).map((n) => n.claim ?? n)].map((c) => [c.id ?? c.ID ?? '', c.standing ?? c.Standing ?? ''])),
        h('div', { class: 'row' }, h('a', { class: 'button', href: '#claims?digest=' + content.replace('sha256:', '') }, 'Claim this picture')))));
}

const sentence = (s) => s.charAt(0).toUpperCase() + s.slice(1);
const short = (s = '') => s.length > 240 ? s.slice(0, 240) + '…' : s;

function table(title, columns, rows) {
  if (!rows.length) return '';
  return h('section', { class: 'stack tight' }, h('h2', {}, title), h('div', { class: 'scrolls', tabindex: '0' }, h('table', {}, h('thead', {}, h('tr', {}, columns.map((c) => h('th', { scope: 'col' }, c)))),
    h('tbody', {}, rows.map((r) => h('tr', {}, r.map((c) => h('td', {}, c))))))));
}

// paper shows a piece of evidence as it was kept.
async function paper(base, digest) {
  try {
    const answer = await fetch(`/api/v1${base}/evidence/${encodeURIComponent(digest)}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(JSON.parse(text).detail);
    const dialog = h('dialog', { class: 'broad', 'aria-labelledby': 'paper-title', onclose: () => dialog.remove() },
      h('div', { class: 'stack' }, h('div', { class: 'row apart' }, h('h2', { id: 'paper-title' }, 'Evidence'), button('', { drawing: 'close', label: 'Close', kind: 'quiet square', onclick: () => dialog.close() })),
        h('p', { class: 'small soft' }, String(digest)), h('div', { class: 'paper', tabindex: '0' }, text)));
    document.body.append(dialog);
    dialog.showModal();
  } catch (error) { complain(error); }
}

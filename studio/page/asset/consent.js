// Consent to what the studio remembers: asked for in its words, given, withdrawn,
// shown, erased.
import { ask, get, remove } from './api.js';
import { button, complain, h, say, sure } from './dom.js';

// openConsent shows where someone stands and what can be done about it.
export async function openConsent() {
  let now;
  try { now = await get('/gallery/consent'); } catch (error) { return complain(error); }
  if (!now.available) return say('This studio remembers nothing of what you do with pictures.');
  const close = () => dialog.close();
  const step = (f, words) => async () => {
    try { await f(); say(words); close(); } catch (error) { complain(error); }
  };
  const since = now.given && new Date(now.since).toLocaleDateString(undefined, { dateStyle: 'long' });
  const dialog = h('dialog', { class: 'terms', 'aria-labelledby': 'consent-title', onclose: () => dialog.remove() },
    h('div', { class: 'stack' },
      h('h2', { id: 'consent-title' }, now.given ? 'You let the studio learn from what you keep' : 'May the studio learn from what you keep?'),
      now.given && h('p', { class: 'soft' }, `Since ${since}. ${now.events} ${now.events === 1 ? 'act is' : 'acts are'} remembered.`),
      h('div', { class: 'words stack', tabIndex: 0, role: 'region', 'aria-label': 'The terms' }, now.terms.words.split('\n\n').map((p) => h('p', {}, p))),
      now.given || now.events > 0 ? h('div', { class: 'row' },
        h('a', { class: 'button', href: '/api/v1/gallery/usage', download: 'limner-usage.json' }, 'Give me all of it'),
        button('Erase all of it', { kind: 'danger', id: 'erase', onclick: async () => { if (await sure('Erase all that is remembered of you? This cannot be undone.', 'Erase it')) step(() => remove('/gallery/usage'), 'All that was remembered of you is erased.')(); } })) : null,
      h('div', { class: 'row end' },
        button(now.given ? 'Leave it so' : 'No', { onclick: close }),
        now.given
          ? button('Withdraw', { kind: 'danger', id: 'withdraw', onclick: step(() => remove('/gallery/consent'), 'Withdrawn. Nothing more is remembered.') })
          : button('Yes, I consent', { kind: 'primary', onclick: step(() => ask('PUT', '/gallery/consent', { terms: now.id }), 'Thank you. You can withdraw at any time, under Preferences.') }))));
  document.body.append(dialog);
  dialog.showModal();
}

// invite offers the question once, without asking it.
export function invite() {
  try {
    if (localStorage.getItem('limner.invited')) return say('Kept.');
    localStorage.setItem('limner.invited', '1');
  } catch { return say('Kept.'); }
  say('Kept in your gallery. Nothing else was recorded.', { label: 'May it learn from it?', action: openConsent });
}

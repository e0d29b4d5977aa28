// What every page has: preferences, and buttons that open dialogs.
import { $, $$ } from './dom.js';
import { openConsent } from './consent.js';

const root = document.documentElement;

for (const input of $$('#preferences input[type=radio]')) {
  input.checked = (root.dataset[input.name] ?? defaultOf(input.name)) === input.value;
  input.addEventListener('change', () => {
    root.dataset[input.name] = input.value;
    try { localStorage.setItem('limner.' + input.name, input.value); } catch { /* it holds until the page is left */ }
  });
}

function defaultOf(name) { return name === 'theme' ? 'auto' : 'smooth'; }

$('#consent').addEventListener('click', () => { $('#preferences').close(); openConsent(); });

document.addEventListener('click', (e) => {
  const opener = e.target.closest('[data-opens]');
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  // A click on the backdrop is one on the dialog itself.
  if (e.target.nodeName === 'DIALOG') e.target.close();
});

// Data: sources, decisions, coverage, sets, claims. Each is a room of its own; the
// part of the address after # says which, and what of it.
import { $, $$, complain, h } from './dom.js';
import { claims } from './dataclaims.js';
import { coverage } from './datacoverage.js';
import { decisions } from './datadecisions.js';
import { sets } from './datasets.js';
import { picture } from './datapicture.js';
import { sources } from './datasources.js';

const rooms = { sources, decisions, coverage, sets, claims, picture };
const place = $('#room');
let turn = 0;

async function show() {
  const [name, query] = location.hash.slice(1).split('?');
  const room = rooms[name] ? name : 'sources';
  for (const radio of $$('input[name=room]')) radio.checked = radio.value === (room === 'picture' ? 'decisions' : room);
  const mine = ++turn;
  // What comes late, after somebody has gone elsewhere, is not shown.
  const put = (...children) => { if (mine === turn) place.replaceChildren(...children); return mine === turn; };
  put(h('p', { class: 'soft', role: 'status' }, 'Reading …'));
  try {
    await rooms[room](put, new URLSearchParams(query), () => mine === turn);
  } catch (error) {
    if (error.status === 404 && room !== 'picture') put(nothing(error.message));
    else { put(); complain(error); }
  }
}

const nothing = (words) => h('div', { class: 'empty' }, h('h2', {}, 'Nothing was taken in yet'), h('p', {}, words),
  h('code', { class: 'command', tabindex: '0' }, 'limner source add --id icons --kind npm --set package=… --set version=…\nlimner source refresh icons'));

for (const radio of $$('input[name=room]')) radio.addEventListener('change', () => { location.hash = radio.value; });
addEventListener('hashchange', () => { show(); scrollTo(0, 0); });
show();

// Elements and messages.

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// h makes an element. Properties that start with "on" are listeners; "data" is
// an object of data attributes; a property of the element is set as such, all
// else as an attribute. Children that are null or false are left out. Text is
// always text, never HTML.
export function h(name, properties = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('on')) e.addEventListener(key.slice(2), value);
    else if (key === 'data') Object.assign(e.dataset, value);
    else if (key === 'class') e.className = value;
    else if (key in e && typeof value !== 'string') e[key] = value;
    else e.setAttribute(key, value);
  }
  e.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// icon is a drawing out of icons.svg; it says nothing to a screen reader.
export function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(ns, 'use');
  use.setAttribute('href', `${$('#main').dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

// button is one with an icon, and with words or a label that is heard. What is
// said is a word that shows where there is room.
export function button(words, { drawing, label, said, kind = '', ...rest } = {}) {
  return h('button', { type: 'button', class: kind, 'aria-label': label, title: label, ...rest }, drawing && icon(drawing), said && h('span', { class: 'said' }, said), words);
}

// say shows a line for some seconds; screen readers read it out. A problem
// stays until it is dismissed.
export function say(words, { problem = false, action, label } = {}) {
  const line = h('div', { class: problem ? 'message problem' : 'message' }, h('p', {}, words));
  const gone = () => line.remove();
  if (action) line.append(button(label, { kind: 'quiet', onclick: () => { gone(); action(); } }));
  if (problem) line.append(button('', { drawing: 'close', label: 'Dismiss', kind: 'quiet square', onclick: gone }));
  else setTimeout(gone, action ? 8000 : 4000);
  const all = $('#messages');
  while (all.children.length > 2) all.firstChild.remove();
  all.append(line);
}

// complain shows an error; one that only says that something was stopped is
// kept quiet.
export function complain(error) {
  if (error?.name === 'AbortError') return;
  say(error?.message ?? String(error), { problem: true });
}

// later calls f once nothing has happened for some milliseconds.
export function later(f, milliseconds) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => f(...args), milliseconds);
  };
}

// time is how long ago something was, in a word or two.
export function time(iso) {
  const seconds = (Date.now() - new Date(iso)) / 1000;
  const units = [['day', 86400], ['hour', 3600], ['minute', 60]];
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' });
  for (const [unit, size] of units) if (seconds >= size) return format.format(-Math.floor(seconds / size), unit);
  return 'just now';
}

// sure asks whether something that cannot be undone is meant, and gives whether
// it is.
export function sure(question, yes) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { class: 'sure', 'aria-labelledby': 'sure-question', onclose: () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); } },
      h('form', { method: 'dialog', class: 'stack' }, h('p', { id: 'sure-question' }, question),
        h('div', { class: 'row end' }, h('button', { value: '' }, 'Cancel'), h('button', { value: 'yes', class: 'primary' }, yes))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

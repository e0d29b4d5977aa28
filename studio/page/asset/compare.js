// A picture before and after, one over the other, with a slider between.
import { object } from './api.js';
import { h } from './dom.js';

// compare shows two pictures of one size by their digests.
export function compare(before, after, meta = {}) {
  const over = h('img', { alt: 'After', src: object(after), draggable: false });
  const line = h('i', { class: 'between', 'aria-hidden': 'true' });
  const frame = h('div', { class: 'frame comparing' }, h('img', { alt: 'Before', src: object(before), draggable: false }), over, line);
  if (meta.width && meta.height) frame.style.aspectRatio = `${meta.width} / ${meta.height}`;
  const slide = (v) => {
    over.style.clipPath = `inset(0 0 0 ${v}%)`;
    line.style.left = `${v}%`;
  };
  const input = h('input', { type: 'range', min: '0', max: '100', value: '50', 'aria-label': 'From before to after', oninput: () => slide(Number(input.value)) });
  frame.addEventListener('pointermove', (e) => {
    if (e.pointerType === 'mouse' && e.buttons !== 1) return;
    const box = frame.getBoundingClientRect();
    input.value = String(Math.round(100 * Math.max(0, Math.min(1, (e.clientX - box.left) / box.width))));
    slide(Number(input.value));
  });
  slide(50);
  return h('div', { class: 'stack tight compare' }, frame,
    h('div', { class: 'row nowrap small soft' }, h('span', {}, 'Before'), h('div', { class: 'grow' }, input), h('span', {}, 'After')));
}

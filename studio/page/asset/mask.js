// The mask brush: what is painted over is made anew.
import { $, button, h } from './dom.js';

const longest = 512; // pixels of the longer side that is painted on
const undos = 30;

// paintMask shows a picture to paint on, with the mask of before if there is
// one. It gives the mask as a PNG, light where to paint; null if it was left.
export async function paintMask(picture, before) {
  const image = await load(picture);
  const scale = longest / Math.max(image.naturalWidth, image.naturalHeight);
  const width = Math.round(image.naturalWidth * scale);
  const height = Math.round(image.naturalHeight * scale);
  const canvas = h('canvas', {
    width, height, tabIndex: 0, id: 'mask-canvas', role: 'application', 'aria-label': 'Mask',
    'aria-describedby': 'mask-keys',
  });
  const brush = new Brush(canvas);
  if (before) brush.start(await load(before));

  const size = h('input', { type: 'range', id: 'mask-size', min: '4', max: '160', value: '48', oninput: (e) => { brush.size = Number(e.target.value); brush.show(); } });
  const tools = ['Paint', 'Erase'].map((name, i) => h('label', {}, h('input', { type: 'radio', name: 'tool', checked: i === 0, onchange: () => { brush.erases = i === 1; } }), name));
  const done = new Promise((resolve) => {
    const dialog = h('dialog', { class: 'masking', 'aria-labelledby': 'mask-title', onclose: () => { resolve(dialog.returnValue === 'use'); dialog.remove(); } },
      h('h2', { id: 'mask-title' }, 'What is to be painted anew?'),
      h('div', { class: 'frame easel' }, h('img', { src: picture, alt: '' }), canvas, brush.ring),
      h('p', { class: 'hint', id: 'mask-keys' }, 'Paint over it. With the keyboard: arrows move, space paints, the signs + and − change the size.'),
      h('div', { class: 'row' },
        h('fieldset', { class: 'choices' }, h('legend', { class: 'heard' }, 'Tool'), tools),
        h('label', { class: 'row grow sizing', for: 'mask-size' }, h('span', { class: 'small soft' }, 'Size'), size)),
      h('div', { class: 'row' },
        button('', { drawing: 'undo', label: 'Undo', kind: 'square', id: 'mask-undo', onclick: () => brush.undo() }),
        button('', { drawing: 'invert', label: 'Invert', kind: 'square', id: 'mask-invert', onclick: () => brush.invert() }),
        button('', { drawing: 'discard', label: 'Clear', kind: 'square', onclick: () => brush.clear() }),
        h('span', { class: 'grow' }),
        button('Cancel', { onclick: () => dialog.close('') }),
        button('Use mask', { kind: 'primary', id: 'mask-use', onclick: () => dialog.close('use') })));
    $('.easel', dialog).style.aspectRatio = `${width} / ${height}`;
    brush.onsize = () => { size.value = String(brush.size); };
    document.body.append(dialog);
    dialog.showModal();
    canvas.focus();
  });
  return await done ? brush.png() : null;
}

function load(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error('The picture cannot be shown.'));
    image.src = url;
  });
}

// Brush paints on a canvas that is clear where the picture stays.
class Brush {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { willReadFrequently: true });
    this.colour = accent();
    this.size = 48;
    this.erases = false;
    this.past = [];
    this.at = { x: canvas.width / 2, y: canvas.height / 2 };
    this.ring = h('i', { class: 'ring', hidden: true });
    canvas.addEventListener('pointerdown', (e) => this.down(e));
    canvas.addEventListener('pointermove', (e) => this.move(e));
    canvas.addEventListener('pointerup', () => { this.last = null; });
    canvas.addEventListener('pointercancel', () => { this.last = null; });
    canvas.addEventListener('pointerleave', () => { this.ring.hidden = document.activeElement !== canvas; });
    canvas.addEventListener('focus', () => this.show());
    canvas.addEventListener('blur', () => { this.ring.hidden = true; });
    canvas.addEventListener('keydown', (e) => this.key(e));
  }

  // start begins with a mask that was painted before.
  start(image) {
    const c = this.context;
    c.drawImage(image, 0, 0, this.canvas.width, this.canvas.height);
    const data = c.getImageData(0, 0, this.canvas.width, this.canvas.height);
    for (let i = 0; i < data.data.length; i += 4) data.data[i + 3] = data.data[i] > 127 ? data.data[i + 3] : 0;
    c.putImageData(data, 0, 0);
    this.tint();
  }

  // tint gives everything that is painted the brush's colour.
  tint() {
    this.context.globalCompositeOperation = 'source-in';
    this.context.fillStyle = this.colour;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.globalCompositeOperation = 'source-over';
  }

  remember() {
    this.past.push(this.context.getImageData(0, 0, this.canvas.width, this.canvas.height));
    if (this.past.length > undos) this.past.shift();
  }

  place(e) {
    const box = this.canvas.getBoundingClientRect();
    this.at = { x: (e.clientX - box.left) / box.width * this.canvas.width, y: (e.clientY - box.top) / box.height * this.canvas.height };
    this.show();
  }

  down(e) {
    if (e.button > 0) return;
    this.canvas.setPointerCapture(e.pointerId);
    this.place(e);
    this.remember();
    this.last = this.at;
    this.stroke(this.at, this.at);
  }

  move(e) {
    this.place(e);
    if (!this.last) return;
    this.stroke(this.last, this.at);
    this.last = this.at;
  }

  stroke(from, to) {
    const c = this.context;
    c.globalCompositeOperation = this.erases ? 'destination-out' : 'source-over';
    c.strokeStyle = this.colour;
    c.lineWidth = this.size;
    c.lineCap = c.lineJoin = 'round';
    c.beginPath();
    c.moveTo(from.x, from.y);
    c.lineTo(to.x + 0.01, to.y);
    c.stroke();
    c.globalCompositeOperation = 'source-over';
  }

  key(e) {
    const step = e.shiftKey ? 40 : 10;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[e.key]) {
      const [dx, dy] = moves[e.key];
      this.at = { x: clamp(this.at.x + dx, 0, this.canvas.width), y: clamp(this.at.y + dy, 0, this.canvas.height) };
    } else if (e.key === ' ') {
      this.remember();
      this.stroke(this.at, this.at);
    } else if (e.key === '+' || e.key === '-') {
      this.size = clamp(this.size + (e.key === '+' ? 8 : -8), 4, 160);
      this.onsize?.();
    } else if (e.key === 'z' && (e.ctrlKey || e.metaKey)) this.undo();
    else return;
    e.preventDefault();
    this.show();
  }

  // show puts the ring where the brush is.
  show() {
    const { width, height } = this.canvas;
    this.ring.hidden = false;
    Object.assign(this.ring.style, {
      left: `${100 * this.at.x / width}%`, top: `${100 * this.at.y / height}%`, width: `${100 * this.size / width}%`,
    });
  }

  undo() {
    const was = this.past.pop();
    if (was) this.context.putImageData(was, 0, 0);
  }

  clear() {
    this.remember();
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  invert() {
    this.remember();
    const c = this.context;
    c.globalCompositeOperation = 'source-out';
    c.fillStyle = this.colour;
    c.fillRect(0, 0, this.canvas.width, this.canvas.height);
    c.globalCompositeOperation = 'source-over';
  }

  // png is the mask in white on black.
  png() {
    const { width, height } = this.canvas;
    const data = this.context.getImageData(0, 0, width, height);
    for (let i = 0; i < data.data.length; i += 4) {
      const v = data.data[i + 3] > 127 ? 255 : 0;
      data.data.set([v, v, v, 255], i);
    }
    const out = h('canvas', { width, height });
    out.getContext('2d').putImageData(data, 0, 0);
    return new Promise((resolve) => out.toBlob(resolve, 'image/png'));
  }
}

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// accent is the accent colour as a canvas understands it.
function accent() {
  const probe = h('i');
  probe.style.color = 'var(--accent)';
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

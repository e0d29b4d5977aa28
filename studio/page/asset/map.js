// A map of latents without edges, to be walked on by dragging or arrow keys.
import { button, h, later } from './dom.js';
import { Loader, Point, draw, tile } from './point.js';

// showMap puts the map into a place and gives what ends it.
export function showMap(place, model) {
  const m = new Ground(model);
  place.append(m.element);
  m.fit();
  const resized = new ResizeObserver(() => m.fit());
  resized.observe(m.ground);
  return () => resized.disconnect();
}

class Ground {
  constructor(model) {
    this.model = model;
    this.seed = draw();
    this.side = model.quick ? 4 : 1; // pictures of a tile
    this.step = model.quick ? 0.22 : 0.4; // radians from a picture to the next
    this.at = { x: 0, y: 0 }; // of the middle, in pictures
    this.tiles = new Map();
    this.loader = new Loader();
    this.point = new Point(model, 'The picture in the middle of the map');
    this.sheet = h('div', { class: 'sheet' });
    this.ground = h('div', {
      class: 'ground', tabIndex: 0, role: 'application', 'aria-label': 'Map of pictures', 'aria-describedby': 'map-keys',
      onkeydown: (e) => this.key(e), onpointerdown: (e) => this.grab(e),
    }, this.sheet, h('i', { class: 'cross' }));
    const redraw = later(() => this.anew(), 250);
    const prompt = model.words && h('div', { class: 'field grow' }, h('label', { for: 'map-prompt' }, 'Of'), this.prompt = h('input', { id: 'map-prompt', placeholder: 'a cat face, flat', oninput: redraw }));
    const classes = model.classes?.length && h('div', { class: 'field' }, h('label', { for: 'map-class' }, 'Class'), this.class = h('select', { id: 'map-class', onchange: redraw }, model.classes.map((c) => h('option', {}, c))));
    this.element = h('div', { class: 'exploring' },
      h('div', { class: 'stack' },
        h('div', { class: 'row bottom' }, prompt, classes,
          h('div', { class: 'field' }, h('label', { for: 'map-step' }, 'Neighbours'), h('select', { id: 'map-step', onchange: (e) => { this.step = Number(e.target.value); this.anew(); } },
            [['close', 0.1], ['near', model.quick ? 0.22 : 0.4], ['far', 0.8]].map(([name, v]) => h('option', { value: String(v), selected: v === this.step }, name)))),
          button('', { drawing: 'dice', label: 'Another map', kind: 'square', onclick: () => { this.seed = draw(); this.anew(); } })),
        this.ground,
        h('p', { class: 'hint', id: 'map-keys' }, 'Drag the map, or walk with the arrow keys. Every point is as likely as any other picture of the model; the map closes on itself after a while.')),
      this.point.element);
  }

  fit() {
    const box = this.ground.getBoundingClientRect();
    this.cell = box.width < 500 ? 76 : 104;
    this.box = box;
    this.place();
  }

  // anew forgets all tiles: they are of another map.
  anew() {
    this.loader.drop(() => true);
    this.tiles.clear();
    this.sheet.replaceChildren();
    this.place();
  }

  told() { return { seed: this.seed, prompt: this.prompt?.value.trim() || undefined, class: this.class?.value }; }

  // place puts the tiles that are seen where they belong.
  place() {
    const { cell, side, at, box } = this;
    const size = cell * side;
    this.sheet.style.transform = `translate(${box.width / 2 - (at.x + 0.5) * cell}px, ${box.height / 2 - (at.y + 0.5) * cell}px)`;
    const half = { x: box.width / 2 / size, y: box.height / 2 / size };
    const middle = { x: (at.x + 0.5) / side, y: (at.y + 0.5) / side };
    const wanted = new Set();
    for (let j = Math.floor(middle.y - half.y); j <= Math.floor(middle.y + half.y); j++) {
      for (let i = Math.floor(middle.x - half.x); i <= Math.floor(middle.x + half.x); i++) wanted.add(`${i} ${j}`);
    }
    for (const [key, holder] of this.tiles) {
      if (wanted.has(key)) continue;
      const image = holder.firstChild;
      this.loader.drop((other) => other === image);
      holder.remove();
      this.tiles.delete(key);
    }
    for (const key of wanted) {
      let holder = this.tiles.get(key);
      const [i, j] = key.split(' ').map(Number);
      if (!holder) {
        const image = h('img', { alt: '', class: 'tile', draggable: false });
        image.setAttribute('draggable', 'false');
        holder = h('div', { class: 'square-tile waiting' }, image);
        this.tiles.set(key, holder);
        this.sheet.append(holder);
        const far = () => Math.hypot((i + 0.5) * side - this.at.x, (j + 0.5) * side - this.at.y);
        this.loader.want(image, tile(this.model, { ...this.told(), x: i * side * this.step, y: j * side * this.step, step: this.step, n: side }), far);
      }
      Object.assign(holder.style, { left: `${i * size}px`, top: `${j * size}px`, width: `${size}px`, height: `${size}px` });
    }
    const x = at.x * this.step;
    const y = at.y * this.step;
    this.point.show(tile(this.model, { ...this.told(), x, y, n: 1 }), `${x.toFixed(2)} across, ${y.toFixed(2)} down, of map ${this.seed}`);
  }

  walk(x, y) {
    this.at = { x: this.at.x + x, y: this.at.y + y };
    this.place();
  }

  key(e) {
    const by = e.shiftKey ? 3 : 0.5;
    const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[e.key];
    if (!way) return;
    e.preventDefault();
    this.walk(...way);
  }

  grab(e) {
    if (e.button > 0) return;
    const { ground } = this;
    ground.setPointerCapture(e.pointerId);
    ground.classList.add('held');
    let last = { x: e.clientX, y: e.clientY };
    const move = (m) => {
      this.walk((last.x - m.clientX) / this.cell, (last.y - m.clientY) / this.cell);
      last = { x: m.clientX, y: m.clientY };
    };
    const up = () => {
      ground.classList.remove('held');
      ground.removeEventListener('pointermove', move);
    };
    ground.addEventListener('pointermove', move);
    ground.addEventListener('pointerup', up, { once: true });
    ground.addEventListener('pointercancel', up, { once: true });
  }
}

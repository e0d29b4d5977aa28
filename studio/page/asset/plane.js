// The plane between four prompts: pictures on it, and any point in between.
import { button, h, later } from './dom.js';
import { Loader, Point, draw, tile } from './point.js';

const side = 5;
const names = ['Top left', 'Top right', 'Bottom left', 'Bottom right'];
const firsts = ['a red apple, 3d', 'a cat face, 3d', 'a green leaf, 3d', 'a full moon, 3d'];

// showPlane puts the plane into a place.
export function showPlane(place, model) {
  const p = new Plane(model);
  place.append(p.element);
  p.paint();
}

class Plane {
  constructor(model) {
    this.model = model;
    this.seed = draw();
    this.many = false; // each corner has noise of its own
    this.at = { x: 0.5, y: 0.5 };
    this.point = new Point(model, 'The picture at the chosen point');
    const again = later(() => this.paint(), 500);
    this.fields = names.map((name, i) => h('div', { class: 'field' }, h('label', { for: `corner-${i}` }, name), h('input', { id: `corner-${i}`, value: firsts[i], oninput: again })));
    this.sheet = h('div', { class: 'plane-cells' });
    this.mark = h('i', { class: 'cross' });
    this.ground = h('div', {
      class: 'ground plane', tabIndex: 0, role: 'application', 'aria-label': 'Plane between four prompts', 'aria-describedby': 'plane-keys',
      onkeydown: (e) => this.key(e), onpointerdown: (e) => this.aim(e), onpointermove: (e) => { if (e.buttons) this.aim(e); },
    }, this.sheet, this.mark);
    this.element = h('div', { class: 'exploring planar' },
      h('div', { class: 'stack' },
        h('div', { class: 'corners' }, this.fields.slice(0, 2)),
        this.ground,
        h('div', { class: 'corners' }, this.fields.slice(2)),
        h('div', { class: 'row apart' },
          h('label', { class: 'check' }, h('input', { type: 'checkbox', onchange: (e) => { this.many = e.target.checked; this.paint(); } }), 'Another seed in each corner'),
          button('', { drawing: 'dice', label: 'Other seeds', kind: 'square', onclick: () => { this.seed = draw(); this.paint(); } })),
        h('p', { class: 'hint', id: 'plane-keys' }, 'Press anywhere, or move with the arrow keys: the large picture is painted for that very point.')),
      this.point.element);
  }

  corners() {
    return this.fields.map((f, i) => ({ prompt: f.lastChild.value.trim(), seed: (this.seed + (this.many ? i : 0)) % 2 ** 32 }));
  }

  // paint begins with the corners and goes on with what lies farthest from what
  // is there.
  paint() {
    this.loader?.drop(() => true);
    this.loader = new Loader();
    const corners = this.corners();
    this.sheet.replaceChildren();
    for (let j = 0; j < side; j++) {
      for (let i = 0; i < side; i++) {
        const image = h('img', { alt: '', class: 'tile' });
        this.sheet.append(h('div', { class: 'waiting' }, image));
        const rank = [i, j].map((k) => k % (side - 1) === 0 ? 0 : k % 2 === 0 ? 1 : 2);
        this.loader.want(image, tile(this.model, { corners, x: i / (side - 1), y: j / (side - 1), n: 1 }), () => Math.max(...rank));
      }
    }
    this.show();
  }

  show() {
    const { x, y } = this.at;
    // The middle of the first cell is 0, that of the last 1.
    const share = (v) => `${100 * (0.5 + v * (side - 1)) / side}%`;
    Object.assign(this.mark.style, { left: share(x), top: share(y) });
    this.point.show(tile(this.model, { corners: this.corners(), x, y, n: 1 }), `${Math.round(100 * x)} % across, ${Math.round(100 * y)} % down`);
  }

  move(x, y) {
    const within = (v) => Math.min(Math.max(v, 0), 1);
    this.at = { x: within(x), y: within(y) };
    this.show();
  }

  key(e) {
    const by = e.shiftKey ? 0.25 : 0.05;
    const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[e.key];
    if (!way) return;
    e.preventDefault();
    this.move(this.at.x + way[0], this.at.y + way[1]);
  }

  aim(e) {
    const box = this.ground.getBoundingClientRect();
    const at = (v, size) => (v / size * side - 0.5) / (side - 1);
    this.move(at(e.clientX - box.left, box.width), at(e.clientY - box.top, box.height));
  }
}

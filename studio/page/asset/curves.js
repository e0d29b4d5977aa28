// The curves of one run, or of several over each other.
import { get } from './api.js';
import { h } from './dom.js';
import { Chart } from './chart.js';

// History holds what is known of a run's metrics and asks for what is new.
export class History {
  constructor(run) {
    this.run = run;
    this.clear();
  }

  clear() { this.values = new Map(); this.next = -1; this.step = 0; this.thin = 1; }

  // more fetches what came since; it tells whether anything did.
  async more() {
    const c = await get(`/runs/${encodeURIComponent(this.run)}/metrics?after=${this.next}`);
    if (this.next >= 0 && c.total && this.total > c.total) { this.clear(); return this.more(); } // the run began anew
    this.total = c.total;
    if (!c.steps.length) return false;
    for (const [name, list] of Object.entries(c.values)) {
      if (!this.values.has(name)) this.values.set(name, []);
      const points = this.values.get(name);
      list.forEach((v, i) => { if (v !== null) points.push([c.steps[i], v]); });
    }
    this.next = c.next;
    this.step = c.steps.at(-1);
    return true;
  }
}

const titles = { loss: 'Loss', validate: 'Held-out pictures', nats: 'Likelihood', score: 'Critic', norm: 'Norms', speed: 'Speed', schedule: 'Schedule', wait: 'Waiting for pictures', match: 'Words and pictures', penalty: 'Gradient penalty', eval: 'Measured', bits: 'Likelihood in bits' };
const titled = (group) => titles[group] ?? group.charAt(0).toUpperCase() + group.slice(1);
const units = { validate: 'by held-out pictures', nats: 'nats a picture', bits: 'bits a dimension', speed: 'pictures a second', wait: 'share of the time' };
const machine = ['speed', 'schedule', 'wait', 'norm'];
const groupOf = (name) => name.includes('/') ? name.slice(0, name.indexOf('/')) : name;
const plain = (name) => name.slice(name.indexOf('/') + 1);

// Curves is the element with the charts of some histories.
export class Curves {
  constructor() {
    this.lead = h('div', { class: 'charts' }); // the first, which stands alone
    this.main = h('div', { class: 'charts' });
    this.rest = h('div', { class: 'charts' });
    this.more = h('details', {}, h('summary', {}, 'More curves'), this.rest);
    this.element = h('div', { class: 'stack' }, this.main, this.more);
    this.charts = new Map();
  }

  draw(histories) {
    const wanted = histories.length > 1 ? this.compared(histories) : this.groups(histories[0]);
    for (const [key, chart] of this.charts) if (!wanted.has(key)) { chart.element.remove(); this.charts.delete(key); }
    let first = true;
    for (const [key, { title, unit, lines, aside }] of wanted) {
      let chart = this.charts.get(key);
      if (!chart) {
        const leads = first && !this.lead.children.length;
        chart = new Chart(title, { unit, first: leads });
        this.charts.set(key, chart);
        (leads ? this.lead : aside ? this.rest : this.main).append(chart.element);
      }
      chart.set(lines);
      first = false;
    }
    this.more.hidden = !this.rest.children.length;
  }

  // groups has a chart a group of metrics.
  groups(history) {
    const out = new Map();
    for (const name of [...history.values.keys()].sort(order)) {
      const group = groupOf(name);
      // The learning rate and the like are orders of magnitude apart.
      const key = group === 'norm' || group === 'schedule' ? name : group;
      if (!out.has(key)) out.set(key, { title: key === group ? titled(group) : plain(name), unit: units[group], aside: machine.includes(group), lines: [] });
      const lines = out.get(key).lines;
      if (lines.length < 6) lines.push({ name: plain(name), points: history.values.get(name), look: `s${lines.length + 1}` });
    }
    return out;
  }

  // compared has a chart a metric, with a line a run; what only one of them has
  // comes last.
  compared(histories) {
    const out = new Map();
    const names = [...new Set(histories.flatMap((x) => [...x.values.keys()]))].sort(order);
    for (const name of names) {
      const group = groupOf(name);
      const lines = histories.map((x, i) => ({ name: x.run, points: x.values.get(name) ?? [], look: `s${i % 6 + 1}`, dashed: i >= 6 })).filter((l) => l.points.length);
      out.set('of ' + name, { title: group === name ? titled(group) : `${titled(group)}: ${plain(name)}`, unit: units[group], aside: machine.includes(group) || lines.length < 2, lines });
    }
    return new Map([...out].sort(([, a], [, b]) => a.aside - b.aside));
  }
}

// order puts losses first, and what the machine does last.
function order(a, b) {
  const rank = (n) => { const g = groupOf(n); return g === 'loss' ? -1 : machine.indexOf(g); };
  const all = (n) => rank(n) === -1 && !n.startsWith('loss/') ? -.5 : rank(n);
  return all(a) - all(b) || a.localeCompare(b);
}

// A job that is followed on the page: where it stands in the queue, how far it
// is, and a button that cancels it.
import { cancel, watch, final } from './api.js';
import { button, complain, h } from './dom.js';

// words say in a line where a job stands.
export function words(job) {
  const p = job.progress ?? {};
  switch (job.state) {
    case 'queued': return job.position > 1 ? `Number ${job.position} in the queue` : 'Next in the queue';
    case 'running': {
      const parts = [capital(p.stage || 'working')];
      if (p.total > 0) parts.push(`${number(p.done)} of ${number(p.total)}`);
      if (p.eta > 2) parts.push(`about ${duration(p.eta)} left`);
      return parts.join(' · ');
    }
    case 'failed': return job.error || 'It failed';
    case 'cancelled': return 'Cancelled';
  }
  return 'Done';
}

const capital = (s) => s.charAt(0).toUpperCase() + s.slice(1);
const number = (x) => Number.isInteger(x) ? x.toLocaleString() : x.toLocaleString(undefined, { maximumFractionDigits: 1 });

// duration is a number of seconds as people say it.
export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

// follower is an element that shows a job, and show(job), which brings it up to
// date. Screen readers hear when the stage changes, not each step.
export function follower({ stop = true } = {}) {
  const line = h('p', { class: 'grow small soft number' });
  const heard = h('p', { class: 'heard', role: 'status' });
  const bar = h('i');
  const meter = h('div', { class: 'meter', role: 'progressbar', 'aria-label': 'How far it is', 'aria-valuemin': '0', 'aria-valuemax': '100' }, bar);
  let job = null;
  const stopper = button('Cancel', { kind: 'quiet', onclick: () => cancel(job.id).then(show, complain) });
  const element = h('div', { class: 'follower stack tight' }, h('div', { class: 'row' }, line, stop && stopper), meter, heard);
  let stage = '';
  function show(state) {
    // The answer to a cancel may be older than what the stream has told since.
    if (job && job.id === state.id && final(job)) return;
    job = state;
    line.textContent = words(job);
    line.classList.toggle('problem', job.state === 'failed');
    const { done = 0, total = 0 } = job.progress ?? {};
    const sure = job.state === 'running' && total > 0;
    meter.classList.toggle('unsure', job.state === 'running' && !sure);
    if (sure) {
      const percent = Math.min(100, 100 * done / total);
      bar.style.width = percent + '%';
      meter.setAttribute('aria-valuenow', Math.round(percent));
    } else meter.removeAttribute('aria-valuenow');
    stopper.hidden = meter.hidden = final(job);
    const now = `${job.state} ${job.progress?.stage ?? ''}`;
    if (now !== stage) heard.textContent = words(job);
    stage = now;
  }
  return { element, show };
}

// follow puts a follower into a place and keeps it up to date until the job has
// ended; it gives the final job.
export async function follow(job, place, on = {}) {
  const f = follower();
  place.append(f.element);
  f.show(job);
  const state = await watch(job.id, { ...on, job: (j) => { f.show(j); on.job?.(j); } });
  if (state.state !== 'failed') f.element.remove();
  return state;
}

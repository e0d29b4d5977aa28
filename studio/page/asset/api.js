// The studio's API.

const base = '/api/v1';

// Seeds have 64 bits, more than numbers have here: longer ones are kept as text
// between reading and writing.
const read = (text) => JSON.parse(text.replace(/"seed":\s*(\d{16,20})(?=[,}\s])/g, '"seed":"$1"'));
const write = (value) => JSON.stringify(value).replace(/"seed":"(\d{1,20})"/g, '"seed":$1');

// ask sends a request and gives its JSON, or throws an Error whose message is a
// line for people. With a body that is no Blob, JSON is sent.
export async function ask(method, path, body, { signal } = {}) {
  const request = { method, signal, headers: { Accept: 'application/json' } };
  if (body instanceof Blob) request.body = body;
  else if (body !== undefined) {
    request.body = write(body);
    request.headers['Content-Type'] = 'application/json';
  }
  let answer;
  try {
    answer = await fetch(base + path, request);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Error('The studio does not answer. Is it still running?');
  }
  const text = await answer.text();
  let value = null;
  try { value = text ? read(text) : null; } catch { /* an error page of something in between */ }
  if (answer.ok) return value;
  const said = value?.detail ?? value?.error?.message;
  const error = new Error(said || `The studio answered ${answer.status} ${answer.statusText}.`);
  error.status = answer.status;
  error.wait = Number(answer.headers.get('Retry-After')) || 0;
  throw error;
}

export const get = (path, options) => ask('GET', path, undefined, options);
export const post = (path, body, options) => ask('POST', path, body ?? {}, options);
export const remove = (path, options) => ask('DELETE', path, undefined, options);

// submit asks for a job and gives it. Where the queue is full it waits as long
// as it is told to, and asks again; onwait hears of it.
export async function submit(kind, spec, { priority = 0, signal, onwait } = {}) {
  for (;;) {
    try {
      return await post('/jobs', { kind, priority, spec }, { signal });
    } catch (error) {
      if (error.status !== 429) throw error;
      const seconds = Math.min(Math.max(error.wait, 1), 60);
      onwait?.(seconds);
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, seconds * 1000);
        signal?.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
      });
    }
  }
}

export const cancel = (id) => remove(`/jobs/${encodeURIComponent(id)}`);
export const final = (job) => ['done', 'failed', 'cancelled'].includes(job.state);

// watch follows a job to its end. job(Job) hears each state, preview({number,
// url}) each picture of the moment; the url is good until the next of its
// number. It gives the final job. A connection that breaks is made again.
export async function watch(id, on = {}) {
  // A browser opens six connections to one server; some must stay free.
  while (open >= 3) await new Promise((resolve) => waiting.push(resolve));
  open++;
  try {
    return await stream(id, on);
  } finally {
    open--;
    waiting.shift()?.();
  }
}

let open = 0;
const waiting = [];

function stream(id, { job, preview, signal }) {
  return new Promise((resolve, reject) => {
    const urls = new Map();
    const source = new EventSource(`${base}/jobs/${encodeURIComponent(id)}/events`);
    const end = () => {
      source.close();
      for (const url of urls.values()) URL.revokeObjectURL(url);
    };
    let failures = 0;
    source.addEventListener('job', (e) => {
      failures = 0;
      const state = read(e.data);
      job?.(state);
      if (final(state)) { end(); resolve(state); }
    });
    source.addEventListener('preview', (e) => {
      const { number, type, data } = JSON.parse(e.data);
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes], { type }));
      preview?.({ number, url });
      if (urls.has(number)) setTimeout(URL.revokeObjectURL, 1000, urls.get(number));
      urls.set(number, url);
    });
    source.addEventListener('error', () => {
      failures++;
      if (source.readyState !== EventSource.CLOSED && failures < 20) return; // the browser tries again
      end();
      get(`/jobs/${encodeURIComponent(id)}`).then((state) => {
        job?.(state);
        if (final(state)) resolve(state);
        else reject(new Error('The connection to the studio was lost. The job goes on; load the page again to see it.'));
      }, reject);
    });
    signal?.addEventListener('abort', () => { end(); reject(signal.reason); }, { once: true });
  });
}

// object is the address of something that a job made or that was uploaded.
export const object = (digest) => `${base}/objects/${encodeURIComponent(digest)}`;

// upload sends a picture and gives {digest, width, height, settings?}.
export const upload = (blob, options) => ask('POST', '/uploads', blob, options);

// models lists what can be painted with. It is asked for once a page.
let known = null;
export function models() {
  known ??= get('/models').then((answer) => answer.models);
  known.catch(() => { known = null; });
  return known;
}

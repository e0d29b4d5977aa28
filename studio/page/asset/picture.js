// Pictures on a chessboard, and what is done with them.
import { object } from './api.js';
import { h } from './dom.js';

// describe is what a picture is called where it cannot be seen.
export function describe(meta = {}) {
  return meta.prompt || meta.class || (meta.seed !== undefined ? `Picture of seed ${meta.seed}` : 'A picture');
}

// frame is a picture on a chessboard; a source is a digest or an address.
export function frame(source, meta = {}, { lazy = false } = {}) {
  const address = source?.startsWith('sha256:') ? object(source) : source;
  const image = h('img', { alt: describe(meta), src: address, decoding: 'async', loading: lazy ? 'lazy' : 'eager', draggable: 'true' });
  const f = h('div', { class: 'frame' }, image);
  if (meta.width && meta.height) f.style.aspectRatio = `${meta.width} / ${meta.height}`;
  if (source?.startsWith('sha256:')) {
    image.addEventListener('dragstart', (e) => e.dataTransfer.setData('application/x-limner-digest', source));
  }
  return f;
}

// download saves a picture under a name that says what it is.
export function download(digest, meta = {}) {
  const name = (describe(meta).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '') || 'picture').slice(0, 60);
  const a = h('a', { href: object(digest), download: `${name}-${meta.seed ?? ''}-${meta.index ?? 0}.png` });
  document.body.append(a);
  a.click();
  a.remove();
}

// rights is the line on rights with what names the set shortened.
export const rights = (line) => line?.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');

// What is done with a picture that was made: {digest, job, spec, meta, mark}.
import { post, remove } from './api.js';
import { button, complain, say, sure } from './dom.js';
import { download } from './picture.js';
import { address, one } from './settings.js';
import { invite } from './consent.js';

// act notes an action. The records of usage hear of it if there is consent.
async function act(picture, action) {
  const { recorded } = await post(`/gallery/pictures/${encodeURIComponent(picture.digest)}/actions`, { action });
  return recorded;
}

// mark keeps or discards a picture, or takes that back.
async function mark(picture, what) {
  const now = picture.mark === what ? '' : what;
  try {
    const recorded = await act(picture, now);
    picture.mark = now;
    picture.onmark?.();
    if (now === 'kept' && !recorded) invite();
  } catch (error) { complain(error); }
}

// buttons are those of a picture. go(spec) makes something at once, use(digest)
// starts from a picture, fill(spec) fills the form in; where they are not given,
// Make does it.
export function buttons(picture, { go, use, fill, deleted } = {}) {
  const visit = (spec, more = '') => { location.href = address(spec) + more; };
  const varied = { ...one(picture), image: picture.digest, strength: 0.6, n: 4, seed: undefined, first: undefined, mask: undefined };
  const all = [
    marker(picture, 'kept', 'heart', 'Keep'),
    marker(picture, 'discarded', 'discard', 'Discard'),
    button('', { drawing: 'input', label: 'Start from it', said: 'Start from it', kind: 'quiet square', onclick: () => use ? use(picture.digest) : visit({ model: picture.spec.model, prompt: picture.meta.prompt, image: picture.digest }) }),
    button('', { drawing: 'vary', label: 'Vary', said: 'Vary', kind: 'quiet square', onclick: () => go ? go(varied) : visit(varied, '&go=1') }),
    button('', { drawing: 'copy', label: 'Use its settings', said: 'Its settings', kind: 'quiet square', onclick: () => fill ? fill(one(picture)) : visit(one(picture)) }),
    button('', { drawing: 'download', label: 'Download', said: 'Download', kind: 'quiet square', onclick: () => { download(picture.digest, picture.meta); act(picture, 'downloaded').catch(() => { /* it is downloaded all the same */ }); } }),
  ];
  if (deleted) {
    all.push(button('Delete', { kind: 'quiet danger', onclick: async () => {
      if (!await sure('Delete this picture? Its file is removed for good.', 'Delete it')) return;
      try {
        await remove(`/gallery/pictures/${encodeURIComponent(picture.digest)}`);
        say('Deleted.');
        deleted();
      } catch (error) { complain(error); }
    } }));
  }
  return all;
}

function marker(picture, what, drawing, words) {
  const b = button('', { drawing, label: words, said: words, kind: `quiet square ${what}`, onclick: () => mark(picture, what) });
  const show = () => b.setAttribute('aria-pressed', String(picture.mark === what));
  show();
  const before = picture.onmark;
  picture.onmark = () => { before?.(); show(); };
  return b;
}

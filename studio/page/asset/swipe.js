// A card that is thrown to the right or to the left.

const far = 90; // pixels that decide

// swipe makes a card follow the finger; thrown(right) hears where it went. It
// gives away(right), which sends the card off, and reset(), which has it back.
export function swipe(card, thrown) {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const stamps = { keep: card.querySelector('.stamp.keep'), skip: card.querySelector('.stamp.skip-it') };
  const s = { on: false, away, reset };
  let from = null;
  let by = 0;

  function move(x) {
    by = x;
    card.style.transform = x === 0 ? '' : `translateX(${x}px) rotate(${x / 40}deg)`;
    stamps.keep.style.opacity = Math.min(1, Math.max(0, x / far));
    stamps.skip.style.opacity = Math.min(1, Math.max(0, -x / far));
  }

  card.addEventListener('pointerdown', (e) => {
    if (!s.on || e.button !== 0) return;
    from = e.clientX;
    card.setPointerCapture(e.pointerId);
    card.classList.remove('back');
    card.classList.add('held');
  });
  card.addEventListener('pointermove', (e) => { if (from !== null) move(e.clientX - from); });
  const end = (e) => {
    if (from === null) return;
    from = null;
    card.classList.remove('held');
    if (e.type === 'pointerup' && Math.abs(by) >= far) return thrown(by > 0);
    card.classList.add('back');
    move(0);
  };
  card.addEventListener('pointerup', end);
  card.addEventListener('pointercancel', end); // it was a scroll after all

  function away(right) {
    if (still.matches) return Promise.resolve();
    card.classList.remove('back');
    card.classList.add('leaving');
    move(right ? 260 : -260);
    return new Promise((resolve) => setTimeout(resolve, 180));
  }

  function reset() {
    card.classList.remove('leaving', 'back', 'held');
    from = null;
    move(0);
  }
  return s;
}

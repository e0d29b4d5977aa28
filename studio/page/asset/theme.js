// Runs before the page is drawn, so that it does not flash in the other
// colours. Nothing but that belongs here.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  for (const name of ['theme', 'enlarge']) {
    let value = null;
    try { value = localStorage.getItem('limner.' + name); } catch { /* storage is refused: the defaults hold */ }
    if (value) root.dataset[name] = value;
  }
})();

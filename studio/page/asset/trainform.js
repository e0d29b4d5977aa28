// The form that begins a run.
import { get, submit } from './api.js';
import { $, complain, h, say } from './dom.js';

const number = (id) => $('#' + id).value.trim() === '' ? undefined : Number($('#' + id).value);

// form fills the form in and calls begun(job) when a run was begun.
export async function form(begun) {
  let offer;
  try { offer = await get('/training'); } catch (error) { complain(error); return; }
  const sets = new Map(offer.sets.map((s) => [s.name, s]));
  const recipes = new Map(offer.recipes.map((r) => [r.name, r]));
  // A first run needs nothing but this page, so shapes come first.
  const ordered = [...offer.sets].sort((a, b) => (b.kind === 'shapes') - (a.kind === 'shapes'));
  $('#set').replaceChildren(...ordered.map((s) => h('option', { value: s.name }, s.kind === 'shapes' ? 'shapes, drawn on demand' : s.kind === 'folder' ? `${s.name}, a folder of pictures` : s.name)));
  $('#recipe').replaceChildren(...offer.recipes.map((r) => h('option', { value: r.name }, r.title)));
  for (const part of ['autoencoder', 'words']) {
    $('#' + part).replaceChildren(part === 'words' ? h('option', { value: '' }, 'none: pictures without words') : '', ...offer.parts[part].map((n) => h('option', {}, n)));
  }
  const wanted = new URLSearchParams(location.search).get('set'); // a page may send somebody here for one
  if (sets.has(wanted)) {
    $('#set').value = wanted;
    $('#begin').open = true;
  }
  let named = false; // by the person
  $('#name').addEventListener('input', () => { named = $('#name').value !== ''; });

  function fit() {
    const set = sets.get($('#set').value);
    const recipe = recipes.get($('#recipe').value);
    $('#set-hint').textContent = about(set);
    $('#recipe-hint').textContent = recipe.summary.charAt(0).toUpperCase() + recipe.summary.slice(1);
    for (const part of ['autoencoder', 'words']) {
      $(`#${part}-field`).hidden = !recipe.parts?.includes(part);
      $('#' + part).required = part === 'autoencoder' && Boolean(recipe.parts?.includes(part));
    }
    $('#images').placeholder = recipe.images.toLocaleString();
    $('#batch').placeholder = recipe.batch;
    $('#rate').placeholder = recipe.rate;
    $('#size').placeholder = set.side ? `${set.side}, the set's` : "the set's";
    if (!named) $('#name').value = free(`${set.name}-${recipe.name}`);
  }

  function free(name) {
    const taken = new Set(offer.runs ?? []);
    let n = 1;
    let out = name;
    while (taken.has(out)) out = `${name}-${++n}`;
    return out;
  }

  $('#set').addEventListener('change', fit);
  $('#recipe').addEventListener('change', fit);
  $('#config').addEventListener('input', () => {
    const given = $('#config').value.trim() !== '';
    for (const id of ['set', 'recipe', 'images', 'size', 'batch', 'rate', 'seed', 'autoencoder', 'words']) $('#' + id).disabled = given;
  });
  fit();

  $('#new').addEventListener('submit', async (e) => {
    e.preventDefault();
    const config = $('#config').value;
    const recipe = recipes.get($('#recipe').value);
    const spec = config.trim() !== '' ? { run: $('#name').value, config } : {
      run: $('#name').value, set: $('#set').value, recipe: recipe.name,
      images: number('images'), size: number('size'), batch: number('batch'), rate: number('rate'), seed: number('seed'),
    };
    if (!spec.config) for (const part of recipe.parts ?? []) if ($('#' + part).value) spec[part] = $('#' + part).value;
    const go = $('#new .primary');
    go.disabled = true;
    try {
      const job = await submit('train', spec, { onwait: (s) => say(`The queue is full; asking again in ${s} s.`) });
      (offer.runs ??= []).push(spec.run);
      named = false;
      fit();
      begun(job);
    } catch (error) { complain(error); } finally { go.disabled = false; }
  });
  return offer;
}

const rights = { recorded: 'the right to every picture is on record', drawn: 'nobody else has rights in them', unknown: 'rights unknown: a model of it will say so' };

function about(s) {
  const parts = [];
  if (s.pictures) parts.push(`${s.pictures.toLocaleString()} pictures`);
  if (s.held_out) parts.push(`${s.held_out.toLocaleString()} held out`);
  parts.push(rights[s.rights] ?? s.rights);
  return parts.join(', ') + '.';
}

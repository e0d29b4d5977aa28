// Explore: a map of latents, a plane between four prompts, attributes, mixtures.
// Each shows itself for the models that can do it, and says what is missing.
import { get } from './api.js';
import { $, $$, complain, h } from './dom.js';
import { showMap } from './map.js';
import { showMix } from './mix.js';
import { showPlane } from './plane.js';
import { showSlide } from './slide.js';

const place = $('#place');
const which = $('#which');
const ways = {
  map: { can: () => true, show: showMap },
  plane: { can: (m) => m.corners, show: showPlane, wants: 'a flow model that takes words; the one that comes with Limner is one' },
  slide: { can: (m) => m.slides && m.attached, show: showSlide, wants: 'a VAE whose data set is on this machine, since attributes are found in that' },
  mix: { can: (m) => m.mixes, show: showMix, wants: 'a VAE or a GAN that was trained with classes' },
};
let models = [];
let leave = null; // what the way that is shown does when it is left

function show() {
  const way = $('input[name=way]:checked').value;
  const { can, show: draw, wants } = ways[way];
  const fitting = models.filter(can);
  // Maps of a VAE come at once; those of a flow are painted step by step.
  const now = which.value || fitting.find((m) => m.family === 'vae')?.name;
  leave?.();
  leave = null;
  which.replaceChildren(...fitting.map((m) => h('option', { value: m.name, selected: m.name === now }, `${m.name} · ${m.family}`)));
  which.disabled = fitting.length === 0;
  place.replaceChildren();
  if (!fitting.length) {
    place.append(h('div', { class: 'empty' }, h('h2', {}, 'No model here can do this'), h('p', {}, `It wants ${wants}.`),
      h('a', { class: 'button', href: '/train' }, 'Train a model')));
    return;
  }
  leave = draw(place, fitting.find((m) => m.name === which.value));
}

try {
  ({ models } = await get('/explore/models'));
  for (const radio of $$('input[name=way]')) radio.addEventListener('change', show);
  which.addEventListener('change', show);
  show();
} catch (error) { complain(error); }

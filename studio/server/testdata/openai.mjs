// Uses the official client as its documentation does.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { default: OpenAI, toFile, APIError } = createRequire(process.env.LIMNER_NPM + '/')('openai');
const client = new OpenAI({ baseURL: process.argv[2] + '/v1', apiKey: 'none is needed', maxRetries: 0 });

const png = (text) => {
  const data = Buffer.from(text, 'base64');
  assert.equal(data.subarray(1, 4).toString(), 'PNG');
  return data;
};

const models = [];
for await (const m of client.models.list()) models.push(m);
assert.equal(models[0].object, 'model');
assert.equal((await client.models.retrieve(models[0].id)).id, models[0].id);

const two = await client.images.generate({ model: 'gpt-image-1', prompt: 'a red apple', n: 2, size: '128x128', seed: 7, steps: 2 });
assert.equal(two.data.length, 2);
assert.equal(two.size, '128x128');
const apple = png(two.data[0].b64_json);
const again = await client.images.generate({ prompt: 'a red apple', n: 1, size: '128x128', seed: 7, steps: 2 });
assert.deepEqual(png(again.data[0].b64_json), apple, 'the same seed is the same picture');

const linked = await client.images.generate({ model: 'dall-e-2', prompt: 'a tree', response_format: 'url', steps: 1 });
const got = await fetch(linked.data[0].url);
assert.equal(got.status, 200);
assert.equal(got.headers.get('content-type'), 'image/png');

const image = () => toFile(apple, 'apple.png', { type: 'image/png' });
png((await client.images.edit({ image: await image(), prompt: 'a green apple', strength: 0.6, steps: 2 })).data[0].b64_json);
png((await client.images.edit({ image: [await image()], mask: await image(), prompt: 'a green apple', steps: 2 })).data[0].b64_json);
assert.equal((await client.images.createVariation({ image: await image(), n: 2, response_format: 'b64_json' })).data.length, 2);

const kinds = [];
for await (const event of await client.images.generate({ prompt: 'a red apple', stream: true, partial_images: 2, steps: 8 })) {
  png(event.b64_json);
  kinds.push(event.type);
}
assert.equal(kinds.at(-1), 'image_generation.completed');

await assert.rejects(client.images.generate({ prompt: 'x', n: 99 }), (e) => e instanceof OpenAI.BadRequestError && e.param === 'n' && e.type === 'invalid_request_error');
await assert.rejects(client.images.generate({ prompt: 'x', model: 'nothing' }), (e) => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found');
await assert.rejects(client.chat.completions.create({ model: 'x', messages: [] }), (e) => e instanceof APIError && e.status === 404);

console.log(kinds.join(' '));
console.log('all is well');

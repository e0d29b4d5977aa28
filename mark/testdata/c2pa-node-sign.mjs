// The official library edits a picture: its manifest has ours as the parent's.
// Arguments: PEM file of certificates and key, picture, where to write.
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.LIMNER_NPM + "/");
const { Builder, LocalSigner } = await import(pathToFileURL(require.resolve("@contentauth/c2pa-node")));
const [signing, from, to] = process.argv.slice(2);
const pem = fs.readFileSync(signing, "utf8");
const blocks = (kind) => Buffer.from(pem.match(new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----\n`, "g")).join(""));
const mimeType = from.endsWith(".png") ? "image/png" : "image/jpeg";
const settings = { builder: { thumbnail: { enabled: false } }, verify: { verify_after_sign: false } };
const builder = Builder.withJson({
  claim_generator_info: [{ name: "official", version: "1" }],
  format: mimeType,
  title: "edited elsewhere",
}, settings);
builder.setIntent("edit");
await builder.addIngredient(
  JSON.stringify({ title: "before", relationship: "parentOf", format: mimeType }),
  { buffer: fs.readFileSync(from), mimeType },
);
const output = { buffer: null };
builder.sign(LocalSigner.newSigner(blocks("CERTIFICATE"), blocks("PRIVATE KEY"), "es256"),
  { buffer: fs.readFileSync(from), mimeType }, output);
fs.writeFileSync(to, output.buffer);

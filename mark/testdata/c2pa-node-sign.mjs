// The official library signs a picture. Arguments: PEM file of certificates and
// key, picture, where to write, and what: "edit" has the picture as the parent,
// "old" is a claim of version 1 about one that was created.
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.LIMNER_NPM + "/");
const { Builder, LocalSigner } = await import(pathToFileURL(require.resolve("@contentauth/c2pa-node")));
const [signing, from, to, what] = process.argv.slice(2);
const pem = fs.readFileSync(signing, "utf8");
const blocks = (kind) => Buffer.from(pem.match(new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----\n`, "g")).join(""));
const mimeType = { png: "image/png", jpg: "image/jpeg", webp: "image/webp" }[from.split(".").pop()];
const settings = { builder: { thumbnail: { enabled: false } }, verify: { verify_after_sign: false } };
const about = { claim_generator_info: [{ name: "official", version: "1" }], format: mimeType, title: what };
let builder;
if (what === "old") {
  const digitalSourceType = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation";
  const actions = [{ action: "c2pa.created", digitalSourceType }];
  builder = Builder.withJson({ ...about, claim_version: 1, assertions: [{ label: "c2pa.actions", data: { actions } }] }, settings);
} else {
  builder = Builder.withJson(about, settings);
  builder.setIntent("edit");
  await builder.addIngredient(
    JSON.stringify({ title: "before", relationship: "parentOf", format: mimeType }),
    { buffer: fs.readFileSync(from), mimeType },
  );
}
const output = { buffer: null };
builder.sign(LocalSigner.newSigner(blocks("CERTIFICATE"), blocks("PRIVATE KEY"), "es256"),
  { buffer: fs.readFileSync(from), mimeType }, output);
fs.writeFileSync(to, output.buffer);

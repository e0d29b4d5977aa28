// What the official library says of files, as JSON on standard output: one
// manifest store a line. Arguments: a root certificate, and files.
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.LIMNER_NPM + "/");
const { Reader } = await import(pathToFileURL(require.resolve("@contentauth/c2pa-node")));
const [root, ...files] = process.argv.slice(2);
const settings = {
  trust: { user_anchors: root ? fs.readFileSync(root, "utf8") : undefined },
  verify: { verify_after_reading: true, verify_trust: true },
};
for (const file of files) {
  const mimeType = { png: "image/png", jpg: "image/jpeg", webp: "image/webp" }[file.split(".").pop()];
  const reader = await Reader.fromAsset({ buffer: fs.readFileSync(file), mimeType }, settings);
  console.log(JSON.stringify(reader?.json() ?? null));
}

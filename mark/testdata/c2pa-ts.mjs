// What a second implementation says of files, as JSON: one line each. It checks
// signatures and hashes, but not who signed.
import * as fs from "node:fs";
import { pathToFileURL } from "node:url";

const load = (name) => import(pathToFileURL(`${process.env.LIMNER_NPM}/@trustnxt/c2pa-ts/dist/${name}/index.js`));
const [{ JPEG, PNG }, { SuperBox }, { ManifestStore, ValidationResult }] =
  await Promise.all(["asset", "jumbf", "manifest"].map(load));
for (const file of process.argv.slice(2)) {
  const bytes = fs.readFileSync(file);
  const asset = PNG.canRead(bytes) ? new PNG(bytes) : new JPEG(bytes);
  let result;
  try {
    result = await ManifestStore.read(SuperBox.fromBuffer(asset.getManifestJUMBF())).validate(asset);
  } catch (e) {
    result = ValidationResult.fromError(e);
  }
  console.log(JSON.stringify({ valid: result.isValid, statuses: result.statusEntries.map((s) => s.code) }));
}

/** The folders that need no runtime run in a browser: bundled for one, they import nothing that it does not have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build, type Plugin, stop } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The digests of `observers` are of a package that runs in browsers, too: it is left out, so that only our own code is seen. */
const withoutDigests: Plugin = {
  name: "without hash-wasm",
  setup(made) {
    made.onResolve({ filter: /^hash-wasm$/ }, ({ path }) => ({ path, namespace: "left-out" }));
    made.onLoad({ filter: /./, namespace: "left-out" }, () => ({ contents: "module.exports = {}" }));
  },
};

for (const folder of ["stage", "framing", "observers"]) {
  test(`src/${folder} is bundled for browsers, and runs without Deno or Node`, async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [`src/${folder}/mod.ts`],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      platform: "browser",
      format: "iife",
      globalName: "bundled",
      logLevel: "silent",
      plugins: [withoutDigests],
    });
    await stop();
    const inputs = Object.keys(metafile.inputs);
    assert.deepEqual(inputs.filter((path) => /src\/runtime|node_modules|^node:/.test(path)), []);
    const code = outputFiles[0].text;
    assert.doesNotMatch(code, /\bDeno\.|\bprocess\.|\bBuffer\.|require\("node:/);
    const bundled = new Function("Deno", "process", "Buffer", `${code}; return bundled;`)();
    assert.ok(Object.keys(bundled).length > 0);
  });
}

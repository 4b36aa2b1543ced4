/** NATS is loaded only by a server that is asked for a cluster. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const files = ["src", "cli"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`.replaceAll(sep, "/"))
);

test("src/cluster alone imports NATS, and nothing but the demo of clusters imports it before it is asked for", () => {
  const outside = files.filter((path) => !path.startsWith("src/cluster/") && path !== "cli/demo_cluster.ts");
  const importing = outside.filter((path) =>
    /^(?:import|export) (?!type )[\w\s*{},]*"(?:@nats-io\/|[^"]*\/cluster\/)/m.test(
      readFileSync(join(root, path), "utf8"),
    )
  );
  assert.deepEqual(importing, []);
  assert.match(
    readFileSync(join(root, "cli/demo_cluster.ts"), "utf8"),
    /^import \{[^"]*"\.\.\/src\/cluster\/mod\.ts"/m,
  );
});

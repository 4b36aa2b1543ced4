/** A second host, played by a network namespace that a cable joins to that of the server: Linux, with `unshare`. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandLine, temporaryFolder } from "../support/commands.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tools = ["unshare", "nsenter", "ip", "python3"];
const missing = tools.find((tool) => spawnSync("which", [tool]).status !== 0);
const isAllowed = () => spawnSync("unshare", ["-Urn", "ip", "link", "set", "lo", "up"]).status === 0;
const skip = missing !== undefined ? `no ${missing} here` : !isAllowed() && "no network namespaces here";

test("a second host, over IPv4 and IPv6, and a server for this machine alone", { skip }, async () => {
  await using folder = await temporaryFolder();
  const server = [...commandLine("server"), "--yes", "--log-to", "none"].map((word) => `'${word}'`).join(" ");
  const nc = `python3 '${join(root, "test/support/nc.py")}'`;
  const script = `
cd '${root}'
ip link set lo up
unshare -n sleep 60 & other=$!
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
until nsenter -t $other -n ip link add near type veth peer name far netns $$ 2> '${folder.file("waits")}'; do
  sleep 0.1
done
ip addr add 192.0.2.1/24 dev far; ip addr add 2001:db8::1/64 dev far nodad; ip link set far up
there() { nsenter -t $other -n "$@"; }
there ip addr add 192.0.2.2/24 dev near; there ip addr add 2001:db8::2/64 dev near nodad; there ip link set near up
${server} --host :: --port 9090 > '${folder.file("all")}' & all=$!
${server} --port 9091 > '${folder.file("alone")}' & alone=$!
for i in $(seq 300); do grep -qs listening '${folder.file("all")}' && grep -qs listening '${
    folder.file("alone")
  }' && break; sleep 0.1; done
echo four | there ${nc} 192.0.2.1 9090
echo six | there ${nc} 2001:db8::1 9090
echo refused | there ${nc} 192.0.2.1 9091 2>&1 | grep -o 'Connection refused'
kill $all $alone $other; wait
`;
  const { stdout, stderr } = spawnSync("unshare", ["-Urn", "sh", "-c", script], { timeout: 60_000, encoding: "utf8" });
  assert.equal(stdout, "four\nsix\nConnection refused\n", stderr);
});

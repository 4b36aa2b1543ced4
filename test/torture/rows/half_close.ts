import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { server as certificate } from "../../support/certificates.ts";
import { SeededRandom } from "../../support/random.ts";
import { messageBytes } from "../../support/sockets.ts";
import { echoed, inTurns } from "../peers.ts";
import { Findings, type Row, share, withinTime } from "../row.ts";

const MAX_BYTES = 4 << 20;
/** After so many echoes that are not whole the others are not tried: each may take its time limit. */
const MAX_CUT = 50;
/** What is sent is cut from this: making random bytes takes longer than echoing them. */
const pool = new Uint8Array(8 << 20);
const random = new SeededRandom(13);
for (let at = 0; at < pool.length; at += 4) new DataView(pool.buffer).setUint32(at, random.int(2 ** 32));

/** Ways to serve, and how input looks there. */
const ways: readonly { name: string; flags: string[]; tls?: boolean; messages?: boolean }[] = [
  { name: "raw", flags: ["--framing", "raw"] },
  { name: "line", flags: ["--framing", "line"] },
  { name: "message", flags: ["--framing", "message"], messages: true },
  { name: "auto", flags: ["--framing", "auto"] },
  { name: "two workers", flags: ["--framing", "raw", "--workers", "2"] },
  { name: "TLS", flags: ["--framing", "raw"], tls: true },
];

/** Random bytes of a random size, as messages if the framing has them. */
function input(messages: boolean): Uint8Array {
  const bytes = (most: number) => {
    const length = random.size(most);
    const from = random.int(pool.length - length);
    const cut = pool.slice(from, from + length);
    if (!messages) cut[0] = 0x41; // to `auto` a line
    return cut;
  };
  if (!messages) return bytes(MAX_BYTES);
  return Buffer.concat(Array.from({ length: 1 + random.int(4) }, () => messageBytes(bytes(MAX_BYTES / 4), "data")));
}

/** Half-closes in every framing, with workers and over TLS. */
export const halfClose: Row = {
  id: "half-close",
  title: "1,000 clients send up to 4 MiB and half-close, in each framing: every byte comes back",
  peers: true,
  deadline: 600,
  async run(target, size) {
    const findings = new Findings();
    const folder = await mkdtemp(join(tmpdir(), "echopipe-torture-"));
    try {
      const files = [["--tls-cert", certificate.cert], ["--tls-key", certificate.key]].flatMap(([flag, text]) => {
        writeFileSync(join(folder, flag), text, { mode: 0o600 });
        return [flag, join(folder, flag)];
      });
      const some = size < 0.1 ? ways.filter(({ name }) => /raw|message|TLS/.test(name)) : ways;
      const chosen = target.ours ? some : ways.slice(0, 1);
      for (const { name, flags, tls = false, messages = false } of chosen) {
        await using server = await target.start({ flags: tls ? [...flags, ...files] : flags });
        const count = share(1000, size);
        let [whole, cut] = [0, 0];
        await inTurns(count, 8, async () => {
          if (cut >= MAX_CUT) return; // it will not get better
          const bytes = input(messages);
          const back = await withinTime(echoed(server.port, bytes, tls), 10_000, "an echo").catch(() => -1);
          if (back === bytes.length) whole++;
          else cut++;
        });
        findings.add(`whole, ${name}`, whole * 100 / (whole + cut), { unit: "%", better: "more" });
        findings.expect(whole === count, `${name}: ${cut} of ${whole + cut} echoes were not whole`);
        const more = Buffer.from(messages ? "\0\0\0\x02hi" : "hi\n");
        const served = await withinTime(echoed(server.port, more, tls), 10_000, "one more").catch(() => -1);
        findings.expect(served === more.length, `${name}: no more clients are served`);
      }
      return findings;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

import { inputsFor } from "../../fuzz/inputs.ts";
import { exchange, messageBytes, open } from "../../support/sockets.ts";
import { inTurns } from "../peers.ts";
import { Findings, type Row, share, withinTime } from "../row.ts";

const bombs = [
  "[".repeat(4096),
  `{"type":"hello","version":1,"a":${"[".repeat(2000)}${"]".repeat(2000)}}`,
  `{"type":"hello","version":1,"token":"${"x".repeat(4000)}"}`,
  `{"__proto__":{"type":"hello"},"version":1e999}`,
];

/** What is sent: every first byte, other protocols, control messages that are bombs, mutated input. */
function* garbage(count: number): Generator<Uint8Array> {
  for (let byte = 0; byte < 256; byte++) yield Uint8Array.of(byte);
  for (let byte = 0; byte < 256; byte++) yield Uint8Array.of(byte, 0xff, 0xff, 0xff, 0x0a);
  yield Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  yield Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  yield Buffer.from("160301020001000001fc0303", "hex"); // the start of a TLS hello
  yield Buffer.from("SSH-2.0-OpenSSH_9.2\r\n");
  for (const bomb of bombs) yield messageBytes(bomb, "control");
  yield* inputsFor("wire", 13, count);
}

/** Sends a line of so many bytes; true if as many came back. */
async function longLine(port: number, bytes: number): Promise<boolean> {
  const socket = await open(port);
  const block = new Uint8Array(256 * 1024).fill(97);
  let back = 0;
  const ended = new Promise<void>((resolve) => socket.on("end", resolve).on("error", () => resolve()));
  socket.on("data", (piece: Uint8Array) => back += piece.length);
  for (let left = bytes; left > 0; left -= block.length) {
    const taken = socket.write(block.subarray(0, Math.min(left, block.length)));
    if (!taken) await Promise.race([new Promise<void>((resume) => socket.once("drain", resume)), ended]);
  }
  socket.end();
  await ended;
  socket.destroy();
  return back === bytes;
}

/** Garbage of every kind. */
export const garbageRow: Row = {
  id: "garbage",
  title:
    "every first byte, HTTP, TLS, SSH, JSON bombs, 10,000 mutated inputs, then one line of 1 GB: all end, memory is bounded",
  deadline: 300,
  async run(target, size) {
    const findings = new Findings();
    await using server = await target.start({ flags: ["--framing", "auto", "--allow-stop", "none"] });
    const before = server.descriptors;
    const inputs = [...garbage(share(10_000, size))];
    let hung = 0;
    await inTurns(inputs.length, 50, async (i) => {
      await withinTime(exchange(server.port, inputs[i]), 20_000, "an end").catch((error) => {
        if (String(error).includes("not within")) hung++;
      });
    });
    findings.add("inputs", inputs.length);
    findings.add("without an end", hung, { better: "less" });
    findings.expect(hung === 0, `${hung} connections did not end within 20 s`);
    const line = share(1e9, size);
    const whole = await withinTime(longLine(server.port, line), 120_000, "the long line").catch(() => false);
    findings.expect(whole, `a line of ${line} bytes did not come back whole`);
    findings.add("peak memory", server.peakMiB, { unit: "MiB" });
    findings.expect(server.peakMiB < 512, `it used ${Math.round(server.peakMiB)} MiB`);
    findings.expect(await server.serves(), server.alive ? "it serves nobody any more" : "its process ended");
    const left = await server.descriptorsLeft(before);
    findings.expect(left === 0, `${left} descriptors stayed open`);
    return findings;
  },
};

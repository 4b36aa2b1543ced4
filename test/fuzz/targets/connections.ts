/**
 * What connections begin with: the PROXY protocol and WebSocket.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isIP } from "node:net";
import { EchopipeError, websocket } from "echopipe";
import { parseProxyHeader } from "../../../src/framing/proxy_protocol.ts";
import { cutAt } from "../../support/cuts.ts";
import { type FuzzTarget, orRefused } from "../target.ts";

const CHUNK = 16;

const proxy: FuzzTarget = {
  name: "proxy",
  corpus: "proxy",
  check(input) {
    const header = orRefused(() => parseProxyHeader(input), "protocol", "too-large");
    if (header === undefined) return;
    assert.ok(header.length <= Math.min(input.length, 4096));
    if (header.client !== undefined) assert.ok(isIP(header.client.address) > 0, header.client.address);
    assert.deepEqual(parseProxyHeader(input.slice(0, header.length)), header, "what follows is not looked at");
    assert.equal(parseProxyHeader(input.slice(0, header.length - 1)), undefined, "not before the last byte");
  },
};

/** What a decoder makes of reads: kind and bytes of each message, and the code of the error that ended it. */
async function decoded(reads: Uint8Array[]) {
  const messages: { kind: string; bytes: number[]; whole: boolean }[] = [];
  let failure: string | undefined;
  try {
    // The masks are removed in the memory of the reads.
    const copies = reads.map((read) => read.slice());
    for await (const chunk of websocket({ chunkSize: CHUNK, limit: 4096 }).decoder.over(copies)) {
      assert.ok(chunk.length <= CHUNK, `a chunk of ${chunk.length} bytes`);
      if (chunk.first) messages.push({ kind: chunk.kind, bytes: [], whole: false });
      const open = messages.at(-1)!;
      open.bytes.push(...chunk.bytes);
      open.whole = chunk.last;
    }
  } catch (error) {
    if (!(error instanceof EchopipeError)) throw error;
    failure = error.code;
  }
  // How much of a text arrives before its first wrong byte depends on the reads.
  return { messages: failure === "invalid-text" ? messages.filter(({ whole }) => whole) : messages, failure };
}

const webSocket: FuzzTarget = {
  name: "websocket",
  corpus: "websocket",
  async check(input, random) {
    const whole = await decoded(input.length > 0 ? [input] : []);
    const cut = cutAt(input, Array.from({ length: random.size(8) }, () => random.int(input.length + 1)));
    assert.deepEqual(await decoded(cut), whole, "the same for any cut");
  },
};

/** These. */
export const connections: readonly FuzzTarget[] = [proxy, webSocket];

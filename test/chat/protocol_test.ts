import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { decodeEvents, decodeRequests } from "../../src/chat/udp/records.ts";
import { type Body, decodeBody } from "../../src/chat/udp/bodies.ts";
import { decodePacket, type Packet } from "../../src/chat/udp/datagrams.ts";
import { agree, keyPair, open, type SessionKeys } from "../../src/chat/udp/keys.ts";
import { Party } from "./support/party.ts";

const page = new URL("../../docs/protocol.md", import.meta.url);
const begin = "<!-- conversation: written by test/chat/protocol_test.ts with ECHOPIPE_UPDATE_DOCS=1 -->\n\n```text\n";
const end = "```\n\n<!-- end of conversation -->";

test("the conversation in docs/protocol.md is what is sent", async () => {
  const said = await conversation();
  const text = await readFile(page, "utf8");
  const [before, rest] = text.split(begin);
  assert.ok(rest !== undefined, "docs/protocol.md has no place for the conversation");
  const [shown, after] = rest.split(end);
  if (process.env.ECHOPIPE_UPDATE_DOCS === "1") return await writeFile(page, before + begin + said + end + after);
  assert.equal(shown, said);
});

test("the page draws every type of datagram and of record", async () => {
  const text = await readFile(page, "utf8");
  for (
    const name of [
      "hello",
      "challenge",
      "join",
      "accept",
      "refuse",
      "data",
      "ack",
      "ping",
      "path",
      "path-answer",
      "bye",
    ]
  ) {
    assert.match(text, new RegExp(`^### \\d+ ${name}$`, "m"));
  }
});

/** Ada joins, says hello and leaves: every datagram, what it says, and what is sealed in it. */
async function conversation(): Promise<string> {
  const party = new Party(1);
  const lines: string[] = [];
  const listener = new Eavesdropper(party.network.secrets);
  party.network.watch = ({ from, bytes }) => {
    const toClient = from === "127.0.0.1:9091";
    const { text, body } = listener.hear(bytes, toClient);
    lines.push(`${toClient ? "server -> client" : "client -> server"}  ${text}, ${bytes.length} bytes`, dump(bytes));
    if (body !== undefined) lines.push(`  opened`, dump(body));
  };
  const ada = party.guest("ada");
  await party.clock.wait(ada.client.join());
  await party.clock.pass(100);
  await party.clock.wait(ada.client.say("hello"));
  await party.clock.pass(100);
  await party.close([ada]);
  return `${lines.join("\n")}\n`;
}

/** Somebody who knows the private keys of both sides. */
class Eavesdropper {
  readonly #secrets: readonly Uint8Array[];
  #join: Extract<Packet, { type: "join" }> | undefined;
  #keys: SessionKeys | undefined;

  constructor(secrets: readonly Uint8Array[]) {
    this.#secrets = secrets;
  }

  hear(bytes: Uint8Array, toClient: boolean): { text: string; body?: Uint8Array } {
    const packet = decodePacket(bytes);
    assert.ok(packet !== undefined);
    if (packet.type === "join") {
      this.#join = packet;
      return { text: `join "${packet.name}"` };
    }
    if (packet.type === "accept") this.#keys = this.#agree(packet);
    if (!("number" in packet)) return { text: packet.type };
    assert.ok(this.#keys !== undefined);
    const plain = open(toClient ? this.#keys.toClient : this.#keys.toServer, packet.number, packet.head, packet.sealed);
    assert.ok(plain !== undefined);
    return { text: explain(packet.type, plain), body: plain };
  }

  #agree({ nonce, session, key }: Extract<Packet, { type: "accept" }>): SessionKeys | undefined {
    assert.ok(this.#join !== undefined);
    const clientKey = this.#join.key;
    const pairs = this.#secrets.map((secret) => keyPair(() => secret));
    const own = pairs.find((pair) => Buffer.compare(pair.public, clientKey) === 0);
    return own && agree(own, key, { nonce, session, clientKey, serverKey: key });
  }
}

function explain(type: Body["type"], plain: Uint8Array): string {
  const body = decodeBody(type, plain);
  assert.ok(body !== undefined);
  if (body.type === "bye") return `bye: ${body.reason}`;
  if (body.type !== "data") return body.type;
  const records = decodeRequests(body.records) ?? decodeEvents(body.records);
  return `data ${body.sequence}: ${records?.map(({ type }) => type).join(", ")}`;
}

/** Sixteen bytes a line: position, hexadecimal, characters. */
function dump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ").padEnd(47);
    const shown = row.map((byte) => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".").join("");
    lines.push(`  ${at.toString(16).padStart(4, "0")}  ${hex}  ${shown}`);
  }
  return lines.join("\n");
}

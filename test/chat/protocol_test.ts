import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { decodeEvents, decodeRequests } from "../../src/chat/udp/records.ts";
import { decodePacket } from "../../src/chat/udp/datagrams.ts";
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

/** Ada joins, says hello and leaves: every datagram, and what it says. */
async function conversation(): Promise<string> {
  const party = new Party(1);
  const lines: string[] = [];
  party.network.watch = ({ from, bytes }) => {
    lines.push(
      `${from === "127.0.0.1:9091" ? "server -> client" : "client -> server"}  ${explain(bytes)}`,
      dump(bytes),
    );
  };
  const ada = party.guest("ada");
  await party.clock.wait(ada.client.join());
  await party.clock.pass(100);
  await party.clock.wait(ada.client.say("hello"));
  await party.clock.pass(100);
  await party.close([ada]);
  return `${lines.join("\n")}\n`;
}

function explain(bytes: Uint8Array): string {
  const packet = decodePacket(bytes);
  assert.ok(packet !== undefined);
  const size = `${bytes.length} bytes`;
  if (packet.type === "join") return `join "${packet.name}", ${size}`;
  if (packet.type === "bye") return `bye: ${packet.reason}, ${size}`;
  if (packet.type !== "data") return `${packet.type}, ${size}`;
  const records = decodeRequests(packet.records) ?? decodeEvents(packet.records);
  return `data ${packet.sequence}: ${records?.map(({ type }) => type).join(", ")}; ${size}`;
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

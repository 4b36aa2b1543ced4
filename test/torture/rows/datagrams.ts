import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import { ChatClient } from "../../../src/chat/udp/client.ts";
import { openDatagrams } from "../../../src/transport/datagram.ts";
import { inputsFor } from "../../fuzz/inputs.ts";
import { SeededRandom } from "../../support/random.ts";
import { Findings, type Row, share, withinTime } from "../row.ts";
import { ServerProcess } from "../server_process.ts";
import type { Target } from "../target.ts";

/** Sends datagrams to an echo server; how many bytes and datagrams went and came. */
async function echoFlood(port: number, count: number, findings: Findings): Promise<void> {
  const random = new SeededRandom(13);
  const socket = createSocket("udp4");
  const sent = new Map<number, number>();
  let [bytesOut, bytesIn, answers, strange] = [0, 0, 0, 0];
  socket.on("message", (bytes) => {
    bytesIn += bytes.length;
    answers++;
    const id = bytes.length >= 4 ? bytes.readUInt32BE() : -1;
    if (sent.get(id) !== bytes.length) strange++;
    sent.delete(id);
  });
  socket.on("error", () => {});
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(random.bytes(4 + random.int(500)));
    bytes.writeUInt32BE(i);
    sent.set(i, bytes.length);
    bytesOut += bytes.length;
    await new Promise<void>((resolve) => socket.send(bytes, port, "127.0.0.1", () => resolve()));
  }
  await sleep(300);
  socket.close();
  findings.add("echoed", answers * 100 / count, { unit: "%" });
  findings.expect(answers > 0, "no datagram was echoed");
  findings.expect(strange === 0, `${strange} answers are not what was sent, or came twice`);
  findings.expect(bytesIn <= bytesOut, `${bytesIn} bytes came for ${bytesOut}`);
}

/** Sends mutated datagrams to a chat, and all that a member sends three times over; the members hear each other. */
async function chatFlood(target: Target, count: number, findings: Findings): Promise<void> {
  const flags = ["--yes", "--port", "0", "--log-to", "none"];
  await using server = await ServerProcess.start([...target.command("chat:server"), ...flags]);
  const address = { address: "127.0.0.1", port: server.port };
  const port = await openDatagrams({ host: "127.0.0.1" });
  await using ada = new ChatClient(port, { server: address, name: "ada" });
  await ada.join();
  // A relay between bob and the server: the server sees each of his datagrams three times.
  const [relay, outside] = [createSocket("udp4"), createSocket("udp4")];
  await new Promise<void>((bound) => relay.bind(0, "127.0.0.1", bound));
  let back = 0;
  relay.on("message", (bytes, { port }) => {
    back = port;
    for (let i = 0; i < 3; i++) outside.send(bytes, server.port, "127.0.0.1");
  });
  outside.on("message", (bytes) => relay.send(bytes, back, "127.0.0.1"));
  const through = { address: "127.0.0.1", port: relay.address().port };
  await using bob = new ChatClient(await openDatagrams({ host: "127.0.0.1" }), { server: through, name: "bob" });
  await bob.join();
  const heard: string[] = [];
  const reading = (async () => {
    for await (const event of ada.events) if (event.type === "said" && event.name === "bob") heard.push(event.text);
  })();
  const stranger = createSocket("udp4");
  let [out, answered] = [0, 0];
  stranger.on("message", (bytes) => answered += bytes.length);
  const texts = Array.from({ length: 10 }, (_, i) => `text ${i}`);
  let i = 0;
  for (const bytes of inputsFor("datagram", 17, count)) {
    out += bytes.length;
    await new Promise<void>((resolve) => stranger.send(bytes, server.port, "127.0.0.1", () => resolve()));
    if (i++ % Math.ceil(count / 9) === 0 && texts.length > 0) await bob.say(texts.shift()!);
  }
  for (const text of texts) await bob.say(text);
  const all = Array.from({ length: 10 }, (_, i) => `text ${i}`).join();
  for (const end = performance.now() + 10_000; heard.length < 10 && performance.now() < end;) await sleep(20);
  await sleep(100);
  findings.expect(heard.join() === all, `ada heard "${heard.join()}" of bob`);
  findings.expect(answered <= out, `strangers got ${answered} bytes for ${out}`);
  findings.expect(server.alive, "the chat's process ended");
  findings.add("chat: bytes to strangers", answered * 100 / out, { unit: "%" });
  await Promise.all([ada.leave(), bob.leave()]);
  await reading;
  for (const socket of [relay, outside, stranger]) socket.close();
}

/** Datagrams at random, truncated, forged, replayed. */
export const datagrams: Row = {
  id: "datagrams",
  title:
    "20,000 datagrams to echo over UDP; 20,000 mutated ones to the chat, and a member's own three times each: no answer is longer, no text is lost or doubled",
  deadline: 120,
  async run(target, size) {
    const findings = new Findings();
    await using server = await target.start({ flags: ["--framing", "raw", "--udp", "--udp-rate", "1000000"] });
    await echoFlood(server.port, share(20_000, size), findings);
    findings.expect(await server.serves(), "it serves nobody any more over TCP");
    await withinTime(chatFlood(target, share(20_000, size), findings), 90_000, "the chat");
    findings.note = "Forged source addresses: in a virtual network, test/chat/hostile_test.ts";
    return findings;
  },
};

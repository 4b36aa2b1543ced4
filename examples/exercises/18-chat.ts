// Exercise 18: a chat over UDP. The first argument is the port; with a name behind it this is a member, else the server.
import process from "node:process";
import { createInterface } from "node:readline";
import { formatAddress, openDatagrams, printable } from "echopipe";

const [port = "9091", name] = process.argv.slice(2);
const [encode, decode] = [(text: string) => new TextEncoder().encode(text), new TextDecoder()];
const here = await openDatagrams({ port: name === undefined ? Number(port) : 0 });
const out = here.writable.getWriter();

if (name === undefined) { // the server: a datagram says hello by a name, or says a text
  const members = new Map<string, { name: string; peer: typeof here.address }>();
  console.log(`listening on ${formatAddress(here.address)}`);
  for await (const { bytes, peer } of here.readable) {
    const text = decode.decode(bytes);
    const from = members.get(formatAddress(peer));
    if (from === undefined && members.size < 100) members.set(formatAddress(peer), { name: text, peer });
    const line = from === undefined ? `${text} joined` : `${from.name}: ${text}`;
    for (const { peer } of members.values()) await out.write({ bytes: encode(line), peer });
  }
} else {
  const peer = { address: "127.0.0.1", port: Number(port) };
  await out.write({ bytes: encode(name), peer });
  const keyboard = createInterface({ input: process.stdin }).on(
    "line",
    (text) => out.write({ bytes: encode(text), peer }),
  );
  keyboard.on("close", () => setTimeout(() => here.close(), 500)); // what is on its way may still come
  for await (const { bytes } of here.readable) console.log(printable(decode.decode(bytes)));
}

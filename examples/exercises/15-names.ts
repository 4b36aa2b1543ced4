// Exercise 15: greet a client by name if its address is known; else ask, and keep the name. Arguments: port, file.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { checkName, MessageSocket } from "echopipe";

const [port = "9090", path = "names.json"] = process.argv.slice(2);
const kept = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
const names = new Map<string, string>(Object.entries(kept));

const server = await MessageSocket.listen({ port: Number(port) }, async (peer) => {
  let name = names.get(peer.remote.address);
  if (name === undefined) {
    await peer.send("Hello, what is your name?");
    name = checkName(String(await peer.receive())); // what cannot be a name ends the connection
    names.set(peer.remote.address, name);
    writeFileSync(path, JSON.stringify(Object.fromEntries(names), null, 2));
    await peer.send(`Hello, ${name}`);
  } else await peer.send(`Hello again, ${name}`);
  for await (const text of peer) await peer.send(text);
});
console.log(`listening on ${server.address.address}:${server.address.port}`);

// Exercise 16: let in only who knows the password, and do not keep it. Arguments: the port, and the file of users.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { checkName, MessageSocket, Passwords } from "echopipe";

const [port = "9090", path = "users.json"] = process.argv.slice(2);
const hashes = new Map<string, string>(Object.entries(existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {}));
const passwords = new Passwords(); // argon2id, in a thread of its own: hashing is slow on purpose

const server = await MessageSocket.listen({ port: Number(port) }, async (peer) => {
  await peer.send("Name?");
  const name = checkName(String(await peer.receive()));
  const isNew = !hashes.has(name);
  await peer.send(isNew ? "New here. Choose a password" : "Password?");
  const password = String(await peer.receive());
  if (isNew && password.length < 8) return await peer.send("Too short; expected 8 characters or more");
  if (isNew) {
    const hash = await passwords.hash(password);
    if (hashes.has(name)) return await peer.send("Somebody has just taken that name");
    hashes.set(name, hash);
    writeFileSync(path, JSON.stringify(Object.fromEntries(hashes), null, 2), { mode: 0o600 });
  } else if (!(await passwords.verify(password, hashes.get(name)!))) return await peer.send("Wrong name or password");
  await peer.send(`Hello, ${name}`);
  for await (const text of peer) await peer.send(text);
});
console.log(`listening on ${server.address.address}:${server.address.port}`);

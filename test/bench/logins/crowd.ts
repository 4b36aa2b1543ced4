/**
 * Logs in many users at once, from a process of its own: its own haste must not count as the server's delay.
 *
 * Arguments: port, number of users. Writes a line when it is ready, starts when it reads their password, a line on
 * standard input, and writes how many were admitted.
 */
import { once } from "node:events";
import { Buffer } from "node:buffer";
import process from "node:process";
import { conversation } from "./conversation.ts";
import { messageBytes, open } from "../../support/sockets.ts";

const [port, logins] = process.argv.slice(2);
const control = (value: unknown) => messageBytes(JSON.stringify(value), "control");

console.log("ready");
const [line] = await once(process.stdin, "data");
const secret = String(line).trimEnd();
const results = await Promise.all(Array.from({ length: Number(logins) }, async (_, i) => {
  const socket = await open(Number(port));
  const next = conversation(socket);
  socket.write(Buffer.concat([
    control({ type: "hello", version: 1 }),
    control({ type: "answer", field: "name", value: `user ${i}` }),
    control({ type: "answer", field: "password", value: secret }),
  ]));
  await next();
  await next();
  const welcome = JSON.parse(await next());
  socket.destroy();
  return welcome.type === "welcome";
}));
console.log(results.filter(Boolean).length);
process.exit();

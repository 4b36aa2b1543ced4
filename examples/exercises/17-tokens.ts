// Exercise 17: who has logged in comes back by a token, as with a cookie. Argument: the port.
import { createHash, randomBytes } from "node:crypto";
import process from "node:process";
import { MessageSocket } from "echopipe";

const DAY = 86_400_000;
/** SHA-256 of each token, with its end: who reads this cannot log in with it. */
const sessions = new Map<string, number>();
const digest = (token: string) => createHash("sha256").update(token).digest("hex");

const server = await MessageSocket.listen({ port: Number(process.argv[2] ?? 9090) }, async (peer) => {
  await peer.send("Your token, or the word login?");
  const answer = String(await peer.receive());
  if (answer === "login" && sessions.size < 10_000) { // a password is asked for here: exercise 16
    const token = randomBytes(32).toString("base64url"); // 256 bits that nobody guesses
    sessions.set(digest(token), Date.now() + DAY);
    await peer.send(`Your token: ${token}`);
  } else if ((sessions.get(digest(answer)) ?? 0) > Date.now()) await peer.send("Welcome back");
  else return await peer.send("Unknown or expired token");
  for await (const text of peer) await peer.send(text);
});
setInterval(() => {
  for (const [key, end] of sessions) if (end <= Date.now()) sessions.delete(key);
}, 60_000).unref();
console.log(`listening on ${server.address.address}:${server.address.port}`);

/** Registers users and logs them in until it is killed; says on standard output whom it was told to be registered. */
import { writeSync } from "node:fs";
import process from "node:process";
import { authenticate } from "../../../src/access/authenticate.ts";
import { FileUserStore } from "../../../src/identity/file_store.ts";
import { Passwords } from "../../../src/identity/passwords.ts";
import { Sessions } from "../../../src/identity/sessions.ts";
import { Throttle } from "../../../src/identity/throttle.ts";

const [path, round] = process.argv.slice(2);
const server = {
  users: await FileUserStore.open(path),
  passwords: new Passwords({ memory: 64, passes: 1 }),
  sessions: new Sessions(),
  throttle: new Throttle({ registrationFree: Infinity }),
  address: "127.0.0.1",
};

async function visit(name: string): Promise<void> {
  const login = authenticate(server);
  await login.begin();
  await login.answer(name);
  const step = await login.answer("a long walk home");
  if (step.type !== "welcome") throw new Error(step.text);
}

async function visitor(id: number): Promise<void> {
  for (let i = 0;; i++) {
    const name = `user ${round} ${id} ${i}`;
    await visit(name);
    writeSync(1, `${name}\n`);
    await visit(name);
  }
}

writeSync(1, "ready\n");
await Promise.all([1, 2, 3].map(visitor));

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageBytes } from "../../support/sockets.ts";
import { inTurns } from "../peers.ts";
import { Findings, type Row, share, withinTime } from "../row.ts";

/** How a login ended: `welcome`, the code of a refusal, or `closed`; `asks` is how often an answer was asked for. */
interface Outcome {
  readonly end: string;
  readonly asks: number;
}

/** Logs in from an address of loopback, with the same answer to each question about the password. */
function login(port: number, from: string, name: string, password: string): Promise<Outcome> {
  const socket = net.connect({ port, host: "127.0.0.1", localAddress: from });
  const send = (object: unknown) => socket.write(messageBytes(JSON.stringify(object), "control"));
  let asks = 0;
  const outcome = new Promise<Outcome>((resolve) => {
    const ended = (end: string) => {
      resolve({ end, asks });
      socket.destroy();
    };
    let pending = Buffer.alloc(0);
    socket.on("data", (bytes: Uint8Array) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 4) {
        const size = pending.readUInt32BE() & 0x3fffffff;
        if (pending.length < 4 + size) return;
        const said = JSON.parse(String(pending.subarray(4, 4 + size)));
        pending = pending.subarray(4 + size);
        if (said.type === "welcome") ended("welcome");
        else if (said.type === "refused") ended(said.code);
        else if (said.type === "ask") {
          asks++;
          send({ type: "answer", field: said.field, value: said.field === "name" ? name : password });
        }
      }
    });
    socket.on("error", () => ended("closed")).on("close", () => ended("closed"));
    socket.on("connect", () => send({ type: "hello", version: 1 }));
  });
  return withinTime(outcome, 60_000, "the end of a login").catch(() => {
    socket.destroy();
    return { end: "no answer", asks };
  });
}

/** Brute force, and floods of registrations. */
export const logins: Row = {
  id: "logins",
  title:
    "500 connections that guess a password and 500 that register, from two addresses: a known user logs in meanwhile",
  deadline: 240,
  async run(target, size) {
    const findings = new Findings();
    const folder = await mkdtemp(join(tmpdir(), "echopipe-torture-"));
    const users = join(folder, "users.json");
    try {
      const flags = ["--framing", "message", "--access", "password", "--users", users];
      await using server = await target.start({ flags });
      const secret = "a long walk home";
      const anna = () => login(server.port, "127.0.0.1", "anna", secret);
      findings.expect((await anna()).end === "welcome", "anna could not register");
      const count = size < 0.1 ? 2 : share(500, size); // each guess takes longer than the one before
      const ends: Record<string, number> = {};
      let [guesses, over] = [0, false];
      const flood = (from: string, name: (i: number) => string, password: (i: number) => string) =>
        inTurns(count, 20, async (i) => {
          const { end, asks } = await login(server.port, from, name(i), password(i));
          ends[end] = (ends[end] ?? 0) + 1;
          if (from === "127.0.0.2") guesses += Math.max(0, asks - 2) + Number(end === "credentials");
        });
      const floods = Promise.all([
        flood("127.0.0.2", () => "anna", (i) => `guess number ${i}`),
        flood("127.0.0.3", (i) => `user ${i}`, () => secret),
      ]).finally(() => over = true);
      const waits: number[] = [];
      while (!over) {
        const began = performance.now();
        const { end } = await anna();
        waits.push(performance.now() - began);
        findings.expect(end === "welcome", `anna's login ended with ${end}`);
      }
      await floods;
      const registered = JSON.parse(readFileSync(users, "utf8")).users.length;
      findings.add("logins of anna", waits.length);
      findings.add("the longest", Math.max(...waits), { unit: "ms" });
      findings.add("guesses compared", guesses); // the others were turned away before
      findings.add("registered", registered - 1);
      findings.expect(guesses <= 100, `${guesses} guesses were compared from one address; expected at most 100`);
      findings.expect(
        registered <= 103,
        `${registered - 1} names were registered from one address; expected about 100`,
      );
      findings.note = `Floods ended with ${Object.entries(ends).map(([end, n]) => `${end} ${n}`).join(", ")}`;
      findings.expect((ends["no answer"] ?? 0) === 0, `${ends["no answer"]} logins had no answer within a minute`);
      return findings;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

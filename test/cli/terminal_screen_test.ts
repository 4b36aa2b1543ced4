import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { describe, test } from "node:test";
import { Running, temporaryFolder } from "../support/commands.ts";
import { Screen } from "../support/screen.ts";
import { skip, wrapper } from "../support/terminal.ts";

/** The interactive client on a terminal, and the server it talks with, which is the test. */
class Talk {
  readonly #server: Server;
  readonly client: Running;
  readonly peer: Socket;
  readonly #screen = new Screen();
  heard = "";

  static async begin(before: readonly string[] = []): Promise<Talk> {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resume) => server.once("listening", resume));
    const connected = new Promise<Socket>((resume) => server.once("connection", resume));
    const { port } = server.address() as AddressInfo;
    const client = new Running(
      "client",
      ["--yes", "--framing", "raw", "--port", String(port), "--log-to", "none"],
      { wrapper: [...wrapper, ...before] },
    );
    const talk = new Talk(server, client, await connected);
    await talk.shows((rows) => rows.at(-1) === "> ");
    return talk;
  }

  private constructor(server: Server, client: Running, peer: Socket) {
    this.#server = server;
    this.client = client;
    client.child.stdout!.on("data", (bytes: Uint8Array) => this.#screen.write(bytes));
    this.#screen.write(client.stdout);
    this.peer = peer;
    peer.on("error", () => {}); // the client may leave without a word
    peer.on("data", (bytes) => this.heard += bytes);
  }

  /** The screen without the client's greeting. */
  async rows(): Promise<string[]> {
    await this.#screen.settled();
    const [first, ...rows] = this.#screen.rows();
    assert.match(first, /^Connected to /, "what was there before is not touched");
    return rows;
  }

  async shows(found: (rows: string[]) => boolean): Promise<string[]> {
    const look = () => {
      const rows = this.#screen.rows().slice(1);
      return rows.length > 0 && found(rows) && rows;
    };
    return await this.client.until(look, String(found));
  }

  types(keys: string): void {
    this.client.child.stdin!.write(keys);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.peer.destroy();
    this.#server.close();
    this.client.child.stdin!.end();
    await this.client.ended;
    await this.#screen.settled();
    this.#screen[Symbol.dispose]();
  }
}

describe("what a terminal shows stays", { skip }, () => {
  test("data without a newline, the prompt below it, more data, and an end in the middle of a line", async () => {
    await using talk = await Talk.begin();
    talk.peer.write("part one");
    // What a person waits for: the prompt is there again, in a row of its own.
    await talk.client.until(() => /part one[^]*> /.test(talk.client.stdout.toString()), "the prompt");
    talk.peer.write(" part two\nthird");
    await talk.client.until(() => /third[^]*> /.test(talk.client.stdout.toString()), "the prompt");
    assert.deepEqual(await talk.rows(), ["part one", " part two", "third", "> "]);
    talk.peer.end("the last");
    assert.equal(await talk.client.ended, 1);
    const rows = await talk.rows();
    assert.deepEqual(rows.slice(0, 4), ["part one", " part two", "third", "the last"]);
    assert.match(rows[4], /ended the connection/);
  });

  test("a long message that comes in many pieces, to its last character", async () => {
    await using talk = await Talk.begin();
    const message = Array.from({ length: 20_000 }, (_, i) => `${i},`).join("");
    talk.peer.write(message.slice(0, 50_000));
    await talk.shows((rows) => rows.join("").includes(message.slice(49_000, 50_000)));
    talk.peer.write(`${message.slice(50_000)}\n`);
    await talk.client.until(() => /19999,\r*\n[^]*> /.test(talk.client.stdout.toString()), "the end");
    assert.equal((await talk.rows()).join(""), `${message}> `);
  });

  test("many lines that come fast", async () => {
    await using talk = await Talk.begin();
    const lines = Array.from({ length: 14_000 }, (_, i) => `line ${i}`);
    for (const line of lines) talk.peer.write(`${line}\n`);
    await talk.client.until(() => /line 13999\r*\n[^]*> /.test(talk.client.stdout.toString()), "the last line");
    assert.equal((await talk.rows()).join(""), `${lines.join("")}> `);
  });

  test("what is typed, and taken back, while data arrives", async () => {
    await using talk = await Talk.begin();
    for (let i = 0; i < 60; i++) {
      talk.peer.write("x");
      if (i < 40) talk.types(i % 4 === 3 ? "\x7f" : "k"); // three typed, one of them taken back
      await new Promise((resume) => setTimeout(resume, 5));
    }
    const typed = `> ${"k".repeat(20)}`;
    const rows = await talk.shows((rows) => rows.at(-1) === typed && rows.join("").split("x").length > 60);
    assert.equal(rows.slice(0, -1).join(""), "x".repeat(60));
    talk.types("\r");
    await talk.client.until(() => talk.heard === `${"k".repeat(20)}\n`, "the line");
  });

  test("a typed line of several rows goes below what arrives, whole, wherever its cursor is", async () => {
    await using talk = await Talk.begin();
    const typed = Array.from({ length: 70 }, (_, i) => `word${i}`).join(" ");
    const folded = `> ${typed}`.match(/.{1,120}/g)!;
    assert.equal(folded.length, 5);
    talk.types(typed);
    await talk.shows((rows) => rows.join("") === `> ${typed}`);
    talk.peer.write("no newline");
    const below = (...above: string[]) => (rows: string[]) => rows.join("\n") === [...above, ...folded].join("\n");
    await talk.shows(below("no newline"));
    talk.peer.write("a line\n");
    await talk.shows(below("no newline", "a line"));
    talk.types("\x01"); // to the beginning of the line
    talk.peer.write("another\n");
    await talk.shows(below("no newline", "a line", "another"));
    talk.types("\r");
    await talk.client.until(() => talk.heard === `${typed}\n`, "the line");
    talk.peer.write("heard");
    await talk.shows((rows) => rows.at(-1) === "> " && rows.at(-2) === "heard");
    assert.deepEqual(await talk.rows(), ["no newline", "a line", "another", ...folded, "heard", "> "]);
  });

  test("Ctrl-C and Ctrl-D leave no prompt behind, and end an unfinished line", async () => {
    for (const { keys, status } of [{ keys: "\x03", status: 130 }, { keys: "\x04", status: 0 }]) {
      await using talk = await Talk.begin();
      talk.peer.on("end", () => talk.peer.end(" and more"));
      talk.peer.write("unfinished");
      await talk.shows((rows) => rows.join("").includes("unfinished"));
      talk.types(keys);
      assert.equal(await talk.client.ended, status);
      const rows = await talk.rows();
      assert.match(rows.join(""), status === 0 ? /^unfinished and more$/ : /^unfinished( and more)?$/);
      assert.equal(rows.at(-1), "", "the shell's prompt has a row of its own");
    }
  });

  test("data that goes to a file gets there as it came, and the prompt stays a prompt", async () => {
    await using folder = await temporaryFolder();
    const file = folder.file("data");
    await using talk = await Talk.begin(["sh", "-c", 'exec "$@" > "$0"', file]);
    talk.peer.write("part one");
    talk.types("typed");
    await talk.shows((rows) => rows.at(-1) === "> typed");
    talk.types("\r");
    await talk.client.until(() => talk.heard === "typed\n", "the line");
    talk.peer.end(new Uint8Array([0x20, 0x00, 0xff, 0x0a, 0x78]));
    assert.equal(await talk.client.ended, 1);
    assert.equal((await readFile(file)).toString("latin1"), "part one \x00\xff\nx");
    assert.match((await talk.rows()).join("\n"), /^> typed\n.* ended the connection\n$/);
  });
});

/** The pages in a real browser. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { chat } from "../../src/chat/room/chat.ts";
import { Room } from "../../src/chat/room/room.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { type ServerOptions, startServer } from "../../src/server/mod.ts";
import { within } from "../support/deadline.ts";
import { open } from "../support/sockets.ts";

const executablePath = "/usr/bin/chromium";
const skip = existsSync(executablePath) ? false : "Debian's chromium is not installed";

/** Waits until a condition holds in the browser. */
async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 15_000; !(await holds());) {
    if (performance.now() > end) throw new Error(`not within 15 s: ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

describe("in a real browser", { skip }, () => {
  let browser: Browser;
  before(async () => {
    // No sandbox: tests run as root in a container.
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  });
  after(() => browser.close());

  /** A page of a server; `faults`: what the browser complained of. */
  async function pageAt(port: number): Promise<Page & { readonly faults: string[] }> {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      // A refused connection and the icon that is not there are no faults of the page.
      if (message.type() === "error" && !/net::ERR|404/.test(message.text())) faults.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${port}/`);
    return Object.assign(page, { faults });
  }

  const connected = (page: Page) => page.waitForSelector('#status[data-state="connected"]');
  const line = (page: Page, text: RegExp) => page.locator("#log li", { hasText: text }).first().waitFor();
  async function say(page: Page, text: string) {
    await page.fill("#text", text);
    await page.click("#say button");
  }
  async function answer(page: Page, text: string) {
    await page.fill("#answer", text);
    await page.click("#question button");
  }

  test("the echo page: every byte compared, texts are never HTML, back after a restart", async () => {
    let server = await startServer({ port: 0 });
    const { port } = server.address;
    const page = await pageAt(port);
    await connected(page);
    await page.selectOption("#size", "65536");
    await say(page, "<b>bold</b> & 世界");
    await line(page, /<b>bold<\/b> & 世界/);
    await until(async () => Number((await page.textContent("#back"))!.replace(/,/g, "")) > 20, "20 echoes");
    assert.equal(await page.textContent("#wrong"), "0");
    assert.match((await page.textContent("#median"))!, /^[\d.]+ ms$/);

    await server.stop();
    await page.waitForSelector('#status[data-state="waiting"]');
    server = await startServer({ port, strictPort: true });
    await connected(page);
    await say(page, "again");
    await line(page, /^again/);
    assert.equal(await page.textContent("#wrong"), "0");

    await say(page, "exit");
    await page.waitForSelector('#status[data-state="ended"]');
    assert.equal(await page.textContent("#status"), "Goodbye");
    await page.click("#again");
    await connected(page);
    assert.deepEqual(page.faults, []);
    await page.close();
    await server.stop();
  });

  test("the chat: two pages and a client of lines talk; the server restarts, and the pages come back", async () => {
    const start = (port: number) => {
      const room = new Room();
      const options: ServerOptions = { service: ({ name, lines }) => chat(room, { name, lines }), page: "chat" };
      return startServer({ port, strictPort: true, ...options });
    };
    let server = await start(0);
    const { port } = server.address;
    const [ada, bob] = [await pageAt(port), await pageAt(port)];
    await answer(ada, "ada");
    await line(ada, /^Welcome, ada/);
    await answer(bob, "ada");
    await line(bob, /Cannot join as "ada"/);
    await answer(bob, "bob");
    await line(bob, /^Welcome, bob/);
    await line(ada, / bob joined$/);

    const socket = await open(port);
    let heard = "";
    socket.on("data", (bytes: Uint8Array) => heard += bytes);
    socket.write("carl\n");
    await line(ada, / carl joined$/);
    const here = (page: Page, names: string) =>
      until(
        async () => (await page.locator("#members li").allTextContents()).sort().join() === names,
        `${names} there`,
      );
    await here(ada, "ada,bob,carl");
    socket.write("hello from lines\n");
    await line(bob, / carl: hello from lines$/);
    await say(bob, "<img src=x onerror=alert(1)>");
    await line(ada, / bob: <img src=x onerror=alert\(1\)>$/);
    await within(() => heard.includes("bob: <img"), "the line");
    socket.end("exit\n");
    await line(ada, / carl left$/);
    await here(bob, "ada,bob");

    await server.stop();
    for (const page of [ada, bob]) await page.waitForSelector('#status[data-state="waiting"]');
    server = await start(port);
    for (const page of [ada, bob]) await here(page, "ada,bob");
    await say(ada, "back again");
    await line(bob, / ada: back again$/);
    assert.deepEqual([ada.faults, bob.faults], [[], []]);
    for (const page of [ada, bob]) await page.close();
    await server.stop();
  });

  test("a login by name and password; a restart asks for neither", async () => {
    const users = new MemoryUserStore();
    let server = await startServer({ port: 0, access: "password", users });
    const { port } = server.address;
    const page = await pageAt(port);
    await answer(page, "ada");
    await page.waitForSelector('#answer[type="password"]');
    await answer(page, "a long enough one");
    await connected(page);
    assert.equal(await page.textContent("#status"), "connected as ada");
    await say(page, "hello");
    await line(page, /^hello/);
    await server.stop();
    await page.waitForSelector('#status[data-state="waiting"]');
    server = await startServer({ port, strictPort: true, access: "password", users });
    await connected(page);
    assert.equal(await page.textContent("#status"), "connected as ada");
    assert.deepEqual(page.faults, []);
    await page.close();
    await server.stop();
  });
});

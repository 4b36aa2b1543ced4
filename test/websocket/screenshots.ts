/**
 * Takes the screenshots of the pages that the documentation shows, in Debian's Chromium.
 *
 * ```sh
 * deno task screenshots
 * ```
 */
import { fileURLToPath } from "node:url";
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { chat } from "../../src/chat/room/chat.ts";
import { Room } from "../../src/chat/room/room.ts";
import { startServer } from "../../src/server/mod.ts";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const size = { width: 800, height: 600 };
const say = async (page: Awaited<ReturnType<typeof browser.newPage>>, form: string, field: string, text: string) => {
  await page.fill(field, text);
  await page.click(`${form} button`);
};
{
  await using server = await startServer({ port: 0 });
  const page = await browser.newPage({ viewport: size });
  await page.goto(`http://127.0.0.1:${server.address.port}/`);
  await page.waitForTimeout(15_000);
  await say(page, "#say", "#text", "hello, hello?");
  await page.selectOption("#size", "65536");
  await page.waitForTimeout(15_000);
  await page.screenshot({ path: `${folder}echo.png`, fullPage: true });
  await page.close();
}
{
  const room = new Room();
  await using server = await startServer({
    port: 0,
    page: "chat",
    service: ({ name, lines }) => chat(room, { name, lines }),
  });
  const pages = [];
  for (const name of ["ada", "grace", "alan"]) {
    const page = await browser.newPage({ viewport: size });
    await page.goto(`http://127.0.0.1:${server.address.port}/`);
    await say(page, "#question", "#answer", name);
    pages.push(page);
  }
  await pages[1].locator("#members li", { hasText: "alan" }).waitFor();
  await say(pages[0], "#say", "#text", "Is anybody using nc?");
  await pages[1].locator("#log li", { hasText: "nc" }).waitFor();
  await say(pages[1], "#say", "#text", "/me waves from a browser");
  await pages[1].locator("#log li", { hasText: "waves" }).waitFor();
  await pages[1].screenshot({ path: `${folder}chat.png` });
}
await browser.close();

/**
 * The page that a browser gets: one HTML document with nothing from outside.
 *
 * @module
 */
import { chatScript } from "./chat_script.ts";
import { connectionScript } from "./connection_script.ts";
import { echoScript } from "./echo_script.ts";
import { style } from "./style.ts";

/** The services that have a page. */
export type PageName = "echo" | "chat";

/** A page, and the policy that lets browsers run this style and this script alone. */
export interface Page {
  readonly html: Uint8Array;
  /** The value of `Content-Security-Policy`. */
  readonly policy: string;
}

const sums = [
  ["sent", "messages sent"],
  ["back", "came back"],
  ["bytes", "bytes compared"],
  ["wrong", "wrong"],
  ["lost", "lost"],
  ["median", "median"],
  ["p99", "99 %"],
];

const bodies: Readonly<Record<PageName, string>> = {
  echo: `
<form>
<label><input type="checkbox" id="probing" checked> Send all the time</label>
<label>bytes <select id="size">${
    [64, 1024, 16384, 65536].map((size) => `<option>${size}</option>`).join("")
  }</select></label>
</form>
<canvas id="times" role="img" aria-label="Round-trip times"></canvas>
<dl>${sums.map(([id, label]) => `<div><dt>${label}</dt><dd id="${id}"></dd></div>`).join("")}</dl>`,
  chat: `
<ul id="members" aria-label="Who is there"></ul>`,
};

const scripts: Readonly<Record<PageName, string>> = { echo: echoScript, chat: chatScript };
const made = new Map<PageName, Promise<Page>>();

/** The page of a service. It is made once. */
export function pageOf(name: PageName): Promise<Page> {
  const known = made.get(name) ?? makePage(name);
  made.set(name, known);
  return known;
}

async function makePage(name: PageName): Promise<Page> {
  const script = connectionScript + scripts[name];
  const policy = [
    "default-src 'none'",
    `script-src ${await hashOf(script)}`,
    `style-src ${await hashOf(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>echopipe: ${name}</title>
<style>${style}</style>
</head>
<body>
<header><h1>echopipe: ${name}</h1><span id="status" role="status"></span><button id="again" hidden>Connect</button></header>
<form id="question" hidden><label id="asked" for="answer"></label><input id="answer" type="text"><button>OK</button></form>
<main>${bodies[name]}
<ol id="log" aria-live="polite" aria-label="Messages"></ol>
<form id="say"><input id="text" type="text" aria-label="Text" autocomplete="off"><button>Send</button></form>
</main>
<script>${script}</script>
</body>
</html>
`;
  return { html: new TextEncoder().encode(html), policy };
}

/** The hash of an inline style or script, as a policy names it. */
async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `'sha256-${btoa(String.fromCharCode(...digest))}'`;
}

/**
 * A mail server in one file, for any SMTP client: it takes messages and shows them. STARTTLS, PIPELINING, SIZE.
 *
 * ```sh
 * deno run --allow-net examples/smtp.ts 2525
 * node examples/smtp.ts 2525 cert.pem key.pem     # with STARTTLS; Deno cannot begin TLS as the server
 * swaks --server 127.0.0.1:2525 --from a@example.com --to b@example.com
 * ```
 *
 * https://www.rfc-editor.org/rfc/rfc5321, https://www.rfc-editor.org/rfc/rfc3207
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type Connection, decoder, encoder, pipeline, printable, serve, type Stage, stage } from "echopipe";

/** A message that was taken. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: Uint8Array;
  readonly secure: boolean; // it came over TLS
}

/** What a connection has said so far, and how it goes on once a chain of stages has ended. */
interface Session {
  from: string | undefined;
  to: string[];
  next: string; // DATA, STARTTLS or QUIT
}
type Tls = { readonly cert: string; readonly key: string };
const MAX_COMMAND = 512; // RFC 5321, 4.5.3.1.4
const MAX_TEXT_LINE = 1000; // 4.5.3.1.6
const MAX_RECIPIENTS = 100; // 4.5.3.1.8
const MAX_SIZE = 1024 * 1024;

// #region protocol
const commands = () => decoder((read) => read.line({ limit: MAX_COMMAND }));
const replies = () => encoder<string>((reply, write) => write.text(`${reply}\r\n`));

/**
 * The text of a message, up to a line that is a dot alone. Only CR LF ends a line: a server that takes less for an end
 * can be made to see two messages where another one sees one (SMTP smuggling). Undefined: the text is refused.
 */
export const content = (): Stage<Uint8Array, { readonly text: Uint8Array | undefined }> =>
  decoder(function* (read) {
    let text = new Uint8Array(4096);
    let size = 0;
    let refused = false;
    for (;;) {
      const line = yield* read.until("\r\n", { limit: MAX_TEXT_LINE });
      if (line.length === 1 && line[0] === 0x2e) return { text: refused ? undefined : text.subarray(0, size) };
      refused ||= size > MAX_SIZE || line.includes(0x0a) || line.includes(0x0d);
      if (refused) continue;
      if (size + line.length + 2 > text.length) {
        const more = new Uint8Array(2 * text.length);
        more.set(text);
        text = more;
      }
      const kept = line.subarray(line[0] === 0x2e ? 1 : 0); // a dot in front was doubled by the client (4.5.2)
      text.set(kept, size); // a copy: the bytes of a line are valid until the next one is read
      text.set([0x0d, 0x0a], size + kept.length);
      size += kept.length + 2;
    }
  });
// #endregion protocol

/** Answers commands, until one of them changes what the bytes mean. */
function answers(session: Session, offersTls: boolean): Stage<string, string> {
  const restart = () => Object.assign(session, { from: undefined, to: [] });
  const address = (text: string) => /^(?:FROM|TO):\s*<([^<>\s]*)>(?:\s|$)/i.exec(text)?.[1];
  const size = (text: string) => Number(/\sSIZE=(\d{1,15})(?:\s|$)/i.exec(text)?.[1] ?? 0);
  return stage((line, out) => {
    const [, verb, words] = /^(\S*)\s*(.*)$/s.exec(line)!;
    const go = (next: string, reply: string) => {
      session.next = next;
      out.push(reply);
      out.end(); // ends the chain, not the connection: what follows is left for the next chain
    };
    const answer: Record<string, () => unknown> = {
      HELO: () => (restart(), out.push("250 echopipe")),
      EHLO: () => {
        restart();
        out.push(`250-echopipe\r\n${offersTls ? "250-STARTTLS\r\n" : ""}250-PIPELINING\r\n250 SIZE ${MAX_SIZE}`);
      },
      MAIL: () => {
        const from = address(words);
        if (from === undefined) return out.push("501 Expected MAIL FROM:<address>");
        if (size(words) > MAX_SIZE) return out.push("552 Message too large");
        Object.assign(session, { from, to: [] });
        out.push("250 OK");
      },
      RCPT: () => {
        const to = address(words);
        if (session.from === undefined) return out.push("503 MAIL comes first");
        if (!to) return out.push("501 Expected RCPT TO:<address>");
        if (session.to.length === MAX_RECIPIENTS) return out.push("452 Too many recipients");
        session.to.push(to);
        out.push("250 OK");
      },
      DATA: () => session.to.length > 0 ? go("DATA", "354 End with a dot") : out.push("503 RCPT comes first"),
      STARTTLS: () => offersTls ? go("STARTTLS", "220 Go ahead") : out.push("502 Not available"),
      RSET: () => (restart(), out.push("250 OK")),
      NOOP: () => out.push("250 OK"),
      QUIT: () => go("QUIT", "221 Bye"),
    };
    if (Object.hasOwn(answer, verb.toUpperCase())) answer[verb.toUpperCase()]();
    else out.push("500 Unknown command");
  });
}

/** One connection: commands, the text of a message, and TLS, each with stages of its own on the same connection. */
async function talk(peer: Connection, deliver: (mail: Mail) => void, tls: Tls | undefined): Promise<void> {
  const session: Session = { from: undefined, to: [], next: "QUIT" };
  await peer.write(new TextEncoder().encode("220 echopipe ESMTP\r\n"));
  do {
    session.next = "QUIT"; // also where the client leaves without a word
    const offersTls = tls !== undefined && peer.tls === undefined;
    await peer.become(pipeline(commands(), answers(session, offersTls), replies()), { preventClose: true });
    if (session.next === "STARTTLS") {
      await peer.startTls({ ...tls!, isServer: true }); // fails if anything came behind the command in plain text
      Object.assign(session, { from: undefined, to: [] }); // RFC 3207, 4.2: nothing of before counts
    } else if (session.next === "DATA") {
      const take = stage<{ text: Uint8Array | undefined }, string>(({ text }, out) => {
        if (text !== undefined) deliver({ from: session.from!, to: session.to, text, secure: peer.tls !== undefined });
        out.push(text === undefined ? "554 Too large, or a line that does not end with CR LF" : "250 Taken");
        Object.assign(session, { from: undefined, to: [] });
        out.end();
      });
      await peer.become(pipeline(content(), take, replies()), { preventClose: true });
    }
  } while (session.next !== "QUIT");
}

/** Serves on a port, 0: any free one; each message goes to `deliver`. With `tls`, on Node, clients may use STARTTLS. */
export function serveSmtp(port: number, deliver: (mail: Mail) => void, tls?: Tls) {
  return serve({ port }, (peer) => talk(peer, deliver, tls));
}

if (import.meta.main) {
  const [port = "2525", cert, key] = process.argv.slice(2);
  const tls = cert && key ? { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") } : undefined;
  const server = await serveSmtp(Number(port), ({ from, to, text, secure }) => {
    console.log(`From ${printable(from)} to ${printable(to.join(", "))}${secure ? " over TLS" : ""}:`);
    for (const line of new TextDecoder().decode(text).split("\r\n")) console.log(printable(line));
  }, tls);
  console.log(`listening on ${server.address.address}:${server.address.port}`);
}

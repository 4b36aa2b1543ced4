/** examples/smtp.ts: met by nodemailer, swaks and Python, and by clients that mean harm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import nodemailer from "nodemailer";
import { connect } from "echopipe";
import { bytesOf, everyCut, textOf } from "echopipe/testing";
import { content, type Mail, serveSmtp } from "../../examples/smtp.ts";
import { server as certificate } from "../support/certificates.ts";
import { missing, run } from "../support/programs.ts";
import { exchange } from "../support/sockets.ts";

/** Deno cannot begin TLS as the server. */
const noTls = "Deno" in globalThis && "STARTTLS as the server needs Node";

/** A server that keeps its mail. */
async function mailServer(tls?: typeof certificate) {
  const mails: Mail[] = [];
  const server = await serveSmtp(0, (mail) => mails.push(mail), tls);
  return { mails, port: server.address.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const map = ({ text }: { text: Uint8Array | undefined }) => text && textOf(text);

test("the text of a message, cut in every way; only CR LF ends a line", async () => {
  await everyCut(content, bytesOf("a\r\n..b\r\n\r\n.\r\n.\r\n"), ["a\r\n.b\r\n\r\n", ""], { map });
  await everyCut(content, bytesOf("a\n.\nMAIL FROM:<>\r\n.\r\nb\r.\r\n.\r\n"), [undefined, undefined], { map });
  await everyCut(content, bytesOf("a\r\n"), [], { map, failure: "truncated" });
  await everyCut(content, bytesOf("x".repeat(1010)), [], { map, failure: "too-large" });
  const long = `${"x".repeat(998)}\r\n`.repeat(1200);
  await everyCut(content, bytesOf(`${long}.\r\nb\r\n.\r\n`), [undefined, "b\r\n"], { map, rounds: 2 });
});

test("pipelined commands and two messages in one write; commands out of order", async () => {
  await using server = await mailServer();
  const mail = "MAIL FROM:<a@example.com> SIZE=10\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
  const wire = `EHLO me\r\n${mail}one\r\n.\r\n${mail}two\r\n.\r\nDATA\r\nRCPT TO:<x@y>\r\nMAIL\r\nFLY\r\n` +
    `MAIL FROM:<> SIZE=9999999\r\nSTARTTLS\r\nQUIT\r\nNOOP\r\n`;
  const back = (await exchange(server.port, wire)).toString();
  assert.equal(
    back.match(/^\d{3}/gm)!.join(" "),
    "220 250 250 250 250 250 354 250 250 250 354 250 503 503 501 500 552 502 221",
  );
  assert.deepEqual(server.mails.map(({ text, ...mail }) => ({ ...mail, text: textOf(text) })), [
    { from: "a@example.com", to: ["b@example.com"], secure: false, text: "one\r\n" },
    { from: "a@example.com", to: ["b@example.com"], secure: false, text: "two\r\n" },
  ]);
});

test("commands behind STARTTLS in plain text end the connection", { skip: noTls }, async () => {
  await using server = await mailServer(certificate);
  await using connection = await connect({ port: server.port });
  await connection.write(bytesOf("EHLO me\r\nSTARTTLS\r\nMAIL FROM:<evil@example.com>\r\n"));
  let back = "";
  try {
    for (let bytes; (bytes = await connection.read()) !== null;) back += textOf(bytes);
  } catch {
    // a reset, or an end
  }
  assert.match(back, /220 Go ahead\r\n$/);
});

for (const tls of [false, true]) {
  test(`nodemailer${tls ? " by STARTTLS" : ""}`, { skip: tls && noTls }, async () => {
    await using server = await mailServer(tls ? certificate : undefined);
    const transport = nodemailer.createTransport({
      host: "127.0.0.1",
      port: server.port,
      requireTLS: tls,
      ignoreTLS: !tls,
      tls: { rejectUnauthorized: false },
    });
    const text = `größe\n.\n..dots\n${"x".repeat(5000)}\n`;
    await transport.sendMail({ from: "a@example.com", to: ["b@example.com", "c@example.com"], subject: "s", text });
    transport.close();
    const [mail] = server.mails;
    assert.deepEqual([mail.from, mail.to, mail.secure], ["a@example.com", ["b@example.com", "c@example.com"], tls]);
    assert.match(textOf(mail.text), /^Subject: s\r$/m);
    assert.match(textOf(mail.text), /^\.\r\n\.\.dots\r$/m);
  });

  test(`swaks${tls ? " by STARTTLS" : ""}`, { skip: missing("swaks", "swaks") || tls && noTls }, async () => {
    await using server = await mailServer(tls ? certificate : undefined);
    const words = ["--server", "127.0.0.1", "-p", server.port, "-f", "a@example.com", "-t", "b@example.com"];
    const told = await run("swaks", [...words, "--body", "from swaks", ...(tls ? ["-tls"] : [])]);
    assert.match(told, tls ? /=== TLS started/ : /<- {2}250 Taken/);
    assert.equal(server.mails[0].secure, tls);
    assert.match(textOf(server.mails[0].text), /from swaks\r\n/);
  });

  const skip = missing("python3", "python3") || tls && noTls;
  test(`Python's smtplib${tls ? " by STARTTLS" : ""}`, { skip }, async () => {
    await using server = await mailServer(tls ? certificate : undefined);
    const program = `
import smtplib, ssl
with smtplib.SMTP("127.0.0.1", ${server.port}, timeout=20) as smtp:
    if ${tls ? 1 : 0}:
        smtp.starttls(context=ssl._create_unverified_context())
    for text in ("one", ".two"):
        smtp.sendmail("a@example.com", ["b@example.com"], "Subject: s\\n\\n" + text)
`;
    await run("python3", ["-c", program]);
    assert.deepEqual(server.mails.map(({ text }) => textOf(text).split("\r\n")[2]), ["one", ".two"]);
    assert.equal(server.mails[1].secure, tls);
  });
}

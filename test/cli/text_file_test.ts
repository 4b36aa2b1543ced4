import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { readCertificates, readPassword } from "../../cli/text_file.ts";
import { authority, server as certificate } from "../support/certificates.ts";
import { Running, temporaryFolder } from "../support/commands.ts";

describe("a password file", () => {
  const latin1 = Uint8Array.from([...new TextEncoder().encode("secret-"), 0xe9, 0x0a]);

  test("is UTF-8: its first line, without a byte order mark", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("password");
    for (
      const [text, password] of [
        ["a long walk\n", "a long walk"],
        ["größer 𝄞\r\nmore", "größer 𝄞"],
        ["\ufeffa long walk\n", "a long walk"],
        ["\ufeff\ufeffa", "\ufeffa"],
        ["\ufffd", "\ufffd"],
      ]
    ) {
      await writeFile(path, text);
      assert.equal(readPassword(path), password);
    }
    await writeFile(path, "\ufeff\n");
    assert.throws(() => readPassword(path), { status: 2, message: /its first line is empty/ });
  });

  for (
    const [what, bytes] of Object.entries({
      "Latin-1": latin1,
      "UTF-16": Uint8Array.from([0xff, 0xfe, 0x73, 0x00, 0x65, 0x00]),
      "half a character": Uint8Array.from([0x73, 0x65, 0x63, 0xc3]),
      "a surrogate": Uint8Array.from([0xed, 0xa0, 0x80]),
    })
  ) {
    test(`that is not UTF-8 is refused, and not quoted: ${what}`, async () => {
      await using folder = await temporaryFolder();
      const path = folder.file("password");
      await writeFile(path, bytes);
      const message = `Cannot use --password-file "${path}": it is not UTF-8; expected a password in UTF-8`;
      assert.throws(() => readPassword(path), { status: 2, message });
    });
  }

  test("that is not UTF-8: status 2 from users and from the client, before anything is connected", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("password"), latin1);
    const file = ["--password-file", folder.file("password")];
    for (
      const running of [
        new Running("users", ["add", "anna", "--users", folder.file("users.json"), ...file], { stdin: "ignore" }),
        new Running("client", ["--port", "1", "--no-session", "--log-to", "none", ...file], { stdin: "ignore" }),
      ]
    ) {
      assert.equal(await running.ended, 2, running.stderr);
      assert.match(
        running.stderr,
        /^(users|client): Cannot use --password-file "[^"]*password": it is not UTF-8[^\n]*\n$/,
      );
      assert.doesNotMatch(running.stderr, /secret/);
    }
  });
});

describe("a file of certificates", () => {
  const damaged = authority.replace(/\nMIIB.*\n/, "\n");

  test("has one at least, and whatever else", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("ca.pem");
    for (const text of [authority, `The authority:\n${authority}`, damaged + authority, certificate.key + authority]) {
      await writeFile(path, text);
      assert.equal(readCertificates("--tls-ca", path), text);
    }
    await writeFile(path, authority.replaceAll("\n", "\r\n"));
    readCertificates("--tls-ca", path);
  });

  for (const [what, text] of Object.entries({ "nothing": "", "text": "hello", "a key": certificate.key })) {
    test(`that has none is refused by the client, with flag and file: ${what}`, async () => {
      await using folder = await temporaryFolder();
      await writeFile(folder.file("ca.pem"), text);
      const client = new Running(
        "client",
        ["--port", "1", "--tls-ca", folder.file("ca.pem"), "--no-session", "--log-to", "none"],
        { stdin: "ignore" },
      );
      assert.equal(await client.ended, 2, client.stderr);
      assert.match(
        client.stderr,
        /^client: Cannot use --tls-ca "[^"]*ca\.pem": no certificate is in it; expected [^\n]*\n$/,
      );
    });
  }
});

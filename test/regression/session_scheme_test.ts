import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientValues } from "../../cli/client_values.ts";
import { introduction } from "../../cli/client_login.ts";
import { temporaryFolder } from "../support/commands.ts";

test("10-4: a session token is kept for its scheme: one that came over TLS is never sent in plain text", async () => {
  await using folder = await temporaryFolder();
  const client = (tls: Partial<ClientValues>) => {
    const values = { host: "127.0.0.1", port: 9090, session: true, sessionFile: folder.file("sessions.json"), ...tls };
    return introduction(values as ClientValues);
  };
  const welcome = { type: "welcome", version: 1, access: "password", name: "anna" } as const;
  await (await client({ tls: true })).welcomed!({ ...welcome, token: "over-tls" });
  assert.equal((await client({})).token, undefined);
  assert.equal((await client({ tlsCa: "ca.pem" })).token, "over-tls");
  await (await client({})).welcomed!({ ...welcome, token: "plain" });
  assert.equal((await client({})).token, "plain");
  assert.equal((await client({ tls: true })).token, "over-tls");
});

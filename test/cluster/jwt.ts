/** Credentials of NATS, as `nsc` makes them: an operator, an account with JetStream, a user. */
import { nkeys } from "@nats-io/transport-node";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const encode = (value: unknown) => base64url(new TextEncoder().encode(JSON.stringify(value)));

function sign(issuer: KeyPair, subject: KeyPair, name: string, nats: Record<string, unknown>): string {
  const claims = {
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    nats: { version: 2, ...nats },
  };
  const text = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${encode(claims)}`;
  return `${text}.${base64url(issuer.sign(new TextEncoder().encode(text)))}`;
}

/** The lines of a configuration that admit one user, and the credentials file of that user. */
export function makeCredentials(): { config: string; credentials: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const unlimited = { subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1, wildcards: true };
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const system = nkeys.createAccount(); // JetStream demands one
  const systemJwt = sign(operator, system, "system", { type: "account", limits: unlimited });
  const accountJwt = sign(operator, account, "echopipe", { type: "account", limits: { ...unlimited, ...storage } });
  // All that a server needs: docs/cluster.md names the same.
  const rights = {
    pub: { allow: ["echopipe.room", "$KV.echopipe-members.>", "$KV.echopipe-users.>", "$JS.API.>", "$JS.FC.>"] },
    sub: { allow: ["_INBOX.>"] },
  };
  const userJwt = sign(account, user, "server", { type: "user", subs: -1, data: -1, payload: -1, ...rights });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: `operator: ${sign(operator, operator, "operator", { type: "operator" })}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: { ${account.getPublicKey()}: ${accountJwt}, ${system.getPublicKey()}: ${systemJwt} }
`,
    credentials: `-----BEGIN NATS USER JWT-----
${userJwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`,
  };
}

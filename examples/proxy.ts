/**
 * A proxy in one file: each connection goes on to another server, byte by byte, and what passes is counted. Half-close
 * passes, too: a side that has said all can still hear the other.
 *
 * ```sh
 * deno run --allow-net examples/proxy.ts 8081 127.0.0.1:8080
 * node examples/proxy.ts 8081 127.0.0.1:8080
 * curl http://127.0.0.1:8081/
 * ```
 *
 * @module
 */
import process from "node:process";
import { connect, type Connection, type ConnectOptions, count, formatAddress, serve } from "echopipe";

/** A connection that has passed, and its bytes. */
export interface Passed {
  readonly client: string;
  readonly sent: number;
  readonly received: number;
}

/** Passes a connection on to a server. */
async function passOn(client: Connection, to: ConnectOptions, report: (passed: Passed) => void): Promise<void> {
  await using server = await connect({ timeout: 10_000, ...to });
  // Half an answer must not look like a whole one: a failure at one side is one at the other. Those that `serve` gives do so.
  server.resetOnFailure = true;
  const [sent, received] = [count(), count()];
  try {
    // Chains between two sockets: what one is slow to take, the other is not asked for. Any stage may stand in them.
    await Promise.all([
      client.readable.pipeThrough(sent).pipeTo(server.writable),
      server.readable.pipeThrough(received).pipeTo(client.writable),
    ]);
  } finally {
    report({ client: formatAddress(client.remote), sent: sent.bytes, received: received.bytes });
  }
}

/** Serves on a port, 0: any free one; connections go on to the server that `to` names. */
export function serveProxy(port: number, to: ConnectOptions, report: (passed: Passed) => void = () => {}) {
  return serve({ port }, (client) => passOn(client, to, report));
}

if (import.meta.main) {
  const [port = "8081", to = "127.0.0.1:8080"] = process.argv.slice(2);
  const { hostname, port: toPort } = new URL(`tcp://${to}`);
  const server = await serveProxy(
    Number(port),
    { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(toPort) },
    ({ client, sent, received }) => console.log(`${client}: ${sent} bytes sent, ${received} received`),
  );
  console.log(`listening on ${server.address.address}:${server.address.port}`);
}

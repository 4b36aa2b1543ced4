// Exercise 2: say when the server starts and listens, when a client comes and goes, and what passes. Argument: the port.
import process from "node:process";
import { formatAddress, serve, stage } from "echopipe";

console.log("server started");
const server = await serve({
  port: Number(process.argv[2] ?? 9090),
  onOpen: (peer) => console.log(`client ${formatAddress(peer.remote)} connected`),
  onClose: (peer, traffic, reason) =>
    console.log(
      `client ${formatAddress(peer.remote)} disconnected: ${reason}; ` +
        `${traffic.received} bytes received, ${traffic.sent} bytes sent`,
    ),
}, (peer) => {
  const tell = stage<Uint8Array, Uint8Array>((bytes, out) => {
    console.log(`received ${bytes.length} bytes from ${formatAddress(peer.remote)}, and sends them back`);
    out.push(bytes);
  });
  return peer.readable.pipeThrough(tell).pipeTo(peer.writable);
});
console.log(`listening on ${formatAddress(server.address)}`);

process.once("SIGINT", async () => {
  await server.stop(); // what was received is echoed first
  console.log("server stopped");
});

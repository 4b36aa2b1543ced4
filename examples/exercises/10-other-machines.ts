// Exercise 10: a server for other machines, over IPv4 and IPv6; it says at which addresses. Argument: the port.
import { networkInterfaces } from "node:os";
import process from "node:process";
import { formatAddress, serve } from "echopipe";

// "::" is every network, IPv4 included; the default, 127.0.0.1, is this machine alone.
const server = await serve(
  { host: "::", port: Number(process.argv[2] ?? 9090) },
  (peer) => peer.readable.pipeTo(peer.writable),
);
console.log(`listening on ${formatAddress(server.address)}`);

for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
  for (const { address, internal } of addresses) {
    const who = internal ? "this machine only" : `others on the network of ${name}`;
    console.log(`${formatAddress({ address, port: server.address.port })} for ${who}`);
  }
}

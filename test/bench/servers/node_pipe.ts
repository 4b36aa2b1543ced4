import { type AddressInfo, createServer } from "node:net";

const server = createServer({ noDelay: true }, (peer) => {
  peer.on("error", () => {});
  peer.pipe(peer);
});
server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${(server.address() as AddressInfo).port}`));

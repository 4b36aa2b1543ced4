/** The echo server that npm's `ws` makes, on Node. */
// @ts-types="../../websocket/ws_types.d.ts"
import { type WebSocket, WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
});
server.on("connection", (socket: WebSocket) => {
  socket.on("message", (data: Uint8Array, isBinary: boolean) => socket.send(data, { binary: isBinary }));
});

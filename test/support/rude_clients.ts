/** Clients that connect and reset the connection at once: `rude_clients.ts PORT COUNT`. */
import net from "node:net";
import process from "node:process";

const [port, count] = process.argv.slice(2).map(Number);
for (let i = 0; i < count; i++) {
  await new Promise<void>((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.resetAndDestroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

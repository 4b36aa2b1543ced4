/** A network between a server and NATS that can be cut. */
import { once } from "node:events";
import net from "node:net";

/** Passes connections on to a port of this machine. */
export class Link {
  readonly #listener: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #cut = false;

  private constructor(target: number) {
    this.#listener = net.createServer((near) => {
      if (this.#cut) return near.destroy();
      const far = net.connect(target, "127.0.0.1");
      for (const [from, to] of [[near, far], [far, near]]) {
        this.#sockets.add(from);
        from.on("data", (bytes) => to.write(bytes));
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.on("error", () => {}); // the other side is closed with it
      }
    });
  }

  static async to(port: number): Promise<Link> {
    const link = new Link(port);
    await once(link.#listener.listen(0, "127.0.0.1"), "listening");
    return link;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.#listener.address() as net.AddressInfo).port}`;
  }

  /** Ends all connections, and takes no more. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Passes nothing on, and does not say so. */
  stall(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  /** Undoes the others: what was stalled arrives. */
  mend(): void {
    this.#cut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, "close");
  }
}

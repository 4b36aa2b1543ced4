/** Echo servers, one right and the others wrong on purpose. */
import net from "node:net";

/** Serves one client. */
type Serve = (socket: net.Socket) => void;

/** Echoes what `change` makes of each read, and ends when the client does. */
function echoing(change: (bytes: Buffer, position: number) => Uint8Array | undefined): Serve {
  return (socket) => {
    let position = 0;
    socket.on("data", (bytes: Buffer) => {
      const changed = change(bytes, position);
      position += bytes.length;
      if (changed !== undefined && !socket.write(changed)) {
        socket.pause();
        socket.once("drain", () => socket.resume());
      }
    });
    socket.on("end", () => socket.end());
  };
}

/** A server that holds back the last bytes of less than 1 KiB until more come; at the end it sends them, or loses them. */
function gathering(atEnd: "sends" | "loses"): Serve {
  return (socket) => {
    let held: Uint8Array = new Uint8Array(0);
    socket.on("data", (bytes: Buffer) => {
      const all = Buffer.concat([held, bytes]);
      const whole = all.length - all.length % 1024;
      held = all.subarray(whole);
      if (whole > 0) socket.write(all.subarray(0, whole));
    });
    socket.on("end", () => atEnd === "sends" ? socket.end(held) : socket.end());
  };
}

/** Swaps the first bytes of two clients that are connected at once. */
function swapping(): Serve {
  let last: net.Socket | undefined;
  return (socket) => {
    const other = last?.destroyed === false ? last : undefined;
    last = socket;
    let first = true;
    socket.on("data", (bytes: Buffer) => {
      const to = first && other !== undefined && !other.destroyed ? other : socket;
      first = false;
      to.write(bytes);
    });
    socket.on("end", () => socket.end());
  };
}

/** The wrong servers, by what is wrong with them; `right` is an echo server. */
export const servers: Readonly<Record<string, () => Serve>> = {
  right: () => echoing((bytes) => bytes),
  "sends first": () => (socket) => {
    socket.write("Welcome!\r\n");
    echoing((bytes) => bytes)(socket);
  },
  "drops the tail at the half-close": () => (socket) => {
    let ended = false;
    // A stage takes its time, and what it still holds when the client ends is lost.
    socket.on("data", (bytes: Buffer) => void setTimeout(() => ended || socket.write(bytes), 5));
    socket.on("end", () => {
      ended = true;
      socket.end();
    });
  },
  "doubles a byte": () =>
    echoing((bytes, position) => position === 0 ? Buffer.concat([bytes.subarray(0, 1), bytes]) : bytes),
  "doubles the last byte": () => (socket) => {
    let last: number | undefined;
    socket.on("data", (bytes: Buffer) => {
      last = bytes.at(-1);
      socket.write(bytes);
    });
    socket.on("end", () => last === undefined ? socket.end() : socket.end(Uint8Array.of(last)));
  },
  "strips the high bit": () => echoing((bytes) => bytes.map((byte) => byte & 0x7f)),
  "decodes text": () => echoing((bytes) => Buffer.from(bytes.toString("utf8"))),
  "waits for 1 KiB": () => gathering("sends"),
  "loses less than 1 KiB at the end": () => gathering("loses"),
  "closes early": () => (socket) => {
    socket.once("data", (bytes: Buffer) => socket.end(bytes));
    socket.on("end", () => socket.end());
  },
  "resets at the end": () => (socket) => {
    socket.on("data", (bytes: Buffer) => socket.write(bytes));
    socket.on("end", () => setTimeout(() => socket.resetAndDestroy(), 20));
  },
  "never ends": () => (socket) => {
    socket.on("data", (bytes: Buffer) => socket.write(bytes));
    socket.on("end", () => {});
  },
  "swaps two peers": swapping,
  "serves one at a time": () => {
    let serving: Promise<unknown> = Promise.resolve();
    return (socket) => {
      socket.pause();
      const gone = new Promise((resolve) => socket.once("close", resolve));
      serving = serving.then(() => {
        echoing((bytes) => bytes)(socket);
        socket.resume();
        return gone;
      });
    };
  },
  "keeps all it is sent": () => (socket) => {
    socket.on("data", (bytes: Buffer) => socket.write(bytes)); // no backpressure
    socket.on("end", () => socket.end());
  },
  "stops at a reset": () => {
    let broken = false;
    return (socket) => {
      if (broken) return void socket.destroy();
      socket.on("error", () => broken = true);
      echoing((bytes) => bytes)(socket);
    };
  },
  "is silent": () => (socket) => void socket.resume(),
};

/** A server that listens until the end of its scope. */
export interface WrongServer extends AsyncDisposable {
  readonly port: number;
  /** Errors of its connections. */
  readonly errors: string[];
}

/** Starts a server of that name. */
export async function startWrong(name: string): Promise<WrongServer> {
  const serve = servers[name]();
  const open = new Set<net.Socket>();
  const errors: string[] = [];
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", (error) => errors.push((error as { code?: string }).code ?? error.message));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    errors,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

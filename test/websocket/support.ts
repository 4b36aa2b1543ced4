/** Frames as a client sends them, and as a server's are read. */

/** Options of a client's frame. */
export interface FrameOptions {
  final?: boolean;
  rsv?: number;
  masked?: boolean;
  key?: readonly number[];
  /** Width of the length in bits. Default: the shortest. */
  width?: 7 | 16 | 64;
}

/** A frame of a client. */
export function frame(opcode: number, payload: Uint8Array | string = "", options: FrameOptions = {}): Uint8Array {
  const { final = true, rsv = 0, masked = true, key = [0x37, 0xfa, 0x21, 0x3d] } = options;
  const body = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const width = options.width ?? (body.length < 126 ? 7 : body.length < 65536 ? 16 : 64);
  const head = [
    (final ? 0x80 : 0) | rsv << 4 | opcode,
    (masked ? 0x80 : 0) | (width === 7 ? body.length : width === 16 ? 126 : 127),
  ];
  if (width !== 7) { for (let i = width / 8 - 1; i >= 0; i--) head.push(Math.floor(body.length / 2 ** (8 * i)) % 256); }
  if (masked) head.push(...key);
  return Uint8Array.from([...head, ...body.map((byte, i) => masked ? byte ^ key[i & 3] : byte)]);
}

/** A frame of a server, as it was read. */
export interface ServerFrame {
  /** -1: the frame is cut short. */
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Uint8Array;
}

/** Reads the frames of a server. Throws where they are masked, and where the last is cut short, unless `mayBeCut`. */
export function framesOf(bytes: Uint8Array, mayBeCut = false): ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const [first, second] = bytes.subarray(at);
    if (second >= 0x80 || (first & 0x70) !== 0) throw new Error(`no frame of a server at byte ${at}`);
    let length = second;
    at += 2;
    if (second >= 126) {
      const width = second === 126 ? 2 : 8;
      length = bytes.subarray(at, at + width).reduce((value, byte) => value * 256 + byte, 0);
      at += width;
    }
    if (at + length > bytes.length && mayBeCut) {
      return [...frames, { opcode: -1, final: false, payload: bytes.subarray(at) }];
    }
    if (at + length > bytes.length) throw new Error(`the frame at byte ${at} is cut short`);
    frames.push({ opcode: first & 15, final: first >= 0x80, payload: bytes.subarray(at, at + length) });
    at += length;
  }
  return frames;
}

/** The request of a client, with these fields beside or in place of the usual ones; undefined: without that field. */
export function request(fields: Record<string, string | undefined> = {}, line = "GET /chat HTTP/1.1"): Uint8Array {
  const all = {
    "Host": "127.0.0.1:9090",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => value === undefined ? [] : [`${name}: ${value}`]);
  return new TextEncoder().encode(`${[line, ...lines].join("\r\n")}\r\n\r\n`);
}

/** Splits what a server sent behind the head of its response. */
export function afterHead(bytes: Uint8Array): { head: string; rest: Uint8Array } {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n") + 4;
  return { head: text.slice(0, end), rest: bytes.subarray(end) };
}

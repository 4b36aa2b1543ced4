/**
 * Control messages among the texts of a WebSocket.
 *
 * @module
 */
import type { Output } from "../../stage/stage.ts";
import { Chunk } from "../chunk.ts";
import { MAX_CONTROL } from "../message.ts";

/** A subprotocol under which some texts are control messages. */
export interface ControlProtocol {
  /** The name of the subprotocol. */
  readonly protocol: string;
  /** True for a text that is a control message. It is asked of whole texts that begin with `{`, and of 4 KiB at most. */
  isControl(text: Uint8Array): boolean;
}

const BRACE = 0x7b;

/** Turns those text messages into control messages, each in one chunk; passes on all else. */
export class ControlTexts implements Output<Chunk> {
  readonly #isControl: ControlProtocol["isControl"];
  readonly #chunkSize: number;
  readonly #out: Output<Chunk>;
  /** The text held back; made on demand. */
  #held: Uint8Array | undefined;
  #length = 0;

  /** Makes it for one stream, in front of `out`. */
  constructor({ isControl }: ControlProtocol, chunkSize: number, out: Output<Chunk>) {
    this.#isControl = isControl;
    this.#chunkSize = chunkSize;
    this.#out = out;
  }

  push(chunk: Chunk): void {
    const mayBe = this.#length > 0 || chunk.first && chunk.kind === "text" && chunk.source[chunk.start] === BRACE &&
        (chunk.size ?? 0) <= MAX_CONTROL && chunk.end > chunk.start;
    if (!mayBe) return this.#out.push(chunk);
    const length = this.#length + chunk.length;
    if (length > MAX_CONTROL) {
      this.#release(false, chunk.size);
      return this.#out.push(chunk);
    }
    (this.#held ??= new Uint8Array(MAX_CONTROL)).set(chunk.bytes, this.#length);
    this.#length = length;
    if (chunk.last) this.#release(true, length);
  }

  flush(): void | Promise<void> {
    return this.#out.flush();
  }

  end(): void {
    this.#out.end();
  }

  fail(reason: unknown): void {
    this.#out.fail(reason);
  }

  keep(): void {
    this.#out.keep();
  }

  /** Passes on what is held. The buffer goes with it: who gets the chunks may hold them until they are written. */
  #release(complete: boolean, size: number | undefined): void {
    const [held, length] = [this.#held!, this.#length];
    this.#held = undefined;
    this.#length = 0;
    if (complete && this.#isControl(held.subarray(0, length))) {
      return this.#out.push(new Chunk(held, 0, length, "control", true, true, length));
    }
    for (let at = 0; at < length;) {
      const end = Math.min(at + this.#chunkSize, length);
      this.#out.push(new Chunk(held, at, end, "text", at === 0, complete && end === length, size));
      at = end;
    }
  }
}

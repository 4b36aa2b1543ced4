/**
 * The keyboard as the prompts read it.
 *
 * @module
 */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { exit, printError } from "./command.ts";
import { Status } from "./status.ts";

const [CTRL_C, CTRL_D, NEWLINE, ENTER, ESCAPE] = [0x03, 0x04, 0x0a, 0x0d, 0x1b];
const SHOW_CURSOR = "\x1b[?25h";

/**
 * A reader of standard input for one prompt. It returns complete characters and key sequences only, since a prompt decodes
 * each read by itself; nothing that follows an Enter is returned by the same read. Ctrl-C, Ctrl-D and the end of the input
 * end the process with its cleanups.
 */
export class Keyboard {
  readonly #input: typeof process.stdin;
  #typed = new Uint8Array(0);
  #wake = Promise.withResolvers<void>();
  #afterEnter = false;
  #closed = false;

  /** Takes the terminal, in raw mode until it is closed. */
  constructor(input: typeof process.stdin = process.stdin) {
    this.#input = input;
    this.setRaw(true);
    input.on("data", this.#take).on("end", interrupt).resume();
  }

  /** Reads what fits into `room`: resolves with the number of bytes, or null once the keyboard is closed. */
  async read(room: Uint8Array): Promise<number | null> {
    if (this.#afterEnter) await delay(0); // the Enter may have ended the prompt
    this.#afterEnter = false;
    for (;;) {
      if (this.#closed) return null;
      const length = this.#lengthOfKeys(room.length);
      if (length > 0) {
        room.set(this.#typed.subarray(0, length));
        this.#typed = this.#typed.slice(length);
        return length;
      }
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }

  /** Turns raw mode on. It stays on between reads: a terminal out of it would echo what is pasted. */
  setRaw(mode: boolean): void {
    if (mode) this.#input.setRawMode?.(true);
  }

  /** True if standard input is a terminal. */
  isTerminal(): boolean {
    return this.#input.isTTY;
  }

  /** Gives the terminal back; what was typed ahead is left for the next reader. */
  close(): void {
    this.#closed = true;
    this.#input.off("data", this.#take).off("end", interrupt).pause();
    this.#input.setRawMode?.(false);
    // In raw mode the Enter key is a carriage return, where others read lines it is a newline.
    if (this.#typed.length > 0) this.#input.unshift(replaced(this.#typed, ENTER, NEWLINE));
    this.#wake.resolve();
  }

  readonly #take = (bytes: Uint8Array) => {
    this.#typed = Uint8Array.of(...this.#typed, ...replaced(bytes, NEWLINE, ENTER));
    this.#wake.resolve();
  };

  /** The length of the first complete keys, as many as fit into `room` bytes. */
  #lengthOfKeys(room: number): number {
    for (let length = 0;;) {
      const rest = this.#typed.subarray(length);
      const key = keyLength(rest);
      if (key === 0 || length + key > room) return length > 0 ? length : Math.min(key, room);
      if (rest[0] === CTRL_C || rest[0] === CTRL_D) {
        if (length === 0) interrupt();
        return length;
      }
      length += key;
      this.#afterEnter = rest[0] === ENTER;
      if (this.#afterEnter) return length;
    }
  }
}

const replaced = (bytes: Uint8Array, from: number, to: number) => bytes.map((byte) => byte === from ? to : byte);

/** Ends the process from a prompt. */
function interrupt(): void {
  if (process.stdin.isTTY) printError(SHOW_CURSOR);
  void exit(Status.interrupted);
}

/** The length of the first character or key sequence in bytes; 0: its end is missing. */
function keyLength(bytes: Uint8Array): number {
  const [first, second] = bytes;
  if (first === undefined) return 0;
  if (first === ESCAPE && (second === 0x5b || second === 0x4f)) { // CSI and SS3, ECMA-48: up to a final byte
    const final = bytes.findIndex((byte, at) => at > 1 && byte >= 0x40 && byte <= 0x7e);
    return final < 0 ? bytes.length : final + 1;
  }
  const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return length <= bytes.length ? length : 0;
}

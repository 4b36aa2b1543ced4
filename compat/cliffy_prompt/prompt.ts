/**
 * The common part of the stand-in prompts: clack's prompts behind cliffy's options.
 *
 * @module
 */
import { Readable, Writable } from "node:stream";
import process from "node:process";

/** Input of a prompt. */
export interface PromptReader {
  /** Reads what fits into `room`; null: the end. */
  read(room: Uint8Array): Promise<number | null>;
  /** Turns the raw mode of the terminal on or off. */
  setRaw(mode: boolean): void;
  /** True if the input is a terminal. */
  isTerminal(): boolean;
}

/** The part of cliffy's prompt options that is used here. */
export interface PromptOptions<T> {
  /** The question. */
  message: string;
  /** The value of an empty answer. */
  default?: T;
  /** Input of the prompt. Default: standard input. */
  reader?: PromptReader;
  /** Output of the prompt. Default: standard output. */
  writer?: { writeSync(bytes: Uint8Array): number };
}

/** Options of a prompt of clack. */
export interface ClackOptions {
  message: string;
  input?: Readable;
  output: Writable;
}

/** The size of cliffy's reads on Deno, in bytes. */
const READ_SIZE = 8;

/** Asks by a prompt of clack; `shown` is the default as text. As in cliffy, Ctrl-C ends the process with status 130. */
export async function askByClack<T, A>(
  { message, reader, writer }: PromptOptions<T>,
  shown: string | undefined,
  ask: (options: ClackOptions) => Promise<A>,
): Promise<Exclude<A, symbol>> {
  const answer = await ask({
    message: shown === undefined ? message : `${message} (${shown})`,
    input: reader && inputFrom(reader),
    output: writer ? outputTo(writer) : process.stdout,
  });
  if (typeof answer === "symbol") process.exit(130);
  return answer as Exclude<A, symbol>;
}

/** A terminal's stream over a reader. */
function inputFrom(reader: PromptReader): Readable {
  const input = new Readable({
    highWaterMark: 1,
    read() {
      const room = new Uint8Array(READ_SIZE);
      reader.read(room).then((length) => input.push(length === null ? null : room.subarray(0, length)));
    },
  });
  return Object.assign(input, { isTTY: reader.isTerminal(), setRawMode: (mode: boolean) => reader.setRaw(mode) });
}

/** A terminal's stream over a synchronous writer, with the width of the terminal. */
function outputTo(writer: { writeSync(bytes: Uint8Array): number }): Writable {
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      for (let at = 0; at < chunk.length;) at += writer.writeSync(chunk.subarray(at));
      done();
    },
  });
  const { columns, rows } = process.stderr; // 0 where the terminal does not report its size
  return Object.assign(output, { columns: columns || 80, rows: rows || 24, isTTY: true });
}

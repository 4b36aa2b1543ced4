/**
 * A log file that rotates, or is rotated by others.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, renameSync, rmSync, write, writeSync } from "node:fs";

const encoder = new TextEncoder();

/** Longest time that text is buffered, in milliseconds. */
const FLUSH_MS = 100;
/** Amount of buffered text that is written at once, in bytes. */
const FLUSH_AT = 16 * 1024;
/** Limit of buffered text while a write is pending, in bytes; further text is lost. */
const MAX_BUFFERED = 8 * 1024 * 1024;
/** Mode of a new log file: it holds addresses of clients. */
const MODE = 0o640;

/** Options of a {@linkcode LogFile}. */
export interface LogFileOptions {
  /** Size at which the file is rotated, in bytes. */
  readonly maxSize: number;
  /** Number of files, the current one included: `server.log`, `server.log.1` and so on. At least 2. */
  readonly maxFiles: number;
  /** Called when the file cannot be written, and text is lost, or not be rotated or reopened, and the old file goes on. */
  readonly onProblem: (problem: "write" | "rotate", error: unknown) => void;
}

/**
 * Appends text to a file, by one write for the text of a tenth of a second, without waiting for the disk.
 *
 * The descriptor that is written to is always open and always the file's: the next file is opened before this one is
 * closed. The number of a closed descriptor would soon be that of a client's socket. A rotation that fails leaves the file as
 * it is, and is tried again when the file has grown by another `maxSize`.
 */
export class LogFile {
  readonly #path: string;
  readonly #options: LogFileOptions;
  #descriptor: number;
  /** Size of the next rotation. */
  #rotateAt: number;
  #size: number;
  #buffered: Uint8Array[] = [];
  #length = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reopening = false;
  /** Resolves when the pending write is done. */
  #writing: Promise<void> | undefined;

  /** Opens the file for appending, and creates it if it is missing. Throws the error of the system. */
  constructor(path: string, options: LogFileOptions) {
    this.#path = path;
    this.#options = options;
    this.#descriptor = openSync(path, "a", MODE);
    this.#size = fstatSync(this.#descriptor).size;
    this.#rotateAt = options.maxSize;
  }

  /** Appends a text, within a tenth of a second. */
  append(text: string): void {
    if (this.#descriptor < 0) return;
    if (this.#length > MAX_BUFFERED) return this.#options.onProblem("write", new Error("the disk does not keep up"));
    const bytes = encoder.encode(text);
    this.#buffered.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= FLUSH_AT) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** Continues in the file that has the path by now: the old one was renamed by others. */
  reopen(): void {
    if (this.#descriptor < 0) return;
    this.#reopening = true;
    this.#flush();
  }

  /** Writes what is buffered before it returns: for a process in its last moment. */
  flushSync(): void {
    const bytes = this.#take();
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at);
    } catch (error) {
      this.#options.onProblem("write", error);
    }
  }

  /** Writes what is buffered, and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    this.flushSync();
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #take(): Uint8Array {
    const bytes = Buffer.concat(this.#buffered);
    this.#buffered = [];
    this.#length = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return bytes;
  }

  #flush(): void {
    this.#writing ??= this.#writeAll().finally(() => this.#writing = undefined);
  }

  async #writeAll(): Promise<void> {
    while (this.#buffered.length > 0 || this.#reopening) {
      if (this.#reopening) this.#openAgain();
      const bytes = this.#take();
      if (this.#size > 0 && this.#size + bytes.length > this.#rotateAt) this.#rotate();
      try {
        for (let at = 0; at < bytes.length;) at += await this.#write(bytes, at);
      } catch (error) {
        this.#options.onProblem("write", error);
      }
    }
  }

  #write(bytes: Uint8Array, at: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#descriptor, bytes, at, (error, written) => {
        if (error) return reject(error);
        this.#size += written;
        resolve(written);
      });
    });
  }

  /** No write is pending. What cannot be undone comes last: the older files move once there is a new one. */
  #rotate(): void {
    const { maxSize, maxFiles, onProblem } = this.#options;
    const aside = `${this.#path}.0`;
    try {
      renameSync(this.#path, aside);
      const next = this.#openNext(aside);
      closeSync(this.#descriptor);
      this.#descriptor = next;
      this.#size = 0;
      this.#rotateAt = maxSize;
      rmSync(`${this.#path}.${maxFiles - 1}`, { force: true });
      for (let number = maxFiles - 2; number >= 0; number--) this.#renameFound(number);
    } catch (error) {
      this.#rotateAt = this.#size + maxSize;
      onProblem("rotate", error);
    }
  }

  /** No write is pending. */
  #openAgain(): void {
    this.#reopening = false;
    try {
      const next = openSync(this.#path, "a", MODE);
      closeSync(this.#descriptor);
      this.#descriptor = next;
      this.#size = fstatSync(next).size;
      this.#rotateAt = this.#options.maxSize;
    } catch (error) {
      this.#options.onProblem("rotate", error);
    }
  }

  #openNext(aside: string): number {
    try {
      return openSync(this.#path, "a", MODE);
    } catch (error) {
      renameSync(aside, this.#path);
      throw error;
    }
  }

  #renameFound(number: number): void {
    try {
      renameSync(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
  }
}

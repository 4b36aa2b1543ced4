/**
 * A client's sessions, by server.
 *
 * ```json
 * {
 *   "format": "echopipe-sessions",
 *   "version": 1,
 *   "sessions": { "127.0.0.1:9090": { "name": "anna", "token": "...", "expires": "2026-11-20T12:00:00.000Z" } }
 * }
 * ```
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { FileLock } from "../files/file_lock.ts";
import { userKey } from "./users.ts";
import { readWhole, writeWhole } from "../files/atomic_file.ts";

const FORMAT = "echopipe-sessions";
const VERSION = 1;
/** The most sessions kept; beyond it those that end first go. */
const MAX_SESSIONS = 1000;

/** A session as its client keeps it. */
export interface ClientSession {
  readonly name: string;
  readonly token: string;
  /** When it ends, in RFC 3339; undefined: the server did not say. */
  readonly expires?: string;
}

/**
 * Sessions in a file that only its owner may read: tokens are as good as passwords until they end.
 *
 * All methods reject with `damaged` if the file is none of sessions, which is then left as it is; `permission`, `io` or
 * `timed-out` where it cannot be read or written.
 */
export class SessionFile {
  readonly #path: string;

  /** The file at `path`; it need not exist. */
  constructor(path: string) {
    this.#path = path;
  }

  /** The session with a server, if there is one that has not expired, under that name if one is given. */
  async get(server: string, name?: string): Promise<ClientSession | undefined> {
    const session = (await this.#read()).get(server);
    if (session === undefined || hasExpired(session)) return undefined;
    return name === undefined || userKey(name) === userKey(session.name) ? session : undefined;
  }

  /** Keeps a session; undefined: forgets it. */
  async set(server: string, session: ClientSession | undefined): Promise<void> {
    const lock = new FileLock(`${this.#path}.lock`);
    try {
      await lock.hold(async () => {
        const sessions = await this.#read();
        if (session === undefined && !sessions.has(server)) return;
        sessions.delete(server);
        if (session !== undefined) sessions.set(server, session);
        await writeWhole(this.#path, format(sessions));
      });
    } finally {
      await lock.close();
    }
  }

  async #read(): Promise<Map<string, ClientSession>> {
    const text = await readWhole(this.#path);
    return text === undefined ? new Map() : parse(text, this.#path);
  }
}

function format(sessions: Map<string, ClientSession>): string {
  const kept = [...sessions].filter(([, session]) => !hasExpired(session)).slice(-MAX_SESSIONS);
  return JSON.stringify({ format: FORMAT, version: VERSION, sessions: Object.fromEntries(kept) }, null, 2) + "\n";
}

function parse(text: string, path: string): Map<string, ClientSession> {
  const damaged = () =>
    new EchopipeError(
      "damaged",
      `Cannot read the session file "${path}": it is not in the format "${FORMAT}", version ${VERSION}; ` +
        "it is left as it is, remove it or name another with --session-file",
    );
  let file: { format?: unknown; version?: unknown; sessions?: unknown } | null;
  try {
    file = JSON.parse(text);
  } catch {
    throw damaged(); // no cause: the engine's message quotes the text
  }
  if (file?.format !== FORMAT || file.version !== VERSION || typeof file.sessions !== "object" || !file.sessions) {
    throw damaged();
  }
  const sessions = new Map<string, ClientSession>();
  for (const [server, session] of Object.entries(file.sessions as Record<string, Partial<ClientSession> | null>)) {
    const { name, token, expires } = session ?? {};
    const valid = typeof name === "string" && typeof token === "string" &&
      (expires === undefined || !Number.isNaN(Date.parse(expires)));
    if (!valid) throw damaged();
    sessions.set(server, { name, token, ...(expires !== undefined && { expires }) });
  }
  return sessions;
}

const hasExpired = ({ expires }: ClientSession) => expires !== undefined && Date.parse(expires) <= Date.now();

/**
 * A client's sessions, by server.
 *
 * ```json
 * {
 *   "format": "echopipe-sessions",
 *   "version": 1,
 *   "sessions": { "tls://192.0.2.7:9090": { "name": "anna", "token": "...", "expires": "2026-11-20T12:00:00.000Z" } }
 * }
 * ```
 *
 * @module
 */
import { readWhole, writeWhole } from "../files/atomic_file.ts";
import { FileLock } from "../files/file_lock.ts";
import { type JsonFormat, type JsonValue, parseJsonFile } from "../files/json_value.ts";
import { nameKey } from "../names.ts";

const FORMAT: JsonFormat = {
  format: "echopipe-sessions",
  version: 1,
  title: "session file",
  advice: "it is left as it is, remove it or name another with --session-file",
};
/** Sessions that are kept; beyond it the oldest go. */
const MAX_SESSIONS = 1000;

/** A session as its client keeps it. */
export interface ClientSession {
  readonly name: string;
  readonly token: string;
  /** Its end, in RFC 3339; undefined: the server did not say. */
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

  /**
   * The session with a server, such as `tls://192.0.2.7:9090`, if there is one that has not expired, under that name if one
   * is given.
   */
  async get(server: string, name?: string): Promise<ClientSession | undefined> {
    const session = (await this.#read()).get(server);
    if (session === undefined || hasExpired(session)) return undefined;
    return name === undefined || nameKey(name) === nameKey(session.name) ? session : undefined;
  }

  /** Keeps a session; undefined: forgets it. */
  async set(server: string, session: ClientSession | undefined): Promise<void> {
    const lock = new FileLock(this.#path);
    try {
      await lock.hold(async () => {
        const sessions = await this.#read();
        if (session === undefined && !sessions.has(server)) return;
        sessions.delete(server);
        if (session !== undefined) sessions.set(server, inUtc(session));
        await writeWhole(this.#path, formatSessions(sessions));
      });
    } finally {
      await lock.close();
    }
  }

  async #read(): Promise<Map<string, ClientSession>> {
    const text = await readWhole(this.#path);
    if (text === undefined) return new Map();
    const sessions = parseJsonFile(text, this.#path, FORMAT).member("sessions").members();
    return new Map(sessions.map(([server, entry]) => [server, parseSession(entry)]));
  }
}

function formatSessions(sessions: Map<string, ClientSession>): string {
  const { format, version } = FORMAT;
  const kept = [...sessions].filter(([, session]) => !hasExpired(session)).slice(-MAX_SESSIONS);
  return JSON.stringify({ format, version, sessions: Object.fromEntries(kept) }, null, 2) + "\n";
}

function parseSession(entry: JsonValue): ClientSession {
  const expires = entry.member("expires");
  return {
    name: entry.member("name").string(),
    token: entry.member("token").string(),
    ...(expires.exists && { expires: expires.time() }),
  };
}

/** As the file has it: a server may tell the time with another offset. */
const inUtc = ({ expires, ...session }: ClientSession): ClientSession => ({
  ...session,
  ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
});

const hasExpired = ({ expires }: ClientSession) => expires !== undefined && Date.parse(expires) <= Date.now();

/**
 * The format of `users.json`.
 *
 * ```json
 * {
 *   "format": "echopipe-users",
 *   "version": 1,
 *   "revision": 2,
 *   "users": [
 *     { "name": "anna", "revision": 2, "created": "2026-11-20T12:00:00.000Z", "addresses": ["127.0.0.1"],
 *       "password": "$argon2id$v=19$m=19456,t=2,p=1$...", "sessions": [{ "digest": "...", "created": "...", "used": "..." }] }
 *   ]
 * }
 * ```
 *
 * @module
 */
import { type JsonFormat, type JsonValue, parseJsonFile } from "../files/json_value.ts";
import { nameKey } from "../names.ts";
import { parsePhc } from "./phc.ts";
import { UserTable } from "./user_table.ts";
import { MAX_ADDRESSES, MAX_SESSIONS, type StoredSession, type StoredUser, type User } from "./users.ts";

const FORMAT: JsonFormat = {
  format: "echopipe-users",
  version: 1,
  title: "users file",
  advice: "it is left as it is",
};

const ENTRY_FORMAT: JsonFormat = { ...FORMAT, format: "echopipe-user", title: "user" };

/** Names that a file may have: users keep theirs, whatever the rule for new ones becomes. */
const name = /^[^\p{C}\p{Zl}\p{Zp}]{1,32}$/u;

/** Users as the text of a file. A user that has not changed since the last time costs nothing but its place in it. */
export function formatUsers(table: UserTable): string {
  const { format, version } = FORMAT;
  const whole = JSON.stringify({ format, version, revision: table.revision, users: [] }, null, 2);
  const end = "]\n}";
  const users = table.list().map(formatUser).join(",");
  return `${whole.slice(0, -end.length)}${users === "" ? "" : `${users}\n  `}${end}\n`;
}

/** Made once: stored users do not change, they are replaced. */
const formatted = new WeakMap<StoredUser, string>();

function formatUser(stored: StoredUser): string {
  const known = formatted.get(stored);
  if (known !== undefined) return known;
  const { user: { name, ...rest }, revision } = stored;
  const text = `\n${JSON.stringify({ name, revision, ...rest }, null, 2)}`.replaceAll("\n", "\n    ");
  formatted.set(stored, text);
  return text;
}

/**
 * Users from the text of a file; `path` is for the error.
 *
 * @throws {EchopipeError} `damaged` if it is not such a file, saying where
 */
export function parseUsers(text: string, path: string, limit?: number): UserTable {
  const file = parseJsonFile(text, path, FORMAT);
  const revision = file.member("revision").integer();
  const names = new Set<string>();
  const users = file.member("users").list().map((entry) => {
    const stored = parseStored(entry, revision);
    const key = nameKey(stored.user.name);
    if (names.has(key)) throw entry.member("name").fault("is there twice", "a name of its own");
    names.add(key);
    return stored;
  });
  return new UserTable(users, revision, limit);
}

/** One user as text, for stores with a place for each. */
export function formatEntry(user: User): string {
  const { format, version } = ENTRY_FORMAT;
  return JSON.stringify({ format, version, ...user });
}

/**
 * One user from the text of {@linkcode formatEntry}; `place` is for the error.
 *
 * @throws {EchopipeError} `damaged` if it is not such a text, saying where
 */
export function parseEntry(text: string, place: string): User {
  return parseUser(parseJsonFile(text, place, ENTRY_FORMAT));
}

function parseStored(entry: JsonValue, fileRevision: number): StoredUser {
  const revision = entry.member("revision");
  if (revision.integer() > fileRevision) {
    throw revision.fault(`is ${revision.integer()}`, `at most the file's ${fileRevision}`);
  }
  return { user: parseUser(entry), revision: revision.integer() };
}

function parseUser(entry: JsonValue): User {
  const password = entry.member("password");
  return {
    name: entry.member("name").string(name, "a name of 1 to 32 printable characters"),
    created: entry.member("created").time(),
    addresses: entry.member("addresses").list(MAX_ADDRESSES)
      .map((address) => address.string(/^[\da-f.:]{2,45}$/, "an IP address")),
    ...(password.exists && { password: password.checked(parsePhc, "an argon2id hash as PHC string") }),
    sessions: entry.member("sessions").list(MAX_SESSIONS).map(parseSession),
  };
}

function parseSession(entry: JsonValue): StoredSession {
  return {
    digest: entry.member("digest").string(/^[\w-]{43}$/, "a SHA-256 digest in base64url"),
    created: entry.member("created").time(),
    used: entry.member("used").time(),
  };
}

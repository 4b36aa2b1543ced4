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
import { EchopipeError } from "../errors.ts";
import { jsonFaultLine } from "./json_fault.ts";
import { parsePhc } from "./phc.ts";
import { UserTable } from "./user_table.ts";
import { MAX_ADDRESSES, MAX_SESSIONS, type StoredSession, type StoredUser, userKey, userName } from "./users.ts";

const FORMAT = "echopipe-users";
const VERSION = 1;

type Json = Record<string, unknown>;

/** Users as the text of a file. A user that has not changed since the last time costs nothing but its place in it. */
export function formatUsers(table: UserTable): string {
  const whole = JSON.stringify({ format: FORMAT, version: VERSION, revision: table.revision, users: [] }, null, 2);
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
export function parseUsers(text: string, path: string, most?: number): UserTable {
  let where = "the whole";
  const damaged = (found: string, expected: string): never => {
    throw new EchopipeError(
      "damaged",
      `Cannot read the users file "${path}": ${where} ${found}; expected ${expected}; it is left as it is`,
    );
  };
  const object = (value: unknown): Json =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Json
      : damaged("is no object", "an object");
  const within = <T>(place: string, read: () => T): T => {
    where = place;
    return read();
  };
  const list = (value: unknown, limit: number): unknown[] =>
    !Array.isArray(value)
      ? damaged("is no list", "a list")
      : value.length > limit
      ? damaged(`has ${value.length} entries`, `at most ${limit}`)
      : value;
  const string = (value: unknown): string => typeof value === "string" ? value : damaged("is no string", "a string");
  const matching = (value: unknown, pattern: RegExp, expected: string): string => {
    const found = string(value);
    return pattern.test(found) ? found : damaged("has another form", expected);
  };
  const time = (value: unknown): string => {
    const found = matching(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "a time in RFC 3339, UTC");
    return Number.isNaN(Date.parse(found)) ? damaged("is no time", "a time in RFC 3339, UTC") : found;
  };
  const count = (value: unknown): number =>
    Number.isSafeInteger(value) && (value as number) >= 0
      ? value as number
      : damaged("is no revision", "a whole number");
  const checked = <T>(read: () => T, expected: string): T => {
    try {
      return read();
    } catch {
      return damaged("has another form", expected); // the value itself stays out of the error: it may be a secret
    }
  };

  const session = (value: unknown, place: string): StoredSession => {
    const entry = within(place, () => object(value));
    return {
      digest: within(
        `${place}.digest`,
        () => matching(entry.digest, /^[\w-]{43}$/, "a SHA-256 digest in base64url"),
      ),
      created: within(`${place}.created`, () => time(entry.created)),
      used: within(`${place}.used`, () => time(entry.used)),
    };
  };
  const user = (value: unknown, i: number, revision: number): StoredUser => {
    const place = `users[${i}]`;
    const entry = within(place, () => object(value));
    const own = within(`${place}.revision`, () => count(entry.revision));
    if (own > revision) damaged(`is ${own}`, `at most the file's ${revision}`);
    return {
      user: {
        name: within(`${place}.name`, () => {
          const name = string(entry.name);
          return checked(() => userName(name), "a name of 1 to 32 printable characters");
        }),
        created: within(`${place}.created`, () => time(entry.created)),
        addresses: within(`${place}.addresses`, () => list(entry.addresses, MAX_ADDRESSES))
          .map((address, j) =>
            within(`${place}.addresses[${j}]`, () => matching(address, /^[\da-f.:]{2,45}$/, "an IP address"))
          ),
        ...(entry.password !== undefined && {
          password: within(`${place}.password`, () => {
            const phc = string(entry.password);
            checked(() => parsePhc(phc), "an argon2id hash as PHC string");
            return phc;
          }),
        }),
        sessions: within(`${place}.sessions`, () => list(entry.sessions, MAX_SESSIONS))
          .map((value, j) => session(value, `${place}.sessions[${j}]`)),
      },
      revision: own,
    };
  };

  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    const empty = text.trim() === "";
    where = empty ? "it" : `line ${jsonFaultLine(text)}`;
    return damaged(empty ? "is empty" : "is not JSON", "a JSON object");
  }
  const file = object(json);
  within("format", () => file.format === FORMAT || damaged("is another one", `"${FORMAT}"`));
  within("version", () => file.version === VERSION || damaged(`is ${JSON.stringify(file.version)}`, String(VERSION)));
  const revision = within("revision", () => count(file.revision));
  const users = within("users", () => list(file.users, Infinity)).map((value, i) => user(value, i, revision));
  const keys = new Set<string>();
  for (const [i, { user: { name } }] of users.entries()) {
    where = `users[${i}].name`;
    if (keys.size === keys.add(userKey(name)).size) damaged("is there twice", "a name of its own");
  }
  return new UserTable(users, revision, most);
}

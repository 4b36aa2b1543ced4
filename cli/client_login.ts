/**
 * The client's part of a login: answers from flags, the session file, or the person at the terminal.
 *
 * @module
 */
import { messageOf } from "../src/errors.ts";
import type { Introduction } from "../src/client/greeting.ts";
import type { Ask } from "../src/access/control.ts";
import { SessionFile } from "../src/identity/session_file.ts";
import { formatAddress } from "../src/runtime/socket.ts";
import { askNewPassword, askSecret, askText, canAsk } from "./ask.ts";
import type { ClientValues } from "./client_values.ts";
import { printError } from "./command.ts";
import { readPassword } from "./text_file.ts";

/** The client's part of a login, with a greeting for the person once the client is admitted under a name. */
export interface Login extends Introduction {
  greeting(): string | undefined;
  /** Forgets the session. */
  forget(): Promise<void>;
}

/** Prepares the login; reads the session file, unless `--no-session`. */
export async function introduction(values: ClientValues): Promise<Login> {
  // A token that came over TLS is for TLS alone: in plain text anybody could read it.
  const scheme = values.tls || values.tlsCa !== undefined ? "tls" : "tcp";
  const server = `${scheme}://${formatAddress({ address: values.host, port: values.port })}`;
  const file = values.session ? new SessionFile(values.sessionFile) : undefined;
  const session = await file?.get(server, values.name);
  const answer = answers(values);
  let asked = false;
  let admitted: string | undefined;
  return {
    token: session?.token,
    answer(ask) {
      asked = true;
      return answer(ask);
    },
    greeting: () => admitted && (asked ? `Hello, ${admitted}` : `Hello again, ${admitted}`),
    forget: async () => await file?.set(server, undefined),
    async welcomed({ name, token, expires }) {
      admitted = name;
      if (file === undefined || name === undefined || token === undefined) return;
      try {
        await file.set(server, { name, token, ...(expires !== undefined && { expires }) });
      } catch (error) {
        printError(`client: the session is not kept: ${messageOf(error)}`); // the connection goes on without it
      }
    },
  };
}

/** Answers each question once from the flags; then, or without flags, the person at the terminal answers. */
function answers(values: ClientValues): (ask: Ask) => Promise<string | undefined> {
  // Read before anything is sent.
  const password = values.passwordFile === undefined ? undefined : readPassword(values.passwordFile);
  const ready: Record<Ask["field"], string | undefined> = {
    "name": values.name,
    "password": password,
    "new-password": password,
  };
  let name = values.name ?? "";
  const newPassword = async (text: string) => {
    const { checkPassword } = await import("../src/identity/passwords.ts");
    return await askNewPassword(text, (password) => checkPassword(password, name));
  };
  return async ({ field, text }) => {
    const value = ready[field];
    if (field === "name") ready.name = undefined;
    else ready.password = ready["new-password"] = undefined;
    if (value !== undefined) return value;
    if (!canAsk()) return undefined; // `--yes` takes defaults, and a login has none
    if (field === "name") return name = await askText(text, undefined, someName);
    if (field === "password") return await askSecret(text, () => {});
    return await newPassword(text);
  };
}

function someName(text: string): void {
  if (text.trim() === "") throw new Error("Expected a name.");
}

/**
 * `--logout`: ends the session with a server.
 *
 * @module
 */
import { Dialogue } from "../src/client/dialogue.ts";
import { EchopipeError, messageOf } from "../src/errors.ts";
import type { ServiceLog } from "../src/service_log.ts";
import { connectToServer } from "./client_connect.ts";
import { introduction } from "./client_login.ts";
import type { ClientValues } from "./client_values.ts";
import { printError } from "./command.ts";
import { CommandError, Status } from "./status.ts";

/** Has the server revoke the token of the session, and forgets it; nothing else is sent. */
export async function logOut(values: ClientValues, log: ServiceLog): Promise<Status> {
  const login = await introduction(values);
  if (login.token === undefined) {
    throw new CommandError(Status.failed, `Cannot log out: "${values.sessionFile}" has no session with this server`);
  }
  const { connection, peer, disconnected } = await connectToServer(values, log);
  try {
    // A server that no longer knows the token asks for a name.
    const answer = () => Promise.resolve(undefined);
    const dialogue = new Dialogue(connection, "message", { ...login, answer, received() {} });
    await dialogue.greet(values.timeout * 1000);
    await dialogue.logOut();
    await dialogue.ended;
    await login.forget();
    disconnected("logout");
    printError(`Logged out of ${peer}`);
    return Status.done;
  } catch (error) {
    disconnected(messageOf(error));
    if (!(error instanceof EchopipeError && error.code === "refused")) throw error;
    await login.forget();
    printError(`The session with ${peer} had ended already`);
    return Status.done;
  } finally {
    await connection.finish();
  }
}

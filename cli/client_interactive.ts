/**
 * The interactive client: lines out, lines back.
 *
 * @module
 */
import { messageOf } from "../src/errors.ts";
import { Dialogue } from "../src/client/dialogue.ts";
import { count, type ServiceLog } from "../src/service_log.ts";
import type { ClientValues } from "./client_values.ts";
import { connectToServer } from "./client_connect.ts";
import { introduction } from "./client_login.ts";
import { beforeExit, exit } from "./command.ts";
import { CommandError, Status } from "./status.ts";
import { withTlsHint } from "./tls_hint.ts";
import { Terminal } from "./terminal.ts";

/** Talks until the person types `exit` or Ctrl-D, or the server ends the connection. */
export async function talk(values: ClientValues, log: ServiceLog): Promise<Status> {
  const login = await introduction(values);
  const { connection, peer, disconnected } = await connectToServer(values, log);
  const newline = values.framing === "message";
  let leaving = false;
  let lastLine = "";
  let terminal: Terminal | undefined;
  const dialogue = new Dialogue(connection, values.framing, {
    ...login,
    received(bytes, last) {
      log.record("info", "data.received", `Received ${count(bytes.length, "byte")} from ${peer}`, {
        peer,
        bytes: bytes.length,
        chunks: 1,
      });
      terminal?.showData(newline && last ? joined(bytes) : bytes);
    },
    refused(text) {
      lastLine = ""; // if that was `stop`, the server does not end by it
      terminal?.showNote(text);
    },
    farewell: (text) => terminal?.showNote(text),
  });
  const send = async (line: string) => {
    try {
      const bytes = await dialogue.send(line);
      log.record("info", "data.sent", `Sent ${count(bytes, "byte")} to ${peer}`, { peer, bytes, chunks: 1 });
    } catch (error) {
      log.record("warn", "send.failed", messageOf(error), { peer });
    }
  };
  // Lines leave in the order they were typed, one after the other; a person does not outrun that.
  let sending = Promise.resolve();
  // After the last line: a server that knows no `exit` ends by it too.
  const leave = () => {
    if (leaving) return;
    leaving = true;
    sending.then(() => dialogue.end()).catch(() => {}); // the connection has ended already
  };
  try {
    await dialogue.greet(values.timeout * 1000); // before the terminal is taken: the login may ask
    terminal = new Terminal("> ", {
      line(text) {
        if (leaving) return;
        lastLine = text;
        sending = sending.then(() => send(text));
        if (text === "exit") leave();
      },
      end: leave,
      interrupt: () => void exit(Status.interrupted),
    });
    beforeExit(() => terminal?.close());
    terminal.showNote(`Connected to ${peer}. What you type comes back; exit or Ctrl-D ends it.`);
    const greeting = login.greeting();
    if (greeting !== undefined) terminal.showNote(greeting);
    await dialogue.ended;
    await sending;
  } catch (error) {
    disconnected(messageOf(error));
    throw await withTlsHint(error, values, connection);
  } finally {
    terminal?.close();
    await connection.finish();
  }
  disconnected(leaving ? "exit" : "the server ended the connection");
  if (!leaving && lastLine !== "stop") throw new CommandError(Status.failed, `The server ${peer} ended the connection`);
  return Status.done;
}

function joined(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}

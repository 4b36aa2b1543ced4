/**
 * `deno task chat`: a member of a chat over UDP.
 *
 * @module
 */
import process from "node:process";
import { randomInt } from "node:crypto";
import { checkName } from "../src/names.ts";
import { messageOf } from "../src/errors.ts";
import { beforeExit, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { chatLine, type ChatValues } from "./chat_flags.ts";
import { typedCommand } from "./command_name.ts";
import { parseCommandLine, type Parsed } from "./command_line.ts";
import { CommandError, Status, statusOf } from "./status.ts";

await run("chat", async () => {
  const parsed = parseCommandLine<ChatValues>(chatLine, process.argv.slice(2));
  const { values } = parsed;
  onSignals();
  const interactive = Boolean(process.stdin.isTTY);
  const name = await nameOf(parsed, interactive);
  const [{ openLog }, { ChatClient }, { openDatagrams, resolveAddress }, { formatAddress }] = await Promise.all([
    import("./log.ts"),
    import("../src/chat/udp/client.ts"),
    import("../src/transport/datagram.ts"),
    import("../src/runtime/socket.ts"),
  ]);
  const log = await openLog("chat", values);
  beforeExit(() => log.close());
  const server = await resolveAddress({ address: values.host, port: values.port });
  const port = await openDatagrams({
    host: server.address.includes(":") ? "::" : "0.0.0.0",
    onError: (error) => log.record("warn", "datagram.failed", messageOf(error)),
  });
  const client = new ChatClient(port, { server, name, timeout: values.timeout * 1000 });
  const peer = formatAddress(server);
  try {
    await client.join();
  } catch (error) {
    log.record("error", "connect.failed", messageOf(error), { peer });
    const hint = statusOf(error) === Status.timedOut ? `; is "${typedCommand("chat:server")}" running there?` : "";
    throw new CommandError(statusOf(error), `${messageOf(error)}${hint}`, error);
  }
  log.record("info", "connected", `Joined the chat at ${peer} as ${name}`, { peer });
  beforeExit(() => client.leave()); // whatever ends the process, the others hear of it at once
  const { talk } = interactive ? await import("./chat_interactive.ts") : await import("./chat_piped.ts");
  const status = await talk(client, name, peer, log);
  log.record("info", "disconnected", `Left the chat at ${peer}`, { peer, reason: "exit" });
  return status;
});

/** The name to join with: from a flag, the environment or a question; else one that is hardly taken. */
async function nameOf(parsed: Parsed<ChatValues>, interactive: boolean): Promise<string> {
  const { values } = parsed;
  const fallback = `guest ${randomInt(1000, 10_000)}`;
  if (interactive && !values.yes) {
    const { askForAddress, askText, canAsk } = await import("./ask.ts");
    await askForAddress(parsed, { question: "Server", minPort: 1 });
    if (canAsk() && values.name === undefined) return checkName(await askText("Your name", fallback, checkName));
  }
  return checkName(values.name ?? fallback);
}

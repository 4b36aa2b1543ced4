/**
 * The man page, in the macros of man(7).
 *
 * @module
 */
import { VERSION } from "../version.ts";
import { type CommandLines, commonFacts, type FlagFacts, flagFacts } from "./flag_facts.ts";
import { sentence, statuses } from "./words.ts";

/** A text as roff: nothing in it is a request or an escape. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("±", "\\[+-]").replaceAll(/^[.']/gm, "\\&$&");
}

const bold = (text: string) => `\\fB${roff(text)}\\fR`;
const italic = (text: string) => `\\fI${roff(text)}\\fR`;

function flagEntry({ short, long, value, choices, fallback, repeatable, meaning, details }: FlagFacts): string {
  const names = [...(short === undefined ? [] : [short]), long].map(bold).join(", ");
  const text = [
    sentence(meaning),
    ...(choices.length === 0 ? [] : [`One of ${choices.join(", ")}.`]),
    ...(repeatable && !meaning.includes("repeatable") ? ["Repeatable."] : []),
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
    ...(details === undefined ? [] : [details]),
  ];
  return `.TP\n${names}${value === undefined ? "" : ` ${italic(value)}`}\n${text.map(roff).join("\n")}`;
}

function commandSection(name: string, { summary, operands, flags, notes }: CommandLines[string]): string {
  const usage = [bold(`echopipe ${name}`), "[options]", ...(operands === undefined ? [] : [italic(operands)])].join(
    " ",
  );
  return [
    `.SH ECHOPIPE ${name.toUpperCase()}`,
    usage,
    ".PP",
    roff(summary),
    ...flags.map(flagFacts).map(flagEntry),
    ...(notes === undefined ? [] : [".PP", ".nf", roff(notes.trim()), ".fi"]),
  ].join("\n");
}

/** The man page of `echopipe`. */
export function manPage(lines: CommandLines): string {
  const commands = Object.entries(lines);
  return `.TH ECHOPIPE 1 "" "echopipe ${VERSION}"
.SH NAME
echopipe \\- byte\\-exact stream pipelines for sockets: an echo server, its client, and a chat
.SH SYNOPSIS
.B echopipe
.I COMMAND
[options]
.SH DESCRIPTION
An echo server returns what it receives, byte for byte.
This one has access by name and password, a chat, and measures and verifies other echo servers, too.
.SH COMMANDS
${commands.map(([name, { title }]) => `.TP\n${bold(name)}\n${roff(sentence(title))}`).join("\n")}
.SH OPTIONS OF ALL COMMANDS
${
    commonFacts.map(({ short, long, meaning }) =>
      `.TP\n${[...(short === undefined ? [] : [short]), long].map(bold).join(", ")}\n${roff(sentence(meaning))}`
    ).join("\n")
  }
${commands.map(([name, line]) => commandSection(name, line)).join("\n")}
.SH ENVIRONMENT
Each flag is also read from the environment, as ${bold("ECHOPIPE_")} and its name in capitals:
${bold("ECHOPIPE_LOG_FILE")} for ${bold("--log-file")}.
A flag wins over the environment, the environment over a question, a question over the default.
A switch takes 1 or 0; the values of a repeatable flag are separated by commas.
.SH EXIT STATUS
${statuses.map(([status, meaning]) => `.TP\n${bold(status)}\n${roff(sentence(meaning))}`).join("\n")}
.SH FILES
${
    [
      ["logs/server.log, logs/client.log", "service messages"],
      ["users.json", "users of a server, with hashes of their passwords"],
      ["sessions.json", "sessions of the client, by server"],
    ].map(([file, meaning]) => `.TP\n${italic(file)}\n${roff(sentence(meaning))}`).join("\n")
  }
`;
}

/**
 * The command line of `chat:server`.
 *
 * @module
 */
import { clusterFlags, type ClusterValues } from "./cluster_flags.ts";
import type { CommandLine } from "./command_line.ts";
import { addressFlags, logFlags, type LogValues, yesFlag } from "./common_flags.ts";
import { type Flag, integerFrom } from "./flags.ts";

/** The flags, as values. */
export interface ChatServerValues extends LogValues, ClusterValues {
  host: string;
  port: number;
  strictPort?: boolean;
  members: number;
  history: number;
  tcpPort?: number;
  yes?: boolean;
}

/** The flags of the chat server. */
const flags: readonly Flag[] = [
  ...addressFlags("127.0.0.1", 9091, 0, "listen on"),
  { flags: "--strict-port", meaning: "a port in use is an error, instead of moving on to the next free one" },
  { flags: "--members <N>", meaning: "the most members", fallback: 256, parse: integerFrom(1, 10_000) },
  {
    flags: "--history <N>",
    meaning: "number of last texts that are told to those who join; 0: none",
    details: "With --cluster all servers keep the last 100 together.",
    fallback: 20,
    parse: integerFrom(0, 100),
  },
  {
    flags: "--tcp-port <PORT>",
    meaning: "let people with nc or the echo client join the same room over TCP; 0: any free port",
    parse: integerFrom(0, 65535),
  },
  ...clusterFlags,
  ...logFlags("logs/chat_server.log"),
  yesFlag,
];

/** The command line of the chat server. */
export const chatServerLine: CommandLine = {
  task: "chat:server",
  title: "a chat server over UDP",
  summary: "A chat server over UDP.",
  flags,
};

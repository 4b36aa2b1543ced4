/**
 * The command lines of the demos, which have no flags.
 *
 * @module
 */
import type { CommandLine } from "./command_line.ts";

/** The command line of `demo`. */
export const demoLine: CommandLine = {
  task: "demo",
  title: "shows the server and the client at work",
  summary: "Shows the server and the client at work.",
  flags: [],
};

/** The command line of `demo:cluster`, which is a task only. */
export const demoClusterLine: CommandLine = {
  task: "demo:cluster",
  title: "shows three servers that are one",
  summary: "Shows three servers that are one, over NATS.",
  flags: [],
};

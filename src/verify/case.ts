/**
 * Cases: one expectation of an echo server each.
 *
 * @module
 */
import type { Tester } from "./tester.ts";

/** The sections, in the order in which they run. */
export const sections = ["reach", "bytes", "boundaries", "ending", "backpressure", "peers", "udp"] as const;

/** The name of a section. */
export type Section = typeof sections[number];

/**
 * A judgement. `not-strict`: not as it should be, but harmless to most clients; a failure under `--strict`. `none`: not
 * looked at.
 */
export type Verdict = "ok" | "failed" | "not-strict" | "none";

/** The finding of a case. */
export interface Finding {
  /** Judgement of the bytes that came back. */
  readonly bytes: Verdict;
  /** Judgement of the connection's end. */
  readonly ending: Verdict;
  /** The observation, in a sentence without a period. */
  readonly actual: string;
  /** The case could not be tried; `actual` says why. */
  readonly skipped?: boolean;
}

/** A case. */
export interface Case {
  /** Section and name, as `bytes/3`: never renamed. */
  readonly id: string;
  readonly section: Section;
  /** The action, in a few words. */
  readonly title: string;
  /** The paragraph that it rests on. */
  readonly requirement: string;
  readonly expected: string;
  /** Tries it. Failures of the connection are findings. */
  run(tester: Tester): Promise<Finding>;
}

/** A case that was run. */
export interface CaseResult {
  readonly case: Case;
  readonly result: "passed" | "failed" | "skipped";
  readonly bytes: Verdict;
  readonly ending: Verdict;
  readonly actual: string;
  /** Its duration in milliseconds. */
  readonly ms: number;
}

/** A case without its section. */
export type CaseBody = Omit<Case, "id" | "section">;

/** Makes the cases of a section, by name. */
export function inSection(section: Section): (name: string | number, body: CaseBody) => Case {
  return (name, body) => ({ id: `${section}/${name}`, section, ...body });
}

/** The finding of a case that could not be tried. */
export function skipped(reason: string): Finding {
  return { bytes: "none", ending: "none", actual: reason, skipped: true };
}

/** The paragraphs that many cases rest on. */
export const rules = {
  echo: "RFC 862, TCP Based Echo Service: once a connection is established any data received is sent back",
  halfClose: "RFC 9293, 3.6: a side that has closed continues to receive until the other closes, too",
  reset: "RFC 9293, 3.5.3: a reset ends one connection, and no other",
  window: "RFC 9293, 3.8.6: the receiver's window limits the sender; nothing is lost meanwhile",
  boundaries: "RFC 9293, 3.9.1: data is delivered when it has come, without waiting for a buffer to fill",
  peers: "RFC 9293, 3.4: a connection is its pair of sockets, and its data belongs to no other",
  udp: "RFC 862, UDP Based Echo Service: the data of a datagram is sent back in an answering datagram",
} as const;

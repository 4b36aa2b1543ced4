/**
 * Findings of exchanges: what came back, and how the connection ended.
 *
 * @module
 */
import type { Finding, Verdict } from "./case.ts";
import { EchoCheck } from "./echo_check.ts";
import type { Pattern } from "./pattern.ts";
import type { Peer, PeerState } from "./peer.ts";

/** Time in which more bytes than were sent would come, once all have come and this side has ended, in milliseconds. */
const EXCESS_MS = 250;

/** From the best to the worst. */
const order: readonly Verdict[] = ["none", "ok", "not-strict", "failed"];

/** Ends, as verdicts. `open`: not looked at. */
const endings: Readonly<Record<PeerState, Verdict>> = {
  open: "none",
  closed: "none",
  fin: "ok",
  unclean: "not-strict",
  reset: "failed",
  silent: "failed",
};

/** The state of a connection in words, for behind what came back. */
export function endOf({ state, patience }: Peer): string {
  switch (state) {
    case "open":
    case "closed":
      return "";
    case "fin":
      return ", then the end (FIN)";
    case "reset":
      return ", then a reset";
    case "unclean":
      return ", then the end of TCP without that of TLS";
    case "silent":
      return `, then nothing for ${patience.ms / 1000} s`;
  }
}

/** The finding of an echo; the connection's end is judged, too, where it is expected to have ended. */
export function judge(check: EchoCheck, peer: Peer, withEnding = false): Finding {
  const bytes = check.complete ? "ok" : "failed";
  const ending = withEnding && check.difference === undefined ? endings[peer.state] : "none";
  return { bytes, ending, actual: `${check}${withEnding || !check.complete ? endOf(peer) : ""}` };
}

/** Sends pieces while it receives their echo; the connection stays open. */
export async function echo(peer: Peer, sent: Pattern, pieces: Iterable<Uint8Array>): Promise<EchoCheck> {
  const check = new EchoCheck(sent);
  await Promise.all([peer.send(pieces), peer.receive(check)]);
  return check;
}

/** Sends pieces, and the end behind them, while it receives all until the server ends, too. */
export async function echoToEnd(peer: Peer, sent: Pattern, pieces: Iterable<Uint8Array>): Promise<EchoCheck> {
  const check = new EchoCheck(sent);
  await Promise.all([peer.send(pieces).then(() => peer.end()), peer.receiveEnd(check)]);
  return check;
}

/**
 * The finding of an echo whose connection is still open: ends this side, to see whether more comes than was sent. How the
 * connection ends is not judged.
 */
export async function judgeWithExcess(check: EchoCheck, peer: Peer): Promise<Finding> {
  if (check.complete && peer.state === "open") {
    const timer = setTimeout(() => peer.close(), EXCESS_MS);
    await Promise.all([peer.end(), peer.receiveEnd(check)]);
    clearTimeout(timer);
  }
  return judge(check, peer);
}

/** The findings of several runs of one case, as one: the worst verdicts, and what was found first of them. */
export function worst(findings: readonly Finding[], what = "runs"): Finding {
  const worstOf = (verdicts: Verdict[]) =>
    verdicts.reduce((a, b) => order.indexOf(b) > order.indexOf(a) ? b : a, "none");
  const bytes = worstOf(findings.map((finding) => finding.bytes));
  const ending = worstOf(findings.map((finding) => finding.ending));
  const wrong = findings.filter((one) => [one.bytes, one.ending].some((verdict) => order.indexOf(verdict) > 1));
  if (findings.length === 1) return findings[0];
  const actual = wrong.length === 0
    ? `${findings.length} of ${findings.length} ${what}: ${findings[0].actual}`
    : `wrong in ${wrong.length} of ${findings.length} ${what}; the first: ${wrong[0].actual}`;
  return { bytes, ending, actual };
}

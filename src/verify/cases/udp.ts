/**
 * Section `udp`: datagrams.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { EchopipeError, messageOf } from "../../errors.ts";
import { formatAddress } from "../../runtime/socket.ts";
import type { Datagram } from "../../transport/datagram.ts";
import { type Case, type CaseBody, type Finding, inSection, rules, skipped, type Verdict } from "../case.ts";
import type { DatagramPeer } from "../datagram_peer.ts";
import { worst } from "../finding.ts";
import type { Tester } from "../tester.ts";

const udp = inSection("udp");

/** The most that a datagram holds over IPv4: 65,535 less the headers of IP and UDP. */
const MAX_DATAGRAM = 65_507;
const sizes = [
  0,
  1,
  2,
  3,
  63,
  64,
  65,
  511,
  512,
  513,
  1023,
  1024,
  1025,
  1472,
  1473,
  4096,
  8192,
  8193,
  16_384,
  32_768,
  65_506,
];
sizes.push(MAX_DATAGRAM);

/** Ports of services that answer whatever comes: an answer to them may go on for ever (CVE-2024-2169). */
const LOOP_PORTS = [7, 13, 17, 19, 37];

/** Judges one answer. `missing`: the verdict where none came. */
function judgeAnswer(sent: Uint8Array, answer: Datagram | undefined, peer: DatagramPeer, missing: Verdict): Finding {
  const finding = (bytes: Verdict, actual: string): Finding => ({ bytes, ending: "none", actual });
  if (answer === undefined) {
    const why = peer.failure === undefined ? "no answer" : messageOf(peer.failure);
    return finding(missing, `${why} to a datagram of ${sent.length} bytes`);
  }
  const { address, port } = answer.peer;
  if (address !== peer.server.address || port !== peer.server.port) {
    return finding("failed", `the answer came from ${formatAddress(answer.peer)}`);
  }
  if (answer.bytes.length !== sent.length) {
    return finding("failed", `${answer.bytes.length} bytes came back for ${sent.length}`);
  }
  if (Buffer.compare(answer.bytes, sent) !== 0) return finding("failed", "other bytes came back");
  return finding("ok", `all ${sent.length} bytes came back`);
}

/** Asks with each payload, one after the other. */
async function askAll(tester: Tester, payloads: readonly Uint8Array[], missing: Verdict = "failed"): Promise<Finding> {
  await using peer = await tester.datagrams();
  const findings: Finding[] = [];
  for (const payload of payloads) findings.push(judgeAnswer(payload, await peer.ask(payload), peer, missing));
  return worst(findings, "datagrams");
}

function comesBack(title: string, make: (tester: Tester) => readonly Uint8Array[], missing?: Verdict): CaseBody {
  return {
    title,
    requirement: rules.udp,
    expected: "the same bytes come back, from the address they were sent to",
    run: (tester) => askAll(tester, make(tester), missing),
  };
}

/** Datagrams that came back for those that were sent: which, in which order. */
async function burst(
  tester: Tester,
  name: string,
  count: number,
  window: number,
): Promise<{ came: number[]; other: number }> {
  await using peer = await tester.datagrams();
  const sent = Array.from({ length: count }, (_, i) => Buffer.from(tester.random(`${name} ${i}`, 100)));
  const came: number[] = [];
  let other = 0;
  const take = async (ms: number) => {
    const answer = await peer.receive(ms);
    if (answer === undefined) return false;
    const which = sent.findIndex((bytes) => bytes.equals(answer.bytes));
    if (which < 0) other++;
    else came.push(which);
    return true;
  };
  for (let first = 0; first < count && !tester.stopped; first += window) {
    for (const bytes of sent.slice(first, first + window)) await peer.send(bytes);
    while (new Set(came).size < Math.min(first + window, count) && await take(peer.limitMs));
  }
  while (await take(200)); // doubles come late
  return { came, other };
}

/** The cases. */
export function udpCases(): Case[] {
  const values = Uint8Array.from({ length: 256 }, (_, value) => value);
  return [
    ...sizes.map((size) => {
      const random = (tester: Tester) => [tester.random(`udp/${size}`, size)];
      // An empty one may be dropped, and one of several packets may not pass the network.
      return udp(
        size,
        comesBack(`a datagram of ${size} bytes`, random, size === 0 || size > 1472 ? "not-strict" : "failed"),
      );
    }),
    udp("every-value", comesBack("every value of a byte", () => [values, values.toReversed()])),
    udp("first", comesBack("every value alone", () => Array.from(values, (value) => Uint8Array.of(value)))),
    udp("doubles", {
      title: "100 datagrams, 10 at a time",
      requirement: `${rules.udp}: one for each`,
      expected: "each comes back once",
      async run(tester) {
        const { came, other } = await burst(tester, "doubles", 100, 10);
        const different = new Set(came).size;
        const doubled = came.length - different;
        const actual =
          `${different} of 100 came back, ${doubled} of them twice or more, and ${other} that were not sent`;
        return {
          bytes: doubled + other > 0 || different < 50 ? "failed" : different < 100 ? "not-strict" : "ok",
          ending: "none",
          actual,
        };
      },
    }),
    udp("order", {
      title: "100 datagrams, 10 at a time",
      requirement: "RFC 768 promises no order; a server that answers each as it comes keeps it",
      expected: "they come back in the order in which they were sent",
      async run(tester) {
        const { came } = await burst(tester, "order", 100, 10);
        const late = came.filter((which, i) => i > 0 && which < came[i - 1]).length;
        const bytes = came.length === 0 ? "failed" : late > 0 ? "not-strict" : "ok";
        return { bytes, ending: "none", actual: `${late} of ${came.length} came back after one that was sent later` };
      },
    }),
    udp("peers", {
      title: "20 clients at once, each with its own datagrams",
      requirement: rules.udp,
      expected: "each gets back its own",
      async run(tester) {
        const asking = Array.from(
          { length: 20 },
          (_, i) => askAll(tester, Array.from({ length: 5 }, (_, n) => tester.random(`udp/peers ${i} ${n}`, 200))),
        );
        return worst(await Promise.all(asking), "clients");
      },
    }),
    udp("loop", {
      title: "a datagram from the port of another service that answers everything",
      requirement: "CVE-2024-2169: two such services that answer each other never stop",
      expected: "no answer",
      run: loopSafety,
    }),
  ];
}

async function loopSafety(tester: Tester): Promise<Finding> {
  let tried = 0;
  for (const port of LOOP_PORTS) {
    try {
      await using peer = await tester.datagrams(port);
      tried++;
      const answer = await peer.ask(tester.random("udp/loop", 10));
      if (answer !== undefined) return { bytes: "not-strict", ending: "none", actual: `it answers to port ${port}` };
    } catch (error) {
      if (!(error instanceof EchopipeError) || !/^(permission|address-in-use)$/.test(error.code)) throw error;
    }
  }
  if (tried === 0) return skipped(`none of the ports ${LOOP_PORTS.join(", ")} could be used here, most need root`);
  return { bytes: "ok", ending: "none", actual: `no answer to ${tried} of the ports ${LOOP_PORTS.join(", ")}` };
}

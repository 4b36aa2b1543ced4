/**
 * The list of all cases, and what is chosen of it.
 *
 * @module
 */
import { type Case, type Section, sections } from "./case.ts";
import { backpressureCases } from "./cases/backpressure.ts";
import { boundariesCases } from "./cases/boundaries.ts";
import { bytesCases } from "./cases/bytes.ts";
import { endingCases } from "./cases/ending.ts";
import { peersCases } from "./cases/peers.ts";
import { reachCases } from "./cases/reach.ts";
import { udpCases } from "./cases/udp.ts";
import type { WireName } from "./wire.ts";

const makers: Readonly<Record<Section, (framing: WireName) => Case[]>> = {
  reach: reachCases,
  bytes: bytesCases,
  boundaries: boundariesCases,
  ending: endingCases,
  backpressure: backpressureCases,
  peers: peersCases,
  udp: udpCases,
};

/** All cases for a framing, those of UDP too, in the order in which they run. */
export function casesOf(framing: WireName): Case[] {
  return sections.flatMap((section) => makers[section](framing));
}

/**
 * The cases that the ids name: each is the id of a case, or a section. Without ids, all cases over TCP, and with `udp`
 * those over UDP.
 *
 * @returns the chosen cases, and the ids that name none
 */
export function selectCases(
  cases: readonly Case[],
  ids: readonly string[],
  udp: boolean,
): { chosen: Case[]; unknown: string[] } {
  if (ids.length === 0) return { chosen: cases.filter(({ section }) => udp || section !== "udp"), unknown: [] };
  const names = ({ id, section }: Case) => [id, section as string];
  return {
    chosen: cases.filter((one) => names(one).some((name) => ids.includes(name))),
    unknown: ids.filter((id) => !cases.some((one) => names(one).includes(id))),
  };
}

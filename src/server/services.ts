/**
 * The services that have a name.
 *
 * @module
 */
import type { Chunk } from "../framing/chunk.ts";
import { chargen } from "../handlers/chargen.ts";
import { daytime } from "../handlers/daytime.ts";
import { discard } from "../handlers/discard.ts";
import { echo } from "../handlers/echo.ts";
import type { SpeakOptions } from "../handlers/speak.ts";
import type { Stage } from "../stage/stage.ts";

/** A client as its service sees it. */
export interface ServedClient {
  /** `ADDRESS:PORT` of the client. */
  readonly peer: string;
  /** The name of the client, once admitted; undefined where the server asks nobody. */
  readonly name: Promise<string | undefined> | undefined;
  /** True where texts that are sent to it need line ends, as far as its framing is known by now. */
  readonly lines: () => boolean;
  /**
   * Time to wait for the client to speak first, in milliseconds, before a service that speaks without being asked does:
   * 500 with the framing `auto`, else 0.
   */
  readonly waitMs: number;
}

/** A service: makes the handler of each client. */
export type Service = (client: ServedClient) => Stage<Chunk, Chunk>;

/** The services by name: echo (RFC 862), discard (863), chargen (864) and daytime (867). */
export type ServiceName = "echo" | "discard" | "chargen" | "daytime";

const speakTo = ({ name, lines, waitMs }: ServedClient): SpeakOptions => ({ after: name, lines, waitMs });

/** The services that have a name: those that another thread can be told to run. */
export const services: Readonly<Record<ServiceName, Service>> = {
  echo: () => echo(),
  discard: () => discard(),
  chargen: (client) => chargen(speakTo(client)),
  daytime: (client) => daytime(speakTo(client)),
};

/** The rows of the torture, in the order of the table. */
import type { Row } from "./row.ts";
import { descriptors } from "./rows/descriptors.ts";
import { garbageRow } from "./rows/garbage.ts";
import { halfClose } from "./rows/half_close.ts";
import { datagrams } from "./rows/datagrams.ts";
import { liarsRow } from "./rows/liars.ts";
import { limits } from "./rows/limits.ts";
import { log } from "./rows/log.ts";
import { logins } from "./rows/logins.ts";
import { network } from "./rows/network.ts";
import { signals } from "./rows/signals.ts";
import { slowPeers } from "./rows/slow.ts";
import { soak } from "./rows/soak.ts";
import { stalled } from "./rows/stalled.ts";
import { everyState } from "./rows/states.ts";

/** All rows. */
export const rows: readonly Row[] = [
  halfClose,
  everyState,
  descriptors,
  slowPeers,
  stalled,
  limits,
  garbageRow,
  signals,
  log,
  liarsRow,
  logins,
  datagrams,
  network,
  soak,
];

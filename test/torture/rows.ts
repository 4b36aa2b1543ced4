/** The rows of the torture, in the order of the table. */
import type { Row } from "./row.ts";
import { descriptors } from "./rows/descriptors.ts";
import { garbageRow } from "./rows/garbage.ts";
import { halfClose } from "./rows/half_close.ts";
import { limits } from "./rows/limits.ts";
import { slowPeers } from "./rows/slow.ts";
import { everyState } from "./rows/states.ts";

/** All rows. */
export const rows: readonly Row[] = [
  halfClose,
  everyState,
  descriptors,
  slowPeers,
  limits,
  garbageRow,
];

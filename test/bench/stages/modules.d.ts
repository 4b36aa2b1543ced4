declare module "length-prefixed-stream" {
  import type { Transform } from "node:stream";
  const lengthPrefixedStream: { decode(options?: { allowEmpty?: boolean }): Transform; encode(): Transform };
  export default lengthPrefixedStream;
}
declare module "split2" {
  import type { Transform } from "node:stream";
  export default function split2<T>(mapper?: (line: string) => T): Transform;
}
declare module "ndjson" {
  import type { Transform } from "node:stream";
  const ndjson: { parse(): Transform; stringify(): Transform };
  export default ndjson;
}

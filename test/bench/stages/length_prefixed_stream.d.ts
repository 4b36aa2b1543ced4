import type { Transform } from "node:stream";

declare const lengthPrefixedStream: { decode(options?: { allowEmpty?: boolean }): Transform; encode(): Transform };
export default lengthPrefixedStream;

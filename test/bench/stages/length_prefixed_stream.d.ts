import type { Transform } from "node:stream";

declare const lengthPrefixedStream: { decode(): Transform; encode(): Transform };
export default lengthPrefixedStream;

/** Headers of the PROXY protocol, version 2. */

export const V2_SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

/** A header of version 2: `first` is version and command, `second` family and protocol. */
export function v2Header(first: number, second: number, payload: Uint8Array): Buffer {
  const fixed = Buffer.alloc(4);
  fixed.writeUInt8(first);
  fixed.writeUInt8(second, 1);
  fixed.writeUInt16BE(payload.length, 2);
  return Buffer.concat([V2_SIGNATURE, fixed, payload]);
}

/** One of TCP over IPv4: from 192.0.2.7:4711, with the TLVs that are given. */
export function v2Tcp4(tlvs: Uint8Array = Buffer.alloc(0)): Buffer {
  return v2Header(0x21, 0x11, Buffer.concat([Uint8Array.of(192, 0, 2, 7, 192, 0, 2, 1, 18, 103, 35, 130), tlvs]));
}

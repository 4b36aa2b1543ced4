import { messageBytes } from "../../support/sockets.ts";
import { honestPeers, openMany } from "../peers.ts";
import { Findings, type Row, share } from "../row.ts";

/** Where clients stop: in a header, in a payload, in a line. */
const beginnings = [
  messageBytes("hello").subarray(0, 2),
  messageBytes("hello").subarray(0, 6),
  Buffer.from("a line without an end"),
];

/** Messages that were begun and do not go on. */
export const stalled: Row = {
  id: "stalled",
  title:
    "1,000 clients begin a header, a message or a line and stop, `--header-timeout 2`: all are ended, 50 honest peers not",
  deadline: 90,
  async run(target, size) {
    const findings = new Findings();
    await using server = await target.start({ flags: ["--framing", "auto", "--header-timeout", "2"] });
    const before = server.descriptors;
    const sockets = await openMany(server.port, share(1000, size));
    let ended = 0;
    const began = performance.now();
    let last = began;
    for (const [i, socket] of sockets.entries()) {
      socket?.resume().write(beginnings[i % beginnings.length]);
      socket?.once("close", () => {
        ended++;
        last = performance.now();
      });
      socket?.once("end", () => socket.destroy());
    }
    const honest = await honestPeers(server.port, 50, 5);
    const left = await server.descriptorsLeft(before, 15);
    for (const socket of sockets) socket?.destroy();
    findings.add("ended", ended);
    findings.add("the last after", (last - began) / 1000, { unit: "s" });
    findings.add("p99 beside", honest.p99, { unit: "ms" });
    findings.expect(ended === sockets.length, `${sockets.length - ended} of ${sockets.length} were not ended`);
    findings.expect(honest.lost === 0, `${honest.lost} of 50 honest peers were ended, too`);
    findings.expect(left <= 0, `${left} descriptors stayed open`);
    return findings;
  },
};

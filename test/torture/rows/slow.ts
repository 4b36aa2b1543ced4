import { setTimeout as sleep } from "node:timers/promises";
import { honestPeers, openMany } from "../peers.ts";
import { Findings, type Row, share } from "../row.ts";

const block = new Uint8Array(64 * 1024);

/** Slow writers, and readers that never read. */
export const slowPeers: Row = {
  id: "slow",
  title: "1,000 clients that send a byte a second, 200 that send and never read: what 50 honest peers beside them wait",
  peers: true,
  deadline: 120,
  async run(target, size) {
    const findings = new Findings();
    await using server = await target.start();
    const seconds = size === 1 ? 5 : 0.5;
    const quiet = await honestPeers(server.port, 50, seconds);
    const memory = server.memoryMiB;
    const writers = await openMany(server.port, share(1000, size));
    const deaf = await openMany(server.port, share(200, size));
    for (const socket of deaf) {
      socket?.pause();
      for (let i = 0; socket !== undefined && i < 128; i++) socket.write(block);
    }
    let next = 0;
    const timer = setInterval(() => {
      for (let i = 0; i < writers.length / 100; i++) writers[next++ % writers.length]?.write("x");
    }, 10);
    await sleep(size === 1 ? 2000 : 200); // until the buffers of the system are full
    const beside = await honestPeers(server.port, 50, seconds);
    const used = server.memoryMiB - memory;
    clearInterval(timer);
    for (const socket of [...writers, ...deaf]) socket?.destroy();
    findings.add("connected", [...writers, ...deaf].filter(Boolean).length, { better: "more" });
    findings.add("p99 alone", quiet.p99, { unit: "ms", better: "less", rough: true });
    findings.add("p99 beside", beside.p99, { unit: "ms", better: "less", rough: true });
    findings.add("longest beside", beside.most, { unit: "ms", better: "less", rough: true });
    findings.add("memory for them", used, { unit: "MiB", better: "less", rough: true });
    findings.expect(beside.lost === 0, `${beside.lost} of 50 honest peers got no answer within 10 s`);
    findings.expect(used < 512, `it took ${Math.round(used)} MiB for them`);
    const served = await server.serves();
    findings.expect(served, "it served nobody afterwards");
    return findings;
  },
};

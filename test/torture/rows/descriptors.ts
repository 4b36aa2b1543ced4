import { setTimeout as sleep } from "node:timers/promises";
import { openMany } from "../peers.ts";
import { Findings, type Row } from "../row.ts";

/** Descriptors short. */
export const descriptors: Row = {
  id: "descriptors",
  title: "`ulimit -n 64` and 150 clients: when they have gone, the next is served",
  peers: true,
  deadline: 60,
  async run(target, size) {
    const findings = new Findings();
    await using server = await target.start({ wrapper: ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"] });
    const sockets = await openMany(server.port, 150);
    let answered = 0;
    for (const socket of sockets) socket?.once("data", () => answered++).write("hello\n");
    await sleep(size === 1 ? 3000 : 500);
    findings.add("served meanwhile", answered, { better: "more" });
    for (const socket of sockets) socket?.destroy();
    const served = await server.serves();
    findings.add("serves after", Number(served), { better: "more" });
    findings.expect(served, server.alive ? "it accepts nobody any more" : "its process ended");
    return findings;
  },
};

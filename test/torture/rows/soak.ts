import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../../support/random.ts";
import { echoed, inTurns } from "../peers.ts";
import { open } from "../../support/sockets.ts";
import { Findings, type Row, withinTime } from "../row.ts";

/** A soak: memory and descriptors return to the start. */
export const soak: Row = {
  id: "soak",
  title: "half a minute of half-closes, resets and closes by 20 clients: descriptors return to the start, memory stays",
  deadline: 180,
  async run(target, size) {
    const findings = new Findings();
    await using server = await target.start();
    const random = new SeededRandom(13);
    const bytes = new Uint8Array(64 * 1024).fill(120);
    let [clients, cut] = [0, 0];
    const round = async (seconds: number) => {
      const end = performance.now() + seconds * 1000;
      await inTurns(20, 20, async () => {
        while (performance.now() < end) {
          clients++;
          const part = bytes.subarray(0, random.size(bytes.length));
          const kind = random.int(4);
          const work = async () => {
            if (kind < 2) return void (await echoed(server.port, part) === part.length || cut++);
            const socket = await open(server.port);
            socket.on("error", () => {}).write(part);
            await sleep(random.int(20));
            if (kind === 2) socket.resetAndDestroy();
            else socket.destroy();
          };
          await withinTime(work(), 10_000, "a client").catch(() => cut++);
        }
      });
      await sleep(200);
    };
    await round(size === 1 ? 2 : 0.1);
    const before = server.descriptors;
    const memory: number[] = [];
    for (let i = 0; i < 3; i++) {
      await round(size === 1 ? 10 : 0.2);
      memory.push(server.memoryMiB);
    }
    const left = await server.descriptorsLeft(before);
    findings.add("clients", clients);
    findings.add("not whole", cut, { better: "less" });
    findings.add("descriptors left open", left, { better: "less" });
    findings.add("memory after a third", memory[0], { unit: "MiB", better: "less", rough: true });
    findings.add("memory at the end", memory[2], { unit: "MiB", better: "less", rough: true });
    findings.expect(cut === 0, `${cut} echoes were not whole`);
    findings.expect(left <= 0, `${left} descriptors stayed open`);
    findings.expect(memory[2] < memory[0] * 1.3 + 32, `memory went from ${memory[0]} to ${memory[2]} MiB`);
    findings.expect(await server.serves(), "it serves nobody any more");
    return findings;
  },
};

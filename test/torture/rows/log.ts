import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exchange } from "../../support/sockets.ts";
import { inTurns } from "../peers.ts";
import { Findings, type Row, share, withinTime } from "../row.ts";

/** A small disk in `folder`, or a device that is always full; the path of a log there, and what it is. */
function fullDisk(folder: string): { path: string; kind: string; disk?: string } {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const made = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status === 0;
  if (made) return { path: join(disk, "server.log"), kind: "a disk of 64 KiB", disk };
  symlinkSync("/dev/full", join(folder, "full.log"));
  return { path: join(folder, "full.log"), kind: "`/dev/full`" };
}

/** The log's disk full, the log removed, a pipe that nobody reads. */
export const log: Row = {
  id: "log",
  title:
    "the log's disk is full, the log is removed, the log is a pipe nobody reads: 2,000 clients are served, the end is in time",
  deadline: 120,
  async run(target, size) {
    const findings = new Findings();
    const folder = await mkdtemp(join(tmpdir(), "echopipe-torture-"));
    const disk = fullDisk(folder);
    try {
      const fifo = join(folder, "fifo");
      spawnSync("mkfifo", [fifo]);
      const cases: [name: string, path: string, after?: () => void][] = [
        [disk.kind, disk.path],
        ["removed", join(folder, "gone.log"), () => unlinkSync(join(folder, "gone.log"))],
        ["a pipe", fifo],
      ];
      for (const [name, path, after] of cases) {
        await using server = await target.start({ flags: ["--framing", "raw", "--log-file", path] });
        after?.();
        const count = share(2000, size);
        let served = 0;
        await inTurns(count, 20, async () => {
          const back = await withinTime(exchange(server.port, "hello\n"), 10_000, "an echo").catch(() => "");
          if (String(back) === "hello\n") served++;
        });
        findings.add(`served, ${name}`, served);
        findings.expect(served === count, `${name}: ${count - served} of ${count} were not served`);
        const began = performance.now();
        server.kill("SIGTERM");
        const status = await withinTime(server.ended, 10_000, "the end").catch(() => "no end");
        findings.expect(performance.now() - began < 5500, `${name}: it took more than 5 s to end`);
        findings.expect(typeof status === "number" && status <= 1, `${name}: it ended with ${status}`);
      }
    } finally {
      if (disk.disk !== undefined) spawnSync("umount", ["-l", disk.disk]);
      await rm(folder, { recursive: true, force: true });
    }
    return findings;
  },
};

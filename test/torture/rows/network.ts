import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Findings, NotHere, type Row, share, withinTime } from "../row.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const SERVER = "10.213.13.1";

/** Runs `ip` or `tc`; what it said where it failed. */
function run(...words: string[]): string | undefined {
  const { status, stderr } = spawnSync(words[0], words.slice(1), { encoding: "utf8" });
  return status === 0 ? undefined : String(stderr ?? "").trim() || `no ${words[0]}`;
}

/** Two network namespaces with a link between them. */
class Link {
  readonly names = ["a", "b"].map((end) => `echopipe-${process.pid}-${end}`);

  constructor() {
    const [a, b] = this.names;
    // Interfaces have names of at most 15 characters.
    const commands = [
      `ip netns add ${a}`,
      `ip netns add ${b}`,
      `ip -n ${a} link add va type veth peer name vb netns ${b}`,
      `ip -n ${a} addr add ${SERVER}/24 dev va`,
      `ip -n ${b} addr add 10.213.13.2/24 dev vb`,
      `ip -n ${a} link set va up`,
      `ip -n ${b} link set vb up`,
    ];
    for (const command of commands) {
      const failure = run(...command.split(" "));
      if (failure === undefined) continue;
      this.remove();
      throw new NotHere(`no network namespaces: \`${command.replaceAll(/echopipe-\d+-/g, "")}\`: ${failure}`);
    }
  }

  /** Makes both directions behave so; what failed, if anything. */
  shape(discipline: string): string | undefined {
    return this.names.map((name, i) => {
      const dev = ["va", "vb"][i];
      return run("tc", "-n", name, "qdisc", "replace", "dev", dev, "root", ...discipline.split(" "));
    }).find((failure) => failure !== undefined);
  }

  set(state: "up" | "down"): void {
    run("ip", "-n", this.names[1], "link", "set", "vb", state);
  }

  remove(): void {
    for (const name of this.names) run("ip", "netns", "del", name);
  }
}

/** Networks that lose, delay and reorder, and a link that is down for 10 s. */
export const network: Row = {
  id: "network",
  title:
    "a file through the client across two network namespaces: narrow links that drop, delay and loss and reordering, 10 s without a link: all of it comes back",
  deadline: 180,
  async run(target, size) {
    const findings = new Findings();
    const link = new Link();
    const folder = await mkdtemp(join(tmpdir(), "echopipe-torture-"));
    const notes: string[] = [];
    try {
      const [a, b] = link.names;
      const flags = ["--host", SERVER, "--framing", "message"];
      await using server = await target.start({ flags, wrapper: ["ip", "netns", "exec", a] });
      const input = join(folder, "input");
      writeFileSync(input, randomBytes(share(16 << 20, size)));
      const transfer = async (name: string) => {
        const output = join(folder, name);
        const words = ["--yes", "--no-progress", "--quiet", "--log-to", "none", "--no-session"];
        const to = ["--host", SERVER, "--port", String(server.port), "--output", output];
        const command = ["netns", "exec", b, ...target.command("client"), input, ...words, ...to];
        const began = performance.now();
        const child = spawn("ip", command, { cwd: root, stdio: "ignore" });
        const status = await withinTime(
          new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1))),
          60_000,
          `the transfer "${name}"`,
        ).catch(() => process.kill(child.pid!, "SIGKILL"));
        findings.add(name, (performance.now() - began) / 1000, { unit: "s" });
        const equal = status === 0 && readFileSync(output).equals(readFileSync(input));
        findings.expect(equal, `${name}: the client ended with ${status}; expected 0 and the same bytes`);
      };
      const narrow = link.shape("tbf rate 60mbit burst 16kb limit 48kb");
      if (narrow === undefined) await transfer("links that drop");
      else notes.push(`no narrow links here: ${narrow}`);
      const lossy = link.shape("netem delay 20ms 5ms loss 1% reorder 5%");
      if (lossy === undefined) await transfer("delay, loss, reordering");
      else notes.push(`no delay, loss and reordering here: ${lossy}`);
      if (size === 1) {
        link.shape("tbf rate 60mbit burst 16kb limit 48kb");
        const over = transfer("10 s without a link");
        await sleep(2000);
        link.set("down");
        await sleep(10_000);
        link.set("up");
        await over;
      }
      if (notes.length > 0) findings.note = notes.join("; ");
      return findings;
    } finally {
      link.remove();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

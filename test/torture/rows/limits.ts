import net from "node:net";
import { Findings, type Row, withinTime } from "../row.ts";

/** Connects from an address of loopback; true if the echo came, the socket stays open. */
async function visit(port: number, from: string, opened: net.Socket[]): Promise<boolean> {
  const socket = net.connect({ port, host: "127.0.0.1", localAddress: from });
  opened.push(socket);
  const answered = new Promise<boolean>((resolve) => {
    socket.on("error", () => resolve(false)).on("close", () => resolve(false)).once("data", () => resolve(true));
    socket.write("hello\n");
  });
  return await withinTime(answered, 10_000, "an answer or an end").catch(() => false);
}

/** Limits reached and passed, in all and for one address. */
export const limits: Row = {
  id: "limits",
  title: "40 connections in all and 20 for an address, from three addresses 30 each: so many are served, then others",
  deadline: 60,
  async run(target) {
    const findings = new Findings();
    const flags = ["--framing", "raw", "--max-connections", "40", "--max-connections-per-address", "20"];
    await using server = await target.start({ flags });
    const before = server.descriptors;
    const opened: net.Socket[] = [];
    const from = async (address: string) => {
      const visits = Array.from({ length: 30 }, () => visit(server.port, address, opened));
      return (await Promise.all(visits)).filter(Boolean).length;
    };
    for (const round of ["at first", "again"]) {
      const served = [await from("127.0.0.1"), await from("127.0.0.2"), await from("127.0.0.3")];
      findings.expect(String(served) === "20,20,0", `${round}: ${served} were served; expected 20,20,0`);
      findings.add(`served ${round}`, served[0] + served[1] + served[2]);
      for (const socket of opened.splice(0)) socket.destroy();
      findings.expect(await server.descriptorsLeft(before) === 0, `${round}: descriptors stayed open`);
    }
    return findings;
  },
};

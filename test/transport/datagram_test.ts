/** Datagrams: signals, options and multicast, on the loopback interface. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Datagram, type DatagramPort, openDatagrams } from "echopipe";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (datagram: Datagram | undefined) => new TextDecoder().decode(datagram?.bytes);

test("a signal closes the port, and its readable ends", async () => {
  const stop = new AbortController();
  const port = await openDatagrams({ signal: stop.signal });
  const reader = port.readable.getReader();
  const reading = reader.read();
  stop.abort();
  assert.equal((await reading).done, true);
  await port.close();
  const reason = new Error("too late");
  await assert.rejects(openDatagrams({ signal: AbortSignal.abort(reason) }), reason);
});

test("options that are unknown or out of their range are refused", async () => {
  for (const options of [{ hots: "x" }, { port: 70_000 }, { multicastTtl: 256 }]) {
    await assert.rejects(openDatagrams(options as object), { code: "invalid-argument" });
  }
});

test("multicast: members of a group receive, until they leave it", { timeout: 20_000 }, async (t) => {
  const group = "239.255.77.1";
  await using member = await openDatagrams({ host: "0.0.0.0" });
  await using sender = await openDatagrams({ host: "127.0.0.1" });
  for (const wrong of ["127.0.0.1", "ff02::1", "group"]) {
    assert.throws(() => member.join(wrong), {
      code: "invalid-argument",
      message: /expected an IPv4 multicast address$/,
    });
  }
  try {
    member.join(group, "127.0.0.1");
  } catch (error) {
    return t.skip(`this system has no multicast: ${(error as Error).message}`);
  }
  const reader = member.readable.getReader();
  const writer = sender.writable.getWriter();
  const { port } = member.address;
  const send = (text: string, address: string) => writer.write({ bytes: bytes(text), peer: { address, port } });
  const receive = async () => textOf((await reader.read()).value);
  // Where nothing routes a group to the loopback interface, it cannot be tried.
  const timer = setInterval(() => void send("late", "127.0.0.1"), 2000);
  await send("to the group", group);
  const first = await receive();
  clearInterval(timer);
  if (first === "late") return t.skip("this system routes no multicast over loopback");
  assert.equal(first, "to the group");
  member.leave(group, "127.0.0.1");
  await send("to nobody", group);
  await send("to the port", "127.0.0.1");
  assert.equal(await receive(), "to the port");
});

test("several ports share an address where each asks for it", async () => {
  const first: DatagramPort = await openDatagrams({ reuseAddress: true });
  await using _first = first;
  const { port } = first.address;
  await assert.rejects(openDatagrams({ port }), { code: "address-in-use" });
  await using second = await openDatagrams({ port, reuseAddress: true });
  assert.equal(second.address.port, port);
});

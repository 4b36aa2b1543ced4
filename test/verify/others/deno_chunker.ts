// The pipeline everybody writes first: chunks of 1 KiB between the streams of the runtime.
const chunker = () =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, out) {
      for (let at = 0; at < bytes.length; at += 1024) out.enqueue(bytes.slice(at, at + 1024));
    },
  });

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(`listening on 127.0.0.1:${listener.addr.port}`);
for await (const peer of listener) {
  peer.readable.pipeThrough(chunker()).pipeTo(peer.writable).catch(() => {});
}

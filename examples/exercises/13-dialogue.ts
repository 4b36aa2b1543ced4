// Exercise 13: server and client hold a dialogue: each message is an answer to the one before, in both directions.
import { MessageSocket } from "echopipe";

await using server = await MessageSocket.listen({}, async (peer) => {
  await peer.send("What is your name?");
  const name = await peer.receive();
  await peer.send(`Where are you from, ${name}?`);
  await peer.send(`I know ${await peer.receive()} well`);
});

await using client = await MessageSocket.connect({ port: server.address.port });
const answers = ["Ada", "London"];
for await (const said of client) {
  console.log(`server: ${said}`);
  const answer = answers.shift();
  if (answer === undefined) continue; // the server has the last word, and ends the connection
  console.log(`client: ${answer}`);
  await client.send(answer);
}

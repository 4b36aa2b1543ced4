/**
 * The script of the chat page.
 *
 * @module
 */

/** JavaScript as browsers run it, behind that of the connection. */
export const chatScript: string = String.raw`
const ASKED = "Your name, please";
let name; // kept for the next connection
let joined = false;
let whoTimer;

function join(chosen) {
  name = chosen;
  socket.send(chosen);
}

function askName(question) {
  const asking = socket;
  ask(question, "name", (typed) => {
    if (socket === asking && admitted) join(typed);
  });
}

/** Asks who is there, a moment after the last change. */
function who() {
  clearTimeout(whoTimer);
  whoTimer = setTimeout(() => {
    if (joined && socket.readyState === WebSocket.OPEN) socket.send("/who");
  }, 200);
}

/** Shows who is there. Names have no comma. */
function showMembers(list) {
  byId("members").replaceChildren(...list.map((member) => {
    const item = document.createElement("li");
    item.textContent = member;
    return item;
  }));
}

function received(data) {
  if (typeof data !== "string") return;
  const here = /^(Welcome, .*\. )?Here: (.*) \(\d+\)/.exec(data);
  if (here !== null) {
    showMembers(here[2].split(", "));
    if (here[1] === undefined) return;
    joined = true;
    byId("question").hidden = true;
  }
  if (data === ASKED) return; // the page has asked already
  log(data);
  if (data.startsWith("Cannot join")) {
    name = undefined;
    askName(data.split(ASKED)[0].trim() + ". " + ASKED);
  } else if (/^[\d:]{8} \S.* (joined|left|is gone: .*)$/.test(data)) {
    who();
  }
}

begin({
  admitted(known) {
    joined = false;
    if (known !== undefined) return; // the server joins by that name
    if (name !== undefined) join(name);
    else askName(ASKED);
  },
  received,
  say(text) {
    if (joined) socket.send(text);
  },
  closed() {
    joined = false;
    showMembers([]);
  },
});
`;

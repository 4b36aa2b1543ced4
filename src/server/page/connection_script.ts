/**
 * The script of the page that both services share: one WebSocket after another, and the login.
 *
 * @module
 */

/** JavaScript as browsers run it. The service's own script calls `begin`. */
export const connectionScript: string = String.raw`"use strict";
const PROTOCOL = "echopipe.control.1";
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 10000;
const MAX_LINES = 500;
const byId = (id) => document.getElementById(id);

let socket;
let service; // { admitted(name), received(data), closed() } of the page's service
let admitted = false;
let over = false; // the server has said the last word: no other connection
let lastWord = "";
let waitMs = FIRST_WAIT_MS;
let token = sessionStorage.getItem(PROTOCOL) ?? undefined;

function show(state, text) {
  byId("status").dataset.state = state;
  byId("status").textContent = text;
  byId("again").hidden = state !== "ended";
}

/** Shows a line of text. Only text: nothing that comes from the network is ever HTML. */
function log(text, bad = false) {
  const list = byId("log");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const line = document.createElement("li");
  line.textContent = text;
  line.classList.toggle("bad", bad);
  list.append(line);
  while (list.childElementCount > MAX_LINES) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

/** Asks the person; answered is called with what was typed. */
function ask(question, field, answered) {
  const [form, input] = [byId("question"), byId("answer")];
  byId("asked").textContent = question;
  input.type = field === "name" ? "text" : "password";
  input.autocomplete = { "name": "username", "password": "current-password" }[field] ?? "new-password";
  input.value = "";
  form.hidden = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    form.hidden = true;
    const { value } = input;
    input.value = "";
    answered(value);
  };
  input.focus();
}

function sendControl(message) {
  socket.send(JSON.stringify(message));
}

function controlOf(data) {
  if (typeof data !== "string" || !data.startsWith("{")) return undefined;
  try {
    const message = JSON.parse(data);
    return Object.hasOwn(controls, message.type) ? message : undefined;
  } catch {
    return undefined;
  }
}

const controls = {
  welcome(message) {
    admitted = true;
    waitMs = FIRST_WAIT_MS;
    if (message.token !== undefined) sessionStorage.setItem(PROTOCOL, token = message.token);
    byId("question").hidden = true;
    show("connected", message.name === undefined ? "connected" : "connected as " + message.name);
    service.admitted(message.name);
  },
  ask({ field, text }) {
    const asking = socket;
    ask(text, field, (value) => {
      if (socket === asking && socket.readyState === WebSocket.OPEN) sendControl({ type: "answer", field, value });
    });
  },
  refused({ code, text }) {
    if (admitted) return log(text, true); // something that was asked for, not the client
    over = true;
    lastWord = text;
    if (code === "credentials") sessionStorage.removeItem(PROTOCOL);
  },
  bye({ reason, text }) {
    lastWord = text;
    over = reason !== "stop" && reason !== "idle";
    if (reason !== "logout" && reason !== "revoked") return;
    token = undefined;
    sessionStorage.removeItem(PROTOCOL);
  },
};

function connect() {
  over = false;
  lastWord = "";
  show("connecting", "connecting");
  const mine = socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host, PROTOCOL);
  mine.binaryType = "arraybuffer";
  mine.onopen = () => sendControl({ type: "hello", version: 1, token });
  mine.onmessage = ({ data }) => {
    const control = controlOf(data);
    if (control !== undefined) controls[control.type](control);
    else if (admitted) service.received(data);
  };
  mine.onclose = ({ code }) => {
    if (admitted) service.closed();
    admitted = false;
    byId("question").hidden = true;
    if (over || code === 1000) return show("ended", lastWord || "The server has ended the connection");
    // Not all at the same moment: half of the wait is by chance.
    const wait = waitMs / 2 + Math.random() * waitMs / 2;
    waitMs = Math.min(MAX_WAIT_MS, waitMs * 2);
    show("waiting", (lastWord || "no connection") + "; trying again");
    setTimeout(connect, wait);
  };
}

function begin(made) {
  service = made;
  byId("again").onclick = connect;
  byId("say").onsubmit = (event) => {
    event.preventDefault();
    const text = byId("text").value;
    if (!admitted || text === "" || socket.readyState !== WebSocket.OPEN) return;
    byId("text").value = "";
    service.say(text);
  };
  connect();
}
`;

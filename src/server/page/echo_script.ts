/**
 * The script of the echo page: every byte that comes back is compared, and the time it took is drawn.
 *
 * @module
 */

/** JavaScript as browsers run it, behind that of the connection. */
export const echoScript: string = String.raw`
const MAX_SAMPLES = 600;
const MAX_PENDING = 32;
const pending = []; // what was sent and did not come back yet, in order: TCP keeps it
const samples = []; // round-trip times in milliseconds; undefined: a gap
const sums = { sent: 0, back: 0, bytes: 0, wrong: 0, lost: 0 };

function send(data, probe) {
  pending.push({ data, probe, at: performance.now() });
  sums.sent++;
  socket.send(data);
}

function same(sent, got) {
  if (typeof sent === "string" || typeof got === "string") return sent === got;
  const bytes = new Uint8Array(got);
  return bytes.length === sent.length && bytes.every((byte, i) => byte === sent[i]);
}

function remember(sample) {
  samples.push(sample);
  if (samples.length > MAX_SAMPLES) samples.shift();
}

function received(data) {
  const now = performance.now();
  const sent = pending.shift();
  if (sent === undefined) {
    log(typeof data === "string" ? data : data.byteLength + " bytes that nobody sent", true);
    return;
  }
  const ms = now - sent.at;
  const equal = same(sent.data, data);
  sums.back++;
  sums.bytes += typeof data === "string" ? new TextEncoder().encode(data).length : data.byteLength;
  if (!equal) sums.wrong++;
  remember(ms);
  if (!sent.probe) log((equal ? "" : "WRONG: ") + data + "   " + ms.toFixed(2) + " ms", !equal);
}

function probe() {
  if (!admitted || !byId("probing").checked || pending.length >= MAX_PENDING) return;
  send(crypto.getRandomValues(new Uint8Array(Number(byId("size").value))), true);
}

const number = new Intl.NumberFormat("en");
function put(id, value, bad = false) {
  byId(id).textContent = value;
  byId(id).classList.toggle("bad", bad);
}

function draw() {
  requestAnimationFrame(draw);
  const times = samples.filter((ms) => ms !== undefined).sort((a, b) => a - b);
  const at = (share) => times.length === 0 ? "–" : times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2);
  put("sent", number.format(sums.sent));
  put("back", number.format(sums.back));
  put("bytes", number.format(sums.bytes));
  put("wrong", number.format(sums.wrong), sums.wrong > 0);
  put("lost", number.format(sums.lost), sums.lost > 0);
  put("median", at(0.5) + " ms");
  put("p99", at(0.99) + " ms");
  const canvas = byId("times");
  const scale = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const area = canvas.getContext("2d");
  area.setTransform(scale, 0, 0, scale, 0, 0);
  area.clearRect(0, 0, width, height);
  const most = Math.max(1, times[Math.floor(times.length * 0.99)] ?? 0) * 1.2; // what is beyond is cut off
  const { color } = getComputedStyle(canvas);
  area.fillStyle = area.strokeStyle = color;
  area.font = "12px system-ui, sans-serif";
  area.fillText(most.toFixed(most < 10 ? 1 : 0) + " ms", 4, 14);
  area.fillText("0", 4, height - 4);
  area.beginPath();
  let down = false;
  samples.forEach((ms, i) => {
    if (ms === undefined) return down = false;
    const [x, y] = [(i + MAX_SAMPLES - samples.length) * width / MAX_SAMPLES, height - ms / most * height];
    if (down) area.lineTo(x, y);
    else area.moveTo(x, y);
    down = true;
  });
  area.stroke();
}

begin({
  admitted() {},
  received,
  say(text) {
    send(text, false);
  },
  closed() {
    sums.lost += pending.length;
    pending.length = 0;
    remember(undefined);
  },
});
setInterval(probe, 100);
draw();
`;

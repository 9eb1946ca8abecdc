/** Connections on which a `100 Continue` that nobody asked for does no harm, and of which it is known whether they were kept. */
import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/** What `read` and `write` of a socket do here: the client reads by hand and writes one request at a time. */
type Plain = { read(size?: number): Buffer | null; write(...given: unknown[]): boolean }

/** Longest interim answer that is waited for, bytes. */
const MOST_HELD = 16 * 1024
/** All of 1xx but 101, after which no HTTP follows: a 103 may stand between two of 100. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r\n]/
const PART_OF_INTERIM = /^HTTP\/1\.[01] (?:1(?!01)\d{0,2})?$/
const END = /\r?\n\r?\n/

/** Errors of connections that had brought an answer before. */
const ofKept = new WeakSet<Error>()

/** Whether a connection failed that had been kept from an answer before: its server may have closed it as the request was written. */
export function wasKept(error: unknown): boolean {
  return error instanceof Error && ofKept.has(error)
}

/** The connector, whose sockets leave out interim answers such as `100 Continue`: undici takes one that it did not ask for as an error. */
export function toleratingContinue(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result
      if (socket) leaveOutContinue(socket)
      callback(...result)
    })
}

function leaveOutContinue(socket: Socket): void {
  const plain = socket as unknown as Plain
  const read = plain.read.bind(socket)
  const write = plain.write.bind(socket)
  /** Nothing but an interim answer has come since the last write. */
  let awaiting = false
  let held = Buffer.alloc(0)
  let answers = 0
  socket.prependListener('error', (error) => answers > 0 && ofKept.add(error))

  plain.write = (...given) => {
    awaiting = true
    return write(...given)
  }
  plain.read = (size) => {
    for (let chunk = read(size); ; chunk = read(size)) {
      if (chunk === null || !awaiting) return chunk
      held = Buffer.concat([held, chunk])
      const rest = withoutInterim(held)
      if (rest === undefined) continue
      held = Buffer.alloc(0)
      awaiting = false
      answers += 1
      return rest
    }
  }
}

/** What follows the interim answers, or undefined while that cannot be told. */
function withoutInterim(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1', 0, MOST_HELD)
  const isPart = 'HTTP/1.1'.startsWith(text) || 'HTTP/1.0'.startsWith(text) || PART_OF_INTERIM.test(text)
  if (!isPart && !INTERIM.test(text)) return bytes
  const end = END.exec(text)
  if (isPart || end === null) return text.length < MOST_HELD ? undefined : bytes
  return withoutInterim(bytes.subarray(end.index + end[0].length))
}

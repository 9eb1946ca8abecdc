/** Exchanges that no client library would send, byte for byte. */
import { connect, type Socket } from 'node:net'

/** Opens a connection to a loopback port; `text` is all that came, `closed` resolves at its end. */
export function openRaw(port: number): { socket: Socket; text(): string; opened: Promise<void>; closed: Promise<void> } {
  let received = ''
  const socket = connect(port, '127.0.0.1')
  // A door that is shut in the face is an answer too.
  socket.on('error', () => {})
  socket.setEncoding('latin1').on('data', (data: string) => (received += data))
  const opened = new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  opened.catch(() => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return { socket, text: () => received, opened, closed }
}

/** Sends bytes and resolves with all that comes until the other side closes. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const { socket, text, closed } = openRaw(port)
  socket.once('connect', () => socket.write(bytes))
  await closed
  return text()
}

/** The statuses of all answers in a text. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

/** The technician's door: a PIN, a lock-out that grows and outlives a restart, a session that ends by itself. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { writeFileDurably } from '../durable-file.ts'
import { AgentError } from '../fault.ts'
import type { AuditLog } from './audit-log.ts'

const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const
/** Wrong PINs before the first lock-out; each further one doubles the time. */
const FREE_TRIES = 5
const LOCK_FIRST_MS = 60_000
const LOCK_MOST_MS = 3_600_000
/** A door left alone closes. */
export const IDLE_MS = 10 * 60_000

type Kept = { salt: string; hash: string; failures: number; lockedAt: number; lockedMs: number }

export type DoorState = {
  pinSet: boolean
  /** ms until another try is taken; 0 when open to tries. */ lockedMs: number
}

export type Door = {
  state(): DoorState
  /** Sets the first PIN, or changes it with the present one. Rejects with AgentError. */
  setPin(pin: string, present?: string): Promise<void>
  /** A session token. Rejects with AgentError PIN_WRONG, PIN_LOCKED or PIN_NOT_SET. */
  open(pin: string): Promise<{ token: string; expiresInMs: number }>
  /** True where the token is a living session; using it keeps it alive. */
  isOpen(token: string): boolean
  /** The same without keeping it alive. */
  isLiving(token: string): boolean
  close(token: string): void
}

export function createDoor(options: { file: string; audit: AuditLog; now?: () => number }): Door {
  const { file, audit, now = Date.now } = options
  const sessions = new Map<string, number>()
  let kept = read(file)
  let checking: Promise<unknown> = Promise.resolve()

  const save = (next: Kept) => {
    writeFileDurably(file, JSON.stringify(next), 0o600)
    kept = next
  }
  // A clock put back must not lock for days, put forward not open at once more than once.
  const lockedMs = () =>
    kept === null ? 0 : Math.max(0, Math.min(kept.lockedMs, kept.lockedAt + kept.lockedMs - now()))

  async function check(pin: string): Promise<void> {
    if (kept === null) throw new AgentError('PIN_NOT_SET')
    if (lockedMs() > 0) throw new AgentError('PIN_LOCKED')
    const failures = kept.failures + 1
    const locked = failures < FREE_TRIES ? 0 : Math.min(LOCK_MOST_MS, LOCK_FIRST_MS * 2 ** (failures - FREE_TRIES))
    // Written before the answer is known: pulling the plug must not give a free try.
    save({ ...kept, failures, lockedAt: now(), lockedMs: locked })
    if (!timingSafeEqual(await digestOf(pin, kept.salt), Buffer.from(kept.hash, 'base64'))) {
      audit.write('technician', locked > 0 ? 'door.locked' : 'door.refused', { failures })
      throw new AgentError(locked > 0 ? 'PIN_LOCKED' : 'PIN_WRONG')
    }
    save({ ...kept, failures: 0, lockedAt: 0, lockedMs: 0 })
  }

  /** One try at a time: parallel guesses would share one count. */
  function oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const result = checking.then(work, work)
    checking = result.catch(() => {})
    return result
  }

  return {
    state: () => ({ pinSet: kept !== null, lockedMs: lockedMs() }),
    setPin: (pin, present) =>
      oneByOne(async () => {
        if (!/^\d{6,32}$/.test(pin)) throw new AgentError('PIN_TOO_SHORT')
        const first = kept === null
        if (!first) await check(present ?? '')
        const salt = randomBytes(16).toString('base64')
        const hash = (await digestOf(pin, salt)).toString('base64')
        audit.write('technician', first ? 'pin.set' : 'pin.changed')
        save({ salt, hash, failures: 0, lockedAt: 0, lockedMs: 0 })
        sessions.clear()
      }),
    open: (pin) =>
      oneByOne(async () => {
        await check(pin)
        audit.write('technician', 'door.opened')
        const token = `technician.${randomBytes(24).toString('base64url')}`
        sessions.set(token, now() + IDLE_MS)
        return { token, expiresInMs: IDLE_MS }
      }),
    isOpen(token) {
      const expiresAt = sessions.get(token)
      if (expiresAt === undefined) return false
      if (expiresAt <= now()) {
        sessions.delete(token)
        return false
      }
      sessions.set(token, now() + IDLE_MS)
      return true
    },
    isLiving: (token) => (sessions.get(token) ?? 0) > now(),
    close(token) {
      if (sessions.delete(token)) audit.write('technician', 'door.closed')
    },
  }
}

function read(file: string): Kept | null {
  if (!existsSync(file)) return null
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept
  } catch {
    return null // as good as deleted, which is how an administrator resets it
  }
}

const derive = promisify(scrypt) as (
  pin: string,
  salt: Buffer,
  length: number,
  options: typeof SCRYPT,
) => Promise<Buffer>

function digestOf(pin: string, salt: string): Promise<Buffer> {
  return derive(pin, Buffer.from(salt, 'base64'), 32, SCRYPT)
}

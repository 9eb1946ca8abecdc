/** The technician's door: a PIN, a lock-out that grows and outlives a restart, a session that ends by itself. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { writeFileDurably } from '../durable-file.ts'
import { AgentError } from '../fault.ts'
import type { AuditLog } from './audit-log.ts'

const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const
/** Wrong PINs before the first lock-out; each further one doubles the time. */
const FREE_TRIES = 5
const LOCK_FIRST_MS = 60_000
const LOCK_MOST_MS = 3_600_000
/** What a time server may put a clock back by; more ends every session. */
const CLOCK_STEP_MS = 60_000
/** A door left alone closes. */
export const IDLE_MS = 10 * 60_000

const keptForm = z.object({
  salt: z.base64().min(1),
  hash: z.base64().length(44),
  failures: z.int().min(0),
  lockedAt: z.number(),
  lockedMs: z.number().min(0).max(LOCK_MOST_MS),
})
type Kept = z.infer<typeof keptForm>

export type DoorState = {
  pinSet: boolean
  /** ms until another try is taken; 0 when open to tries. */
  lockedMs: number
}

export type Door = {
  state(): DoorState
  /** Sets the first PIN, or changes it with the present one. Rejects with AgentError. */
  setPin(pin: string, present?: string): Promise<void>
  /** A session token. Rejects with AgentError PIN_WRONG, PIN_LOCKED, PIN_NOT_SET or PIN_UNREADABLE. */
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
  /** The clock as it was last looked at. */
  let looked = now()
  let checking: Promise<unknown> = Promise.resolve()

  const save = (next: Kept) => {
    try {
      writeFileDurably(file, JSON.stringify(next), 0o600)
    } catch {
      // A try that cannot be counted is none, as an action that cannot be audited.
      throw new AgentError('AUDIT_NOT_WRITABLE')
    }
    kept = next
  }
  /** A clock put back would lock for days and keep sessions for as long: the lock begins anew, the sessions end. */
  function heedClock(): void {
    if (now() < looked - CLOCK_STEP_MS) sessions.clear()
    looked = now()
    if (kept && kept.lockedAt > looked) kept = { ...kept, lockedAt: looked }
  }

  /** An administrator resets the PIN by deleting its file, also while the terminal runs; a disk that is gone is no reset. */
  function heedReset(): void {
    if (kept === null || existsSync(file) || !existsSync(dirname(file))) return
    kept = null
    sessions.clear()
  }

  function lockedMs(): number {
    heedClock()
    return kept === null ? 0 : Math.max(0, kept.lockedAt + kept.lockedMs - looked)
  }

  async function check(pin: string): Promise<void> {
    heedReset()
    if (kept === null) throw new AgentError('PIN_NOT_SET')
    if (kept === UNREADABLE) throw new AgentError('PIN_UNREADABLE')
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
    state() {
      heedReset()
      return { pinSet: kept !== null, lockedMs: lockedMs() }
    },
    setPin: (pin, present) =>
      oneByOne(async () => {
        if (!/^\d{6,32}$/.test(pin)) throw new AgentError('PIN_TOO_SHORT')
        heedReset()
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
      heedReset()
      heedClock()
      const expiresAt = sessions.get(token)
      if (expiresAt === undefined) return false
      if (expiresAt <= now()) {
        sessions.delete(token)
        return false
      }
      sessions.set(token, now() + IDLE_MS)
      return true
    },
    isLiving(token) {
      heedClock()
      return (sessions.get(token) ?? 0) > now()
    },
    close(token) {
      if (sessions.delete(token)) audit.write('technician', 'door.closed')
    },
  }
}

/** A file that is there and says nothing: a disk's fault must not let the next comer set a PIN. */
const UNREADABLE: Kept = { salt: '', hash: '', failures: 0, lockedAt: 0, lockedMs: 0 }

function read(file: string): Kept | null {
  try {
    const found = keptForm.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return found.success ? found.data : UNREADABLE
  } catch (error) {
    // Deleting it is how an administrator resets the PIN.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : UNREADABLE
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

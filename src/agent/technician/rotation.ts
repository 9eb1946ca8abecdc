/** The installation's key exchanged while everything runs, without losing what waits. */
import { keySource, loadOlderKeys, loadSealer, retireOlderKeys, rotateKey } from '../../outbox/key-file.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import { AgentError } from '../fault.ts'
import { resealInstallationSecret } from '../installation-secret.ts'
import type { StateStore } from '../state-store.ts'

type RotationParts = {
  directory: string
  outbox: Pick<Outbox, 'rekey'>
  state: Pick<StateStore, 'rekey'>
}

/**
 * Makes a new key and seals everything under it; the old one is forgotten only
 * then, so that a crash at any moment leaves all of it readable.
 */
export async function rotateOutboxKey(parts: RotationParts): Promise<void> {
  if (keySource() === 'systemd') throw new AgentError('KEY_FROM_SYSTEMD')
  rotateKey(parts.directory)
  await sealAnew(parts)
}

/** Ends a rotation that a crash cut short, so that no older key outlives it. */
export async function finishRotation(parts: RotationParts): Promise<void> {
  if (keySource() === 'file' && loadOlderKeys(parts.directory).length > 0) await sealAnew(parts)
}

async function sealAnew({ directory, outbox, state }: RotationParts): Promise<void> {
  const sealer = loadSealer(directory)
  await outbox.rekey(sealer)
  await state.rekey(sealer)
  resealInstallationSecret(directory, sealer)
  retireOlderKeys(directory)
}

/** The installation's key exchanged while everything runs, without losing what waits. */
import { keySource, loadSealer, retireOlderKeys, rotateKey } from '../../outbox/key-file.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import { AgentError } from '../fault.ts'
import { resealInstallationSecret } from '../installation-secret.ts'
import type { StateStore } from '../state-store.ts'

/**
 * Makes a new key and seals everything under it; the old one is forgotten only
 * then, so that a crash at any moment leaves all of it readable.
 */
export async function rotateOutboxKey(parts: {
  directory: string
  outbox: Pick<Outbox, 'rekey'>
  state: Pick<StateStore, 'rekey'>
}): Promise<void> {
  const { directory, outbox, state } = parts
  if (keySource() === 'systemd') throw new AgentError('KEY_FROM_SYSTEMD')
  rotateKey(directory)
  const sealer = loadSealer(directory)
  await outbox.rekey(sealer)
  await state.rekey(sealer)
  resealInstallationSecret(directory, sealer)
  retireOlderKeys(directory)
}

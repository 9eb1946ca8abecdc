/** The envelope that the settings choose. */
import { createChsEnvelope } from './chs-envelope.ts'
import { createPayloadCipher } from './cipher.ts'
import { createEcEnvelope } from './ec-envelope.ts'
import type { Envelope } from './envelope.ts'
import type { QuanzhouSettings } from './settings.ts'
import { createSigner } from './signer.ts'

/** Prepares keys once; with SM2 it takes some 80 ms, most of it for the tables of curve and key. */
export function createEnvelope(settings: QuanzhouSettings): Envelope {
  const parts = { settings, signer: createSigner(settings), cipher: createPayloadCipher(settings) }
  return settings.envelope === 'ec' ? createEcEnvelope(parts) : createChsEnvelope(parts)
}

/** The envelope that the settings choose. */
import { createChsEnvelope } from './chs-envelope.ts'
import { createPayloadCipher } from './cipher.ts'
import { createEcEnvelope } from './ec-envelope.ts'
import type { Envelope } from './envelope.ts'
import type { QuanzhouSettings } from './settings.ts'
import { createSigner } from './signer.ts'

/** Keys are prepared once, SM2's soon after the start or when first needed. */
export function createEnvelope(settings: QuanzhouSettings): Envelope {
  const parts = { settings, signer: createSigner(settings), cipher: createPayloadCipher(settings) }
  return settings.envelope === 'ec' ? createEcEnvelope(parts) : createChsEnvelope(parts)
}

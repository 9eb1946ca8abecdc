import { expect, it, vi } from 'vitest'
import { ankang } from '../../src/transcode/codes/ankang.ts'
import type { Target } from '../../src/transcode/outcome.ts'
import type { Platform } from '../../src/transcode/platforms/platform.ts'
import { createTranscode } from '../../src/transcode/transcode.ts'

const CODE = ankang.samples[0]!.text
const CARD: Target = { type: '3401002', typeName: '电子健康码', qrCode: 'C', id: 'T1', object: {} }

function transcodeGiving(target: Target) {
  const verify = vi.fn(async () => ({ patient: { name: '章小桥' }, countedStep: '010101' }))
  const platforms: Platform[] = [
    { id: 'ankang', operations: {}, ask: async () => ({ targets: [target] }) },
    { id: 'health-card', operations: {}, verify },
  ]
  const definitions = [{ id: 'ankang' as const, formats: ['ankang' as const] }]
  return { verify, transcode: createTranscode({ recognise: (text) => ({ format: 'ankang', text }), definitions, platforms }) }
}

it('an 电子健康码 among the targets goes on to verifyQRCode', async () => {
  const { verify, transcode } = transcodeGiving(CARD)
  const ending = await transcode.scan(CODE)
  expect(verify).toHaveBeenCalledExactlyOnceWith('C', {})
  expect(ending).toMatchObject({ status: 'accepted', patient: { name: '章小桥' }, kept: { healthCardText: 'C', countedSteps: ['010101'] } })
})

it('the scanned 安康码 itself, which 识读 hands back, does not', async () => {
  const { verify, transcode } = transcodeGiving({ ...CARD, qrCode: CODE })
  expect(await transcode.scan(CODE)).toMatchObject({ status: 'accepted', targets: [{ qrCode: CODE }], failures: [] })
  expect(verify).not.toHaveBeenCalled()
})

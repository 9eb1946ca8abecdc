/** 国密 in 泉州's round trip: what it costs, against the library without tables and against OpenSSL, taken in turn in one run. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { sm2 } from 'sm-crypto'
import { sm2PrivateKey, sm2Sign, sm2Verify, type Sm2PrivateKey } from '../../src/transcode/crypto/sm2.ts'
import type { HttpClient } from '../../src/transcode/platforms/http.ts'
import { createEnvelope } from '../../src/transcode/platforms/quanzhou/create-envelope.ts'
import { quanzhou } from '../../src/transcode/platforms/quanzhou/quanzhou.ts'
import { quanzhouSettings, type QuanzhouSettings } from '../../src/transcode/platforms/quanzhou/settings.ts'
import { playedTools } from '../support/played-http.ts'
import { percentile } from './outbox.ts'

export type CryptoFigures = {
  /** Medians, ms: the whole exchange with a counterpart that answers at once, and what SM2 takes of it. */
  roundTripMs: number
  cryptoMs: number
  cryptoWithoutTablesMs: number
  signMs: number
  signOpensslMs: number
  verifyMs: number
  verifyOpensslMs: number
  /** Preparing both keys in this process, ms: once, and not before the start. */
  prepareMs: number
  /** Longest time without a turn of the event loop at 20 exchanges a second, ms; beside it with none. */
  blockedMs: number
  blockedP99Ms: number
  idleBlockedMs: number
  /** Processor time of the longest of those exchanges, ms: what crypto itself can block, whatever else the machine does. */
  longestCpuMs: number
}

const OURS = '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8'
const THEIRS = '5945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b9'
const FREEZE_QUERY = { psn_name: '测试一', cert_no: '350502198803070026', hosp_mdtrt_id: 'ZY0001' }
/** As long as the string that .02 signs. */
const TEXT = `chs_fjs_appid=ldxt&${'k=v&'.repeat(70)}key=testkey`

export async function benchCrypto(rounds = 300): Promise<CryptoFigures> {
  const preparedAt = performance.now()
  const ours = sm2PrivateKey(OURS)
  const theirs = sm2PrivateKey(THEIRS)
  sm2Verify(theirs.publicKey, TEXT, sm2Sign(ours, TEXT))
  const prepareMs = performance.now() - preparedAt

  const call = terminal(ours, theirs)
  const openssl = { private: privateKeyOf(ours), public: publicKeyOf(theirs) }
  const signature = sm2Sign(theirs, TEXT)
  const opensslSignature = sign('sm3', Buffer.from(TEXT), privateKeyOf(theirs))
  const bytes = Buffer.from(TEXT)
  const plain = { hash: true, publicKey: ours.publicKey.hex }
  const works = {
    roundTrip: () => call(),
    sign: () => sm2Sign(ours, TEXT),
    verify: () => sm2Verify(theirs.publicKey, TEXT, signature),
    plainSign: () => sm2.doSignature(TEXT, OURS, plain),
    plainVerify: () => sm2.doVerifySignature(TEXT, signature, theirs.publicKey.hex, { hash: true }),
    opensslSign: () => sign('sm3', bytes, openssl.private),
    opensslVerify: () => verify('sm3', bytes, openssl.public, opensslSignature),
  }
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, [] as number[]])) as Record<keyof typeof works, number[]>
  for (let round = -30; round < rounds; round++) {
    for (const [name, work] of Object.entries(works) as [keyof typeof works, () => unknown][]) {
      const startedAt = performance.now()
      const done = work()
      if (done instanceof Promise) await done
      if (done === false) throw new Error(`${name} does not hold`)
      if (round >= 0) times[name].push(performance.now() - startedAt)
    }
  }
  const p50 = (name: keyof typeof works) => percentile(times[name], 0.5)
  const idle = await blockedWhile(async () => {})
  const busy = await blockedWhile(call)
  return {
    roundTripMs: p50('roundTrip'),
    cryptoMs: p50('sign') + p50('verify'),
    cryptoWithoutTablesMs: p50('plainSign') + p50('plainVerify'),
    signMs: p50('sign'),
    signOpensslMs: p50('opensslSign'),
    verifyMs: p50('verify'),
    verifyOpensslMs: p50('opensslVerify'),
    prepareMs,
    blockedMs: busy.max,
    blockedP99Ms: busy.p99,
    idleBlockedMs: idle.max,
    longestCpuMs: busy.longestCpuMs,
  }
}

/** BC00.03.00.02 signed and verified with SM2, encrypted with SM4, against an answer that lies ready. */
function terminal(ours: Sm2PrivateKey, theirs: Sm2PrivateKey): () => Promise<unknown> {
  const settings = settingsOf(OURS, theirs)
  const at = Date.parse('2024-03-05T10:00:00+08:00')
  const data = { cntr_state: '1', frez_amt: '500.00', frez_time: '2024-03-05 09:00:00', cntr_act_amt: '0.00', cntr_setl_time: '' }
  const text = createEnvelope(settingsOf(THEIRS, ours)).sealResponse({ code: 0, words: '成功', data }, at)
  const http: HttpClient = { send: async () => ({ status: 200, headers: {}, text, ms: 0 }), close: async () => {} }
  const query = quanzhou.create(settings, playedTools(http, { now: at }).tools).operations['BC00.03.00.02']!
  return () => query.call(FREEZE_QUERY as never, {})
}

function settingsOf(privateKey: string, platform: Sm2PrivateKey): QuanzhouSettings {
  return quanzhouSettings.parse({
    envelope: 'chs',
    baseUrl: 'https://quanzhou.example/api',
    appId: 'ldxt',
    appSecret: '67b082f9d58045619a4ef05147b87659',
    bizKey: 'testkey',
    sm4Key: '0123456789abcdeffedcba9876543210',
    signType: 'SM2',
    encType: 'SM4',
    privateKey,
    platformPublicKey: platform.publicKey.hex,
  })
}

/** The longest waits of the event loop beyond the timer's own, over 5 s of 20 calls a second. */
async function blockedWhile(call: () => Promise<unknown>, seconds = 5) {
  const resolution = 1
  let longestCpuMs = 0
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  for (let count = 0; count < seconds * 20; count++) {
    const before = process.threadCpuUsage()
    await call()
    const { user, system } = process.threadCpuUsage(before)
    longestCpuMs = Math.max(longestCpuMs, (user + system) / 1000)
    await new Promise((done) => setTimeout(done, 50))
  }
  delay.disable()
  return { max: delay.max / 1e6 - resolution, p99: delay.percentile(99) / 1e6 - resolution, longestCpuMs }
}

/** OpenSSL takes SM2 keys in DER only. It signs under an empty user id, which costs the same. */
const ALGORITHM = '301306072a8648ce3d020106082a811ccf5501822d'
const publicKeyOf = ({ publicKey }: Sm2PrivateKey): KeyObject =>
  createPublicKey({ key: Buffer.from(`3059${ALGORITHM}034200${publicKey.hex}`, 'hex'), format: 'der', type: 'spki' })
const privateKeyOf = ({ hex, publicKey }: Sm2PrivateKey): KeyObject =>
  createPrivateKey({ key: Buffer.from(`308187020100${ALGORITHM}046d306b0201010420${hex}a144034200${publicKey.hex}`, 'hex'), format: 'der', type: 'pkcs8' })

if (import.meta.main) console.log(JSON.stringify(await benchCrypto()))

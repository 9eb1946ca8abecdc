/** Settings that point a terminal at the played platforms. */
import { DEFAULT_PROFILE, profilePath, rehearsalKey, rehearsalKeyHex, type Profile } from './quanzhou/profile.ts'
import { DEMO_LINK, DEMO_RECOGNITION } from './samples.ts'

/** Credentials the played platforms know; none of them opens anything else. */
export const ACCOUNTS = {
  healthCard: { appId: 'a0000000000000000000000000000001', appSecret: 'rehearsal-secret-health-card-001', hospitalId: '10086' },
  quanzhou: {
    appId: 'rehearsalquanzhou001',
    appSecret: 'rehearsal-secret-quanzhou-000001',
    bizKey: 'rehearsal-bizkey',
    salt: '0123456789abcdef0123456789abcdef',
    sm4Key: '00112233445566778899aabbccddeeff',
  },
  beijing: {
    hospitalCode: '1001',
    appSecret: 'rehearsal-secret-beijing-0000001',
    aesKey: '00112233445566778899aabbccddeeff',
    faceAppId: 'rehearsal-face',
    faceAppSecret: 'rehearsal-secret-face',
  },
  yuejiantong: {
    appCode: 'MAQIAO01',
    appKey: '0123456789ABCDEFFEDCBA9876543210',
    paasId: 'rehearsal_paas',
    token: 'rehearsal-token-yuejiantong',
    appSecret: 'rehearsal-secret-yuejiantong',
    serviceId: 'DGSP_0000000000000000001',
  },
  eVoucher: { orgId: 'H34010000001', codeField: 'qrCode' },
} as const

export type SettingsChoice = {
  /** Which 安康码 flow; default transcode. */
  flow?: 'transcode' | 'identify'
  /** 目标码 that are asked for; default 电子健康码 alone, so that most people have exactly one. */
  targetTypes?: string[]
  /** How the 泉州 site is set up; default chs, MD5, AES, user. */
  quanzhou?: Partial<Profile>
}

/** What a settings file needs beside `devices` and `api`. */
export function demoSettings(origin: string, choice: SettingsChoice = {}) {
  return {
    terminal: {
      id: 'W01',
      mode: 'window' as const,
      cityNo: '340100000000',
      sceneCode: '01002',
      medicalStep: '010101',
      channel: '0100',
      department: '内科',
    },
    hospital: {
      id: ACCOUNTS.healthCard.hospitalId,
      code: '01',
      name: '人民医院',
      cityCode: '340100',
      cityName: '合肥市',
      insuranceCode: ACCOUNTS.eVoucher.orgId,
    },
    platforms: {
      ankang: {
        flow: choice.flow ?? 'transcode',
        targetTypes: choice.targetTypes ?? ['3401002'],
        endpoints: {
          transcode: `${origin}/ankang/transcode`,
          identify: `${origin}/ankang/identify`,
          message: `${origin}/ankang/message`,
          config: `${origin}/ankang/config`,
        },
        headers: {},
        requestTimeoutMs: 5000,
      },
      healthCard: {
        baseUrl: origin,
        appId: ACCOUNTS.healthCard.appId,
        appSecret: ACCOUNTS.healthCard.appSecret,
        requestTimeoutMs: 5000,
      },
      quanzhou: quanzhouSettings(origin, { ...DEFAULT_PROFILE, ...choice.quanzhou }),
      beijing: {
        entryUrl: `${origin}/beijing/entry`,
        hospitalCode: ACCOUNTS.beijing.hospitalCode,
        appSecret: ACCOUNTS.beijing.appSecret,
        aesKey: ACCOUNTS.beijing.aesKey,
        faceUrl: `${origin}/beijing/checkFace`,
        faceAppId: ACCOUNTS.beijing.faceAppId,
        faceAppSecret: ACCOUNTS.beijing.faceAppSecret,
      },
      yuejiantong: {
        url: `${origin}/yuejiantong/gateway`,
        ...ACCOUNTS.yuejiantong,
        businessType: 1,
        entryUrl: DEMO_LINK,
      },
      eVoucher: {
        gatewayUrl: `${origin}/hsecfc/localQrCodeQuery`,
        codeField: ACCOUNTS.eVoucher.codeField,
        officeId: '0101',
        officeName: '内科',
      },
    },
    recognition: { ...DEMO_RECOGNITION },
  }
}

function quanzhouSettings(origin: string, profile: Profile) {
  const sm2 =
    profile.signType === 'SM2'
      ? { privateKey: rehearsalKeyHex('terminal'), platformPublicKey: rehearsalKey('platform').publicKey.hex }
      : {}
  return {
    ...profile,
    baseUrl: origin + profilePath(profile),
    ...ACCOUNTS.quanzhou,
    ...(profile.auth === 'oauth2' ? { tokenUrl: `${origin}/quanzhou/token` } : {}),
    ...sm2,
    requestTimeoutMs: 8000,
  }
}

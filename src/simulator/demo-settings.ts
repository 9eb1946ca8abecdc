/** Settings that point a terminal at the played platforms. */
import { DEMO_LINK, DEMO_RECOGNITION } from './samples.ts'

/** Credentials the played platforms know; none of them opens anything else. */
export const ACCOUNTS = {
  healthCard: { appId: 'a0000000000000000000000000000001', appSecret: 'rehearsal-secret-health-card-001', hospitalId: '10086' },
} as const

/** What a settings file needs beside devices and api; `flow` chooses between the two 安康码 flows. */
export function demoSettings(origin: string, options: { flow?: 'transcode' | 'identify' } = {}) {
  return {
    terminal: {
      id: 'W01',
      mode: 'window',
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
      insuranceCode: 'H34010000001',
    },
    platforms: {
      ankang: {
        flow: options.flow ?? 'transcode',
        targetTypes: ['3401002', '3401003'],
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
    },
    recognition: { ...DEMO_RECOGNITION },
  }
}

export { DEMO_LINK }

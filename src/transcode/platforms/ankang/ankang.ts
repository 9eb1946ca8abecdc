/** 安徽 安康码: 转码 or 识读 of a scanned code, 消息回传, 转码配置查询 (安康码融合转码规范 1.3). */
import type { PlatformDefinition } from '../platform.ts'
import { createAnswers } from './answers.ts'
import { deliverMessage, MESSAGE_KIND, messagesFor } from './message.ts'
import { createOperations } from './operations.ts'
import { ankangSettings, type AnkangSettings } from './settings.ts'
import { createTargetConfig } from './target-config.ts'
import { createAsk } from './wire.ts'

export const ankang: PlatformDefinition<AnkangSettings> = {
  id: 'ankang',
  settingsKey: 'ankang',
  settings: ankangSettings,
  formats: ['ankang'],
  needs: ['terminal.cityNo'],
  create(settings, tools) {
    const ask = createAsk(settings, tools)
    const config = createTargetConfig(settings, tools, ask)
    const answers = createAnswers({ settings, tools, ask, config })
    return {
      id: 'ankang',
      operations: createOperations(settings, tools, ask),
      ask: (code, { signal }) => answers(code.text, signal),
      reportsFor: (outcome, _kept, result, at) =>
        settings.endpoints.message === undefined ? [] : messagesFor(outcome, result, at, tools.site.terminal.cityNo),
      deliver: async (report, _attempt, { signal }) => {
        if (report.kind !== MESSAGE_KIND) {
          const error = { code: 'REPORT_KIND_UNKNOWN', message: '不认识这种上报', advice: '请升级码桥后由技术人员重新发送。' }
          return { kind: 'refused', error }
        }
        return deliverMessage(ask, report.payload, signal)
      },
    }
  },
}

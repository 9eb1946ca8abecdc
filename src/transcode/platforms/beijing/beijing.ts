/** 北京 医保电子凭证: the entry for the patient's phone, and the face check. */
import type { Operation, PlatformDefinition } from '../platform.ts'
import { validate } from '../validate.ts'
import { checkFace } from './check-face.ts'
import { entryUrl } from './entry-url.ts'
import { checkFaceRequest, checkFaceResponse, entryUrlRequest, entryUrlResponse } from './schemas.ts'
import { beijingSettings, entryOf, type BeijingSettings } from './settings.ts'

export const beijing: PlatformDefinition<BeijingSettings> = {
  id: 'beijing',
  settingsKey: 'beijing',
  settings: beijingSettings,
  formats: [],
  create(settings, tools) {
    const entry = entryOf(settings)
    const operations: Record<string, Operation> = {
      ...(entry && {
        entryUrl: {
          source: '北京 4.1',
          title: '医保电子凭证服务入口地址',
          request: entryUrlRequest,
          response: entryUrlResponse,
          call: async (body: unknown) => ({ url: entryUrl(entry, validate('beijing', entryUrlRequest, body), tools.now()) }),
        },
      }),
      checkFace: {
        source: '北京 4.2.2.2.2',
        title: '人脸身份验证',
        request: checkFaceRequest,
        response: checkFaceResponse,
        call: async (body: unknown, { signal }: { signal?: AbortSignal }) =>
          checkFace(settings, tools, validate('beijing', checkFaceRequest, body), signal),
      },
    }
    return { id: 'beijing', operations }
  },
}

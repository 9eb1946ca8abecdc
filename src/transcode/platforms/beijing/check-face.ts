/** checkFace over HTTP (北京 4.2.2.2.2; the document describes an SDK call, JSON over POST is our reading). */
import { replyJson } from '../http.ts'
import type { PlatformTools } from '../platform.ts'
import { validReply } from '../valid-reply.ts'
import { ownError, refusal } from './codes.ts'
import { FACE_THRESHOLD } from './dictionaries.ts'
import { checkFaceReply, type CheckFaceRequest, type CheckFaceResponse } from './schemas.ts'
import { exceeds } from './similarity.ts'
import type { BeijingSettings } from './settings.ts'

/** Asks whether face and person belong together. Rejects with PlatformError. */
export async function checkFace(
  settings: BeijingSettings,
  { http }: Pick<PlatformTools, 'http'>,
  request: CheckFaceRequest,
  signal: AbortSignal | undefined,
): Promise<CheckFaceResponse> {
  const { faceUrl, faceAppId, faceAppSecret } = settings
  if (faceUrl === undefined) throw ownError('PLATFORM_NOT_CONFIGURED')
  const reply = await http.send({
    platform: 'beijing',
    operation: 'checkFace',
    url: faceUrl,
    headers: { 'content-type': 'application/json;charset=utf-8', accept: 'application/json' },
    body: JSON.stringify({ appId: faceAppId, appSecret: faceAppSecret?.reveal(), ...request }),
    timeoutMs: settings.requestTimeoutMs,
    signal,
  })
  const { code, message, data } = validReply('beijing', checkFaceReply, replyJson('beijing', reply))
  if (String(code) !== settings.faceSuccessCode) throw refusal(String(code), message, [request.name, request.certNo])
  const matched = data === undefined ? undefined : exceeds(data, FACE_THRESHOLD)
  if (data === undefined || matched === undefined) throw ownError('SIMILARITY_INVALID')
  return { code, message: message ?? '', data, matched }
}

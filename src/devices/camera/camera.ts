/** The camera's life: opened, watched, lost, found again; every step in order on one queue. */
import { CAMERA_FAULTS, faultOf, type CameraFault } from './camera-fault.ts'
import { focusContinuously, hasTorch, openStream, setTorch } from './camera-stream.ts'
import { createDecodeClient, type Decoded } from './decode-client.ts'
import { createSteadyGuidance, guidanceOf, type Guidance, type SteadyGuidance } from './guidance.ts'
import { firstOf, noticeOf, type Choose, type Notice, type Taken } from './choice.ts'
import { createParts } from './parts.ts'
import { decodePicture, type PictureResult } from './picture.ts'
import { createSorter } from './sorter.ts'
import { watch, type FrameLight } from './watch.ts'

/** `lost` says why and what to do, and after how long it is tried again by itself, if it is. */
export type CameraState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'watching'
      readonly guidance: Guidance
      readonly width: number
      readonly height: number
      /** Undefined where the camera has no light. */
      readonly torch: boolean | undefined
      /** What was in view lately and is not taken, and why. */
      readonly notice?: Notice & { readonly part?: { readonly index: number; readonly count: number } }
    }
  | {
      readonly kind: 'lost'
      readonly fault: CameraFault
      readonly message: string
      readonly advice: string
      readonly retryMs: number | undefined
    }

export type CameraReading = { readonly text: string; readonly aim: string; readonly decodeMs: number }

export type CameraOptions = {
  /** Shows the picture; it is given the stream. */
  readonly video: HTMLVideoElement
  readonly onReading: (reading: CameraReading) => void
  readonly onState: (state: CameraState) => void
  /** Chooses where several codes are in view; the one that was found first by default. */
  readonly choose?: Choose
  /** One camera of several; the one that the system prefers by default. */
  readonly deviceId?: string
  /** A code out of view for so long counts as new; 3000 ms by default. */
  readonly forgetMs?: number
  /** Without a new frame for so long the camera is taken to be asleep; 3000 ms by default. */
  readonly stallMs?: number
}

export type Camera = {
  /** Resolves when it is watching or lost; a lost camera comes back by itself until `stop`. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Switches the camera's light; false where there is none. */
  torch(on: boolean): Promise<boolean>
  /** Reads a still picture with this camera's decoder. */
  decodePicture(picture: Blob): Promise<PictureResult>
  /** Stops for good and frees the decoder. */
  close(): Promise<void>
}

const NOTICE_MS = 3000

/** A camera that is off until `start`. */
export function createCamera(options: CameraOptions): Camera {
  const { video, stallMs = 3000, forgetMs = 3000, choose = firstOf } = options
  const client = createDecodeClient()
  const sorter = createSorter({ choose, forgetMs })
  /** Parts of a text that come in one picture after the other. */
  const parts = createParts()
  let wanted = false
  let session: { readonly track: MediaStreamTrack; readonly end: () => void } | undefined
  let state: CameraState = { kind: 'stopped' }
  let retry: ReturnType<typeof setTimeout> | undefined
  let torchOn: boolean | undefined
  let reopenedForBlack = false
  let noticed: { readonly at: number; readonly notice: NonNullable<(CameraState & { kind: 'watching' })['notice']> } | undefined
  let queue: Promise<void> = Promise.resolve()

  function inTurn(step: () => Promise<void>): Promise<void> {
    queue = queue.then(step, step)
    return queue
  }

  function tell(next: CameraState): void {
    if (JSON.stringify(next) === JSON.stringify(state)) return
    state = next
    options.onState(next)
  }

  async function open(): Promise<void> {
    if (!wanted || session) return
    // A camera tried again every few seconds shows its fault, not a flicker.
    if (state.kind !== 'lost') tell({ kind: 'starting' })
    try {
      const stream = await openStream(options.deviceId)
      video.srcObject = stream
      const [track] = stream.getVideoTracks()
      if (!wanted || !track) return release()
      video.muted = true
      video.playsInline = true
      await video.play()
      await focusContinuously(track)
      torchOn = hasTorch(track) ? false : undefined
      const steady = createSteadyGuidance()
      const onSeen = (decoded: Decoded, light: FrameLight) => see(decoded, light, steady)
      session = { track, end: watch({ video, track, client, stallMs, all: sorter.wantsAll, onSeen, onFault: drop }) }
    } catch (error) {
      release()
      lose(navigator.mediaDevices ? faultOf(error) : 'insecure')
    }
  }

  async function see({ sight, width, height, ms }: Decoded, light: FrameLight, steady: SteadyGuidance): Promise<void> {
    if (light === 'black') return blackOut()
    if (light === 'lit') reopenedForBlack = false
    // A covered lens stays reported until there is light.
    else if (state.kind === 'lost') return
    const now = performance.now()
    const seenIn = session
    const { taken, isNew } = await sorter.sort(sight, now)
    // Stopped while the choice was made.
    if (session !== seenIn) return
    if (isNew && taken.kind === 'read') options.onReading({ text: taken.code.text, aim: taken.code.aim, decodeMs: ms })
    const guidance = steady(taken.kind === 'read' && !taken.patient ? 'searching' : guidanceOf(sight, width, height), now)
    const notice = noticeNow(taken, now)
    tell({ kind: 'watching', guidance, width, height, torch: torchOn, ...(notice && { notice }) })
  }

  /** Shown long enough to be read, unless a code is taken. */
  function noticeNow(taken: Taken, now: number): NonNullable<typeof noticed>['notice'] | undefined {
    if (taken.kind === 'part') noticed = { at: now, notice: { ...noticeOf(taken), part: { index: taken.index, count: taken.count } } }
    else if (taken.kind === 'several') noticed = { at: now, notice: noticeOf(taken) }
    else if (taken.kind === 'read' || (noticed && now - noticed.at > NOTICE_MS)) noticed = undefined
    return noticed?.notice
  }

  /** Opening again cures a camera that woke badly; a covered lens is watched until there is light. */
  function blackOut(): void {
    if (reopenedForBlack) return lose('black')
    reopenedForBlack = true
    drop('black')
  }

  function release(): void {
    session?.end()
    session = undefined
    const stream = video.srcObject
    if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }

  function drop(fault: CameraFault): void {
    void inTurn(async () => {
      if (!session) return
      release()
      if (wanted) lose(fault)
    })
  }

  function lose(fault: CameraFault): void {
    const { message, advice, retryMs } = CAMERA_FAULTS[fault]
    tell({ kind: 'lost', fault, message, advice, retryMs })
    clearTimeout(retry)
    if (retryMs !== undefined && !session) retry = setTimeout(reopen, retryMs)
  }

  function reopen(): void {
    void inTurn(open)
  }

  async function start(): Promise<void> {
    wanted = true
    await inTurn(open)
  }

  async function stop(): Promise<void> {
    wanted = false
    clearTimeout(retry)
    await inTurn(async () => {
      release()
      sorter.clear()
      noticed = undefined
      tell({ kind: 'stopped' })
    })
  }

  async function torch(on: boolean): Promise<boolean> {
    if (!session || !hasTorch(session.track)) return false
    await setTorch(session.track, on)
    torchOn = on
    return true
  }

  const forget = onReturn(reopen)
  return {
    start,
    stop,
    torch,
    decodePicture: (picture) => decodePicture(picture, { client, choose, parts }),
    close: async () => {
      forget()
      await stop()
      client.close()
    },
  }
}

/** A camera plugged in, or allowed at last, need not wait for the next attempt. */
function onReturn(reopen: () => void): () => void {
  let permission: PermissionStatus | undefined
  navigator.mediaDevices?.addEventListener('devicechange', reopen)
  void navigator.permissions?.query({ name: 'camera' as PermissionName }).then(
    (status) => (permission = status).addEventListener('change', reopen),
    () => undefined,
  )
  return () => {
    navigator.mediaDevices?.removeEventListener('devicechange', reopen)
    permission?.removeEventListener('change', reopen)
  }
}

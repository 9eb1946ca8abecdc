/** A camera on trial: its picture at a chosen size, how many frames come, how long each takes to decode. */
import { computed, onBeforeUnmount, shallowReactive, shallowRef, type Ref } from 'vue'
import { CAMERA_FAULTS, faultOf, type CameraFault } from '../../devices/camera/camera-fault.ts'
import { hasTorch, setTorch } from '../../devices/camera/camera-stream.ts'
import { createDecodeClient, type DecodeClient } from '../../devices/camera/decode-client.ts'
import { maskCode } from '../../devices/scan.ts'

const KEPT = 120
const COUNT_MS = 2000

export type LastRead = { masked: string; length: number; ms: number; at: string }
export type TrialFigures = { width: number; height: number; fps: number; decodesPerSec: number; light: number }

export function useCameraTrial(video: Ref<HTMLVideoElement | null>) {
  const state = shallowRef<'off' | 'starting' | 'watching' | 'lost'>('off')
  const fault = shallowRef<CameraFault | null>(null)
  const cameras = shallowRef<MediaDeviceInfo[]>([])
  const figures = shallowReactive<TrialFigures>({ width: 0, height: 0, fps: 0, decodesPerSec: 0, light: 0 })
  const times = shallowRef<number[]>([])
  const last = shallowRef<LastRead | null>(null)
  const torch = shallowRef<boolean | undefined>(undefined)
  let decoder: DecodeClient | undefined
  let stream: MediaStream | undefined
  let turn = 0

  async function start(choice: { deviceId?: string; width: number; height: number }): Promise<void> {
    stop()
    const mine = ++turn
    state.value = 'starting'
    try {
      const { width, height, deviceId } = choice
      const got = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 }, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) },
        audio: false,
      })
      const track = got.getVideoTracks()[0]
      if (mine !== turn || !track || !video.value) return got.getTracks().forEach((one) => one.stop())
      stream = got
      video.value.srcObject = got
      await video.value.play()
      torch.value = hasTorch(track) ? false : undefined
      track.addEventListener('ended', () => mine === turn && lose('unplugged'))
      cameras.value = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput')
      state.value = 'watching'
      watchFrames(video.value, mine)
    } catch (error) {
      if (mine === turn) lose(navigator.mediaDevices ? faultOf(error) : 'insecure')
    }
  }

  function watchFrames(element: HTMLVideoElement, mine: number): void {
    const client = (decoder ??= createDecodeClient())
    let busy = false
    let [frames, decodes, since] = [0, 0, performance.now()]

    function count(): void {
      const now = performance.now()
      if (now - since < COUNT_MS) return
      figures.fps = (frames * 1000) / (now - since)
      figures.decodesPerSec = (decodes * 1000) / (now - since)
      ;[frames, decodes, since] = [0, 0, now]
    }

    async function decode(): Promise<void> {
      busy = true
      try {
        const picture = typeof VideoFrame === 'undefined' ? await createImageBitmap(element) : new VideoFrame(element)
        const { sight, ms, width, height } = await client.decode(picture, { still: false })
        if (mine !== turn) return
        decodes++
        Object.assign(figures, { width, height, light: sight.light.mean })
        times.value = [...times.value.slice(1 - KEPT), ms]
        if (sight.kind === 'read') last.value = { masked: maskCode(sight.text), length: [...sight.text].length, ms, at: new Date().toISOString() }
      } catch {
        // A frame that could not be taken is followed by another.
      } finally {
        busy = false
      }
    }

    function onFrame(): void {
      if (mine !== turn) return
      element.requestVideoFrameCallback(onFrame)
      frames++
      count()
      if (!busy && element.videoWidth > 0) void decode()
    }
    element.requestVideoFrameCallback(onFrame)
  }

  function lose(why: CameraFault): void {
    stop()
    fault.value = why
    state.value = 'lost'
  }

  function stop(): void {
    turn++
    stream?.getTracks().forEach((track) => track.stop())
    stream = undefined
    if (video.value) video.value.srcObject = null
    state.value = 'off'
    fault.value = null
    times.value = []
    last.value = null
    torch.value = undefined
  }

  async function turnTorch(): Promise<void> {
    const track = stream?.getVideoTracks()[0]
    if (!track || torch.value === undefined) return
    const on = !torch.value
    await setTorch(track, on).then(
      () => (torch.value = on),
      () => (torch.value = undefined),
    )
  }

  onBeforeUnmount(() => {
    stop()
    decoder?.close()
  })
  return {
    state, cameras, figures, times, last, torch, start, stop, turnTorch,
    fault: computed(() => (fault.value ? { code: `CAMERA_${fault.value.toUpperCase()}`, ...CAMERA_FAULTS[fault.value] } : null)),
  }
}

/** What is asked of the browser: a stream, its light, its focus. */

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }

/** The camera asked for; where it is not there or cannot give the usual picture, whichever there is. */
export async function openStream(deviceId: string | undefined): Promise<MediaStream> {
  const chosen = deviceId === undefined ? {} : { deviceId: { exact: deviceId } }
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { ...PICTURE, ...chosen }, audio: false })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'OverconstrainedError') throw error
    return navigator.mediaDevices.getUserMedia({ video: true, audio: false })
  }
}

/** Focus that follows the phone, where the camera has it; one that refuses still gives a picture. */
export async function focusContinuously(track: MediaStreamTrack): Promise<void> {
  if (!capabilitiesOf(track).focusMode?.includes('continuous')) return
  await track.applyConstraints({ advanced: [{ focusMode: 'continuous' } as MediaTrackConstraintSet] }).catch(() => undefined)
}

export function hasTorch(track: MediaStreamTrack): boolean {
  return capabilitiesOf(track).torch === true
}

export async function setTorch(track: MediaStreamTrack, on: boolean): Promise<void> {
  await track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
}

// Neither is in TypeScript's DOM library.
type Capabilities = MediaTrackCapabilities & { readonly torch?: boolean; readonly focusMode?: readonly string[] }

function capabilitiesOf(track: MediaStreamTrack): Capabilities {
  return track.getCapabilities?.() ?? {}
}

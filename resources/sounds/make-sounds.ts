/** Writes the screens' sounds: `node resources/sounds/make-sounds.ts`. Soft struck tones, 22.05 kHz, 16 bit, mono. */
import { writeFileSync } from 'node:fs'

const RATE = 22050

/** Seconds at which a tone of `hz` is struck, how long it rings (time constant) and how loud. */
type Tone = { at: number; hz: number; ring: number; gain: number }

const SOUNDS: Record<string, { length: number; tones: Tone[] }> = {
  // Up a fourth: done.
  accepted: {
    length: 0.55,
    tones: [
      { at: 0, hz: 784, ring: 0.11, gain: 0.5 },
      { at: 0.11, hz: 1047, ring: 0.16, gain: 0.6 },
    ],
  },
  // The same tone twice: your turn.
  choose: {
    length: 0.6,
    tones: [
      { at: 0, hz: 659, ring: 0.08, gain: 0.55 },
      { at: 0.2, hz: 659, ring: 0.13, gain: 0.55 },
    ],
  },
  // Down a fifth and dull: stop.
  refused: {
    length: 0.75,
    tones: [
      { at: 0, hz: 330, ring: 0.15, gain: 0.65 },
      { at: 0.2, hz: 220, ring: 0.22, gain: 0.75 },
    ],
  },
  // One soft tone: look at the screen.
  step: { length: 0.4, tones: [{ at: 0, hz: 587, ring: 0.12, gain: 0.45 }] },
  // A door bell, three times: somebody come, please.
  call: {
    length: 3.6,
    tones: [0, 1.2, 2.4].flatMap((at) => [
      { at, hz: 880, ring: 0.28, gain: 0.7 },
      { at: at + 0.32, hz: 698, ring: 0.4, gain: 0.7 },
    ]),
  },
}

for (const [name, { length, tones }] of Object.entries(SOUNDS)) {
  const samples = Math.round(length * RATE)
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + samples * 2, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(RATE, 24)
  wav.writeUInt32LE(RATE * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 2, 40)
  for (let i = 0; i < samples; i++) {
    const now = i / RATE
    let sum = 0
    for (const { at, hz, ring, gain } of tones) {
      const since = now - at
      if (since < 0) continue
      const attack = Math.min(1, since / 0.004)
      const body = Math.sin(2 * Math.PI * hz * since) + 0.28 * Math.sin(4 * Math.PI * hz * since) * Math.exp(-since / (ring / 3))
      sum += gain * attack * Math.exp(-since / ring) * body
    }
    const fade = Math.min(1, (samples - i) / (0.02 * RATE))
    wav.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sum * 0.7 * fade)) * 32767), 44 + i * 2)
  }
  writeFileSync(new URL(`${name}.wav`, import.meta.url), wav)
}

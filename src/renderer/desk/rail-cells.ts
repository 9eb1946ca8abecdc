/** The state of everything that a scan needs, for the rail at the foot of the desk. */
import { readersOf } from '../api/readers.ts'
import type { ScreenInfo } from '../api/screen-types.ts'
import type { IconName } from '../design/svg-icon.vue'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'
import { deskZhCn } from '../messages/desk-zh-cn.ts'
import { SKEW_MS } from './alerts.ts'
import type { Desk } from './desk-state.ts'

export type Health = 'good' | 'idle' | 'care' | 'bad' | 'off'
export type RailCell = { id: string; icon: IconName; label: string; word: string; health: Health; title?: string }

const DEVICE_HEALTH = { opening: 'idle', open: 'good', missing: 'bad', busy: 'bad', lent: 'care', failed: 'bad' } as const
const PLATFORM_HEALTH = { ok: 'good', failing: 'bad', unknown: 'idle', off: 'off' } as const
const KIND_ICONS = { serial: 'scanner', hid: 'scanner', keyboard: 'keyboard', camera: 'camera', api: 'terminal' } as const

/** Devices, then platforms, the outbox, the network and the terminal itself. */
export function railCells({ screen, camera, link, online }: Pick<Desk['state'], 'screen' | 'camera' | 'link' | 'online'>): RailCell[] {
  const words = deskZhCn.rail
  const up = link === 'up'
  const terminal: RailCell = {
    id: 'terminal',
    icon: 'terminal',
    label: words.terminal,
    word: up ? words.terminalUp : link === 'down' ? words.terminalDown : words.terminalConnecting,
    health: up ? 'good' : link === 'down' ? 'bad' : 'idle',
  }
  if (!screen) return [terminal]
  const { platforms, outbox } = screen
  const readers = readersOf(screen, camera)
  const cells = [
    ...(readers.length === 0 ? [noScanner()] : []),
    ...readers.map((device): RailCell => {
      const cell = {
        id: `device-${device.id}`,
        icon: KIND_ICONS[device.kind],
        label: device.model ?? sharedZhCn.deviceKinds[device.kind],
        word: sharedZhCn.deviceStates[device.state],
        health: DEVICE_HEALTH[device.state],
      }
      return device.fault ? { ...cell, title: `${device.fault.message}：${device.fault.advice}` } : cell
    }),
    ...platforms.map((platform): RailCell => {
      const skew = Math.abs(platform.clockSkewMs ?? 0)
      const skewed = platform.state === 'ok' && skew >= SKEW_MS
      return {
        id: `platform-${platform.id}`,
        icon: 'platform',
        label: sharedZhCn.platforms[platform.id] ?? platform.name,
        word: skewed ? words.skew(Math.round(skew / 60_000)) : words.states[platform.state],
        health: skewed ? 'care' : PLATFORM_HEALTH[platform.state],
        ...(platform.message ? { title: platform.message } : {}),
      }
    }),
    outboxCell(outbox),
    networkCell(platforms, online),
  ]
  // What was true when the terminal went is no news of now.
  if (link === 'down') for (const cell of cells) Object.assign(cell, { word: words.unknown, health: 'idle' })
  return [...cells, terminal]
}

function noScanner(): RailCell {
  return { id: 'device-none', icon: 'scanner', label: deskZhCn.rail.scanner, word: deskZhCn.rail.scannerNone, health: 'bad' }
}

function outboxCell(outbox: ScreenInfo['outbox']): RailCell {
  const words = deskZhCn.rail
  const cell = { id: 'outbox', icon: 'outbox', label: words.outbox } as const
  if (outbox.fault) return { ...cell, word: words.outboxFault, health: 'bad', title: outbox.fault.message }
  if (outbox.dead) return { ...cell, word: words.outboxDead(outbox.dead), health: 'care' }
  if (outbox.unproven) return { ...cell, word: words.outboxUnproven(outbox.unproven), health: 'care' }
  if (outbox.pending) return { ...cell, word: words.outboxPending(outbox.pending), health: 'idle' }
  return { ...cell, word: words.outboxNone, health: 'good' }
}

function networkCell(platforms: ScreenInfo['platforms'], online: boolean): RailCell {
  const words = deskZhCn.rail
  const asked = platforms.filter(({ state }) => state === 'ok' || state === 'failing')
  const silent = asked.length > 0 && asked.every(({ state }) => state === 'failing')
  const word = online ? (silent ? words.networkSilent : words.networkUp) : words.networkDown
  return { id: 'network', icon: 'network', label: words.network, word, health: online ? (silent ? 'care' : 'good') : 'bad' }
}

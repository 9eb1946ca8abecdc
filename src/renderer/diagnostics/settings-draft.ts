/** The settings file as it is being changed: the draft, what the terminal says of it, what would change. */
import { computed, onActivated, onBeforeUnmount, onMounted, shallowRef } from 'vue'
import type { Fault } from '../../transcode/outcome.ts'
import { settingFaultZhCn } from '../messages/diagnostics/setting-faults-zh-cn.ts'
import { faultOf } from './faults.ts'
import type { DiagnosticsClient } from './diagnostics-client.ts'
import type { Preview, SettingsAnswer } from './diagnostics-types.ts'

const TYPED_MS = 350

export function useSettingsDraft(client: DiagnosticsClient) {
  const stands = shallowRef<SettingsAnswer | null>(null)
  const draft = shallowRef<Record<string, unknown>>({})
  const preview = shallowRef<Preview>({ faults: [], diff: [] })
  const fault = shallowRef<Fault | null>(null)
  const checking = shallowRef(false)
  /** Counts what was read anew, so that fields forget what was typed into them. */
  const edition = shallowRef(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function read(): Promise<void> {
    turn++
    clearTimeout(timer)
    try {
      stands.value = await client.settings()
      draft.value = stands.value.settings
      preview.value = { faults: [], diff: [] }
      fault.value = null
      edition.value++
    } catch (error) {
      fault.value = faultOf(error)
    }
  }

  /** Asks the terminal at once; resolves when its answer stands. */
  async function check(): Promise<void> {
    const mine = ++turn
    clearTimeout(timer)
    checking.value = true
    try {
      const { faults, diff } = await client.previewSettings(draft.value)
      if (mine === turn) preview.value = { faults: faults.map(({ path, reason }) => ({ path, reason: settingFaultZhCn(reason) })), diff }
      fault.value = null
    } catch (error) {
      if (mine === turn) fault.value = faultOf(error)
    }
    if (mine === turn) checking.value = false
  }

  function change(next: Record<string, unknown>): void {
    draft.value = next
    clearTimeout(timer)
    timer = setTimeout(() => void check(), TYPED_MS)
  }

  onMounted(read)
  // Seen again with nothing changed in it: the file may have been.
  onActivated(() => {
    if (stands.value && draft.value === stands.value.settings) void read()
  })
  onBeforeUnmount(() => clearTimeout(timer))
  return {
    stands, draft, preview, fault, checking, edition, read, check, change,
    faults: computed<ReadonlyMap<string, string>>(() => new Map(preview.value.faults.map(({ path, reason }) => [path, reason]))),
    /** Takes a whole file in place of the draft. */
    replace(next: Record<string, unknown>): Promise<void> {
      draft.value = next
      edition.value++
      return check()
    },
  }
}

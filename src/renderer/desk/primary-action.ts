/** The one action that each state of the desk leads to. */
import { reactive, computed } from 'vue'
import { messages } from '../messages/zh-cn.ts'
import type { IconName } from '../design/svg-icon.vue'
import type { Desk } from './desk-state.ts'
import { endingWords } from './ending-words.ts'

export type Primary = { label: string; key: string; icon: IconName; run(): void }

/** Follows the stage; `selection` is the target that Enter would take. */
export function createPrimary(desk: Desk, selection: { index: number }, retryLink: () => void): Primary {
  const manual = (key: string): Primary => ({
    label: messages.waiting.manual,
    key,
    icon: 'edit',
    run: () => (desk.state.overlay = 'manual'),
  })

  const now = computed<Primary>(() => {
    const outcome = desk.state.current?.outcome
    switch (desk.stage.value) {
      case 'offline':
        return { label: messages.offline.retry, key: 'Enter', icon: 'refresh', run: retryLink }
      case 'working':
        return { label: messages.working.leave, key: 'Escape', icon: 'arrow', run: () => desk.next() }
      case 'accepted':
        return { label: messages.accepted.done, key: 'Enter', icon: 'check', run: () => desk.next() }
      case 'choose': {
        const target = outcome?.targets[selection.index]
        if (!target) return manual('F6')
        const label = messages.choose.use(target.typeName)
        return { label, key: 'Enter', icon: 'check', run: () => void desk.choose(target.id) }
      }
      case 'rejected':
      case 'unavailable':
      case 'unrecognised': {
        if (!outcome) return manual('F6')
        const { action, fresh } = endingWords(outcome)
        if (action === 'manual') return manual('Enter')
        const label = fresh ? messages.refused.rescan : messages.refused.rescanPlain
        return { label, key: 'Enter', icon: 'refresh', run: () => desk.next(fresh) }
      }
      case 'waiting':
        return manual('F6')
    }
  })

  return reactive({
    label: computed(() => now.value.label),
    key: computed(() => now.value.key),
    icon: computed(() => now.value.icon),
    run: () => now.value.run(),
  })
}

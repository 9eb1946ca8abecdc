/** The one action that each state of the desk leads to. */
import { reactive, computed } from 'vue'
import { deskZhCn } from '../messages/desk-zh-cn.ts'
import { deskEndingsZhCn } from '../messages/desk-endings-zh-cn.ts'
import type { IconName } from '../design/svg-icon.vue'
import type { Desk } from './desk-state.ts'
import { endingWords } from './ending-words.ts'

export type Primary = { label: string; key: string; icon: IconName; run(): void }

/** Follows the stage; `selection` is the target that Enter would take. */
export function createPrimary(desk: Desk, selection: { index: number }, retryLink: () => void): Primary {
  const manual = (key: string): Primary => ({
    label: deskZhCn.waiting.manual,
    key,
    icon: 'edit',
    run: () => (desk.state.overlay = 'manual'),
  })

  const now = computed<Primary>(() => {
    const outcome = desk.state.current?.outcome
    switch (desk.stage.value) {
      case 'offline':
        return { label: deskZhCn.offline.retry, key: 'Enter', icon: 'refresh', run: retryLink }
      case 'working':
        return { label: deskZhCn.working.leave, key: 'Escape', icon: 'arrow', run: () => desk.next() }
      case 'accepted':
        return { label: deskZhCn.accepted.done, key: 'Enter', icon: 'check', run: () => desk.next() }
      case 'choose': {
        const target = outcome?.targets[selection.index]
        if (!target) return manual('F6')
        const label = deskZhCn.choose.use(target.typeName)
        return { label, key: 'Enter', icon: 'check', run: () => void desk.choose(target.id) }
      }
      case 'rejected':
      case 'unavailable':
      case 'unrecognised': {
        if (!outcome) return manual('F6')
        const { action, fresh } = endingWords(outcome)
        if (action === 'manual') return manual('Enter')
        const label = fresh ? deskEndingsZhCn.rescan : deskEndingsZhCn.rescanPlain
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

/** The fields of a patient that the desk shows and copies, in their order. */
import type { Outcome } from '../../transcode/outcome.ts'
import { deskZhCn } from '../messages/desk-zh-cn.ts'

const FIELD_KEYS = ['name', 'idNumber', 'phone', 'healthCardId', 'phid', 'patid'] as const
export type FieldKey = (typeof FIELD_KEYS)[number]
export type PatientField = { key: FieldKey; label: string; value: string }

/** Those that the platform gave; values come from `shown`, which is masked unless revealed. */
export function patientFields(outcome: Outcome, shown: Outcome = outcome): PatientField[] {
  return FIELD_KEYS.flatMap((key) => {
    const value = shown.patient?.[key] ?? outcome.patient?.[key]
    return value ? [{ key, label: deskZhCn.accepted[key], value }] : []
  })
}

/** 340111199003071234 -> 340111 19900307 1234: the groups that people read aloud. */
export function idGroups(value: string): string[] {
  return value.length === 18 ? [value.slice(0, 6), value.slice(6, 14), value.slice(14)] : [value]
}

/** Whole years on `today`, or null without a birthday. */
export function ageOf(birthday: string | undefined, today = new Date()): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthday ?? '')
  if (!parts) return null
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number]
  const before = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < day)
  return today.getFullYear() - year - (before ? 1 : 0)
}
